"""Shell scripts: their words and what those come to, and what they start on which files."""
