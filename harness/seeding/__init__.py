"""From a seed number and an instant to a Dataset; pure."""
