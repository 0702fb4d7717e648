"""The DynamoDB table as code tells it: requests, clients, declarations, and who handles its stream."""
