"""What tests are given: seeded pairs of databases, watched, and told of when a test fails."""

from harness.testing.given import given
from harness.testing.watching import watch

__all__ = ["given", "watch"]
