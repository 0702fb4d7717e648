"""The story of `harness doctor`: from a project, or from databases, to findings."""
