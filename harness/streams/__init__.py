"""DynamoDB Streams to Lambda, named as AWS names it."""
