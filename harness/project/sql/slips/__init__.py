"""The slip of the pen behind a syntax error of SQL."""
