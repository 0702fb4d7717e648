"""What a seed script asks for and writes."""
