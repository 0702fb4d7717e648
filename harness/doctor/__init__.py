"""`harness doctor`: from a project, or from databases, to findings."""
