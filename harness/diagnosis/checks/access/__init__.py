"""What the access patterns need."""
