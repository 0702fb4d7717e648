"""What requests cost by AWS's rules, computed from items and requests alone, beside what an engine reports."""
