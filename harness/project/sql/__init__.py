"""SQL as psql takes it apart, the tables that it creates, and the slips in it."""
