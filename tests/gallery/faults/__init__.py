"""The catalogue of faults, a module for each family."""
