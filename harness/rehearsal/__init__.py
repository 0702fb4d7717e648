"""A foreign project's scripts, run twice on a copy against scratch databases, and what came of it."""
