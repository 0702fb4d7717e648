"""Filter criteria: which records a mapping lets through."""
