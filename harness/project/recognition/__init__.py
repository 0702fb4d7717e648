"""Which file of a folder is what, whatever it is called and wherever it lies."""
