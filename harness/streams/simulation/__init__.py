"""Streams without an engine: records made from images, and a DynamoDB Streams service in memory."""
