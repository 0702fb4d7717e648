"""The event source mapping: its parameters, its rules in AWS's words, the files it is read from."""
