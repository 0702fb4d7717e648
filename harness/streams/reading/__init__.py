"""Reading a stream: its shards in order, iterators that expire, and how far each mapping has come."""
