"""What tests are given: seeded pairs of databases, watched, and told of when a test fails."""
