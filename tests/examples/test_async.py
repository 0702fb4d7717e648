"""Asynchronous tests (pytest-asyncio): fixtures as ever, connections by the namespace's DSN."""

import psycopg
import pytest


@pytest.mark.asyncio
async def test_connection(harness_namespace, harness_dataset):
    dsn = harness_namespace.endpoints.postgres.dsn
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute("SELECT count(*) FROM users")
        assert await cursor.fetchone() == (len(harness_dataset.users),)


@pytest.mark.asyncio
async def test_table(harness_dynamodb_table):
    harness_dynamodb_table.put_item(Item={"pk": "MSG#1", "sk": "1"})
    assert harness_dynamodb_table.get_item(Key={"pk": "MSG#1", "sk": "1"})["Item"]
