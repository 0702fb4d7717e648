"""Isolated, freshly seeded pairs of databases, made ahead of time from templates."""
