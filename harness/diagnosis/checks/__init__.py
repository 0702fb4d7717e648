"""The checks, a module for each kind of thing to look for."""
