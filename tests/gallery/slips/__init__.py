"""Slips of the pen, a module for each kind."""
