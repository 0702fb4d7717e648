"""How a service runs: processes and ports, no data."""
