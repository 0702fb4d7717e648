"""What both databases of a running stack hold, under a name, to come back to."""
