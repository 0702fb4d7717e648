"""Compose files and other settings: services, hosts, and variables with those who read them."""
