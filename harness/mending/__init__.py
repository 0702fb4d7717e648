"""Edits of findings, made or written as a patch."""
