"""What runs inside the project's own Python processes. Imports as little as it can, and leaves no trace behind."""
