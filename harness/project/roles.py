"""What a file of a project can be."""

from __future__ import annotations

from typing import Literal

Language = Literal["python", "shell", "sql", "yaml", "json", "dotenv", "toml", "text"]

Role = Literal[
    "sql-schema",  # creates the tables of Postgres: db/schema.sql
    "sql-seed",  # fills them: db/seed.sql
    "sql-query",  # a query of the application: db/sql/**
    "table-schema",  # creates the DynamoDB table: bin/ddb/schema-load
    "table-seed",  # fills it: bin/ddb/seed
    "table-tool",  # other scripts on the table: drop, scan, list-tables
    "pattern-messages",  # access pattern A as a script: bin/ddb/patterns/get-conversation
    "pattern-groups",  # access pattern B: bin/ddb/patterns/list-conversations
    "users-tool",  # cognito/list-users, db/update_cognito_user_ids
    "db-tool",  # bin/db/create, drop, sessions, connect, …
    "db-seed-tool",  # the script that runs psql on a schema or seed file
    "setup",  # runs the others in order
    "db-library",  # lib/db.py
    "table-library",  # lib/ddb.py
    "application",  # app.py, services/, routes/
    "stream-handler",  # aws/lambdas/*stream*.py
    "lambda",  # every other Lambda function
    "compose",
    "environment",  # .env files, Gitpod and Codespaces settings
    "template",  # SAM, CloudFormation
    "policy",  # IAM policy in JSON
    "requirements",
]
