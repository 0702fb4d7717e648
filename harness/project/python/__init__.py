"""Python as its text tells it: what names stand for, what is imported, what is missing."""
