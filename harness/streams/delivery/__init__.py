"""What becomes of the records of one shard: batches, attempts, halves, discards, checkpoints. Pure."""
