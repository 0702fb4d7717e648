"""A local home for applications that keep conversations in one DynamoDB table and their users in Postgres."""
