"""The stream handler."""
