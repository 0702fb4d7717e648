"""Other people's data access as a Target."""
