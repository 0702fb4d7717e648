"""What the seed writes."""
