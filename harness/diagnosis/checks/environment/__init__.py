"""The machine, its services and how programs find them."""
