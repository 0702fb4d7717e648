"""Schema and seed of Postgres."""
