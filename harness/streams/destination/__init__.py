"""Where the records of discarded batches are told of."""
