"""A foreign project's programs, run on a copy, with nothing in reach but the doors we open."""
