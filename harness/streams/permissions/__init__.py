"""Which permissions AWS would ask for."""
