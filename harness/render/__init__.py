"""Report to text, JSON, HTML and JUnit XML."""
