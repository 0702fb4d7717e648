"""Schema files of a project, read and checked before any engine is asked."""

from harness.schema_files.read import read_schema

__all__ = ["read_schema"]
