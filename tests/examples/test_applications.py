"""Applications that make their own clients: as a process, in this process, with connections of their own."""

import subprocess
import sys

import boto3
import psycopg

APPLICATION = """
import os, boto3, psycopg
table = boto3.resource("dynamodb").Table(os.environ["DDB_MESSAGE_TABLE"])
table.put_item(Item={"pk": "MSG#1", "sk": "1"})
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(connection.execute("SELECT count(*) FROM users").fetchone()[0])
"""


def test_a_process(harness_env, harness_dynamodb_table, harness_dataset):
    done = subprocess.run(
        [sys.executable, "-c", APPLICATION], env=harness_env, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(harness_dataset.users)
    assert harness_dynamodb_table.get_item(Key={"pk": "MSG#1", "sk": "1"})["Item"]


def test_code_in_this_process(harness_namespace, harness_dataset):
    with harness_namespace.applied(), harness_namespace.watch() as seen:
        boto3.resource("dynamodb").Table(harness_dataset.table).put_item(Item={"pk": "MSG#1", "sk": "1"})
    seen.assert_wrote([{"pk": "MSG#1", "sk": "1"}])


def test_a_transaction_of_ones_own(harness_namespace, harness_postgres):
    with psycopg.connect(harness_namespace.endpoints.postgres.dsn) as other:
        other.execute("UPDATE users SET display_name = 'Somebody'")
        assert harness_postgres.execute("SELECT count(*) FROM users WHERE display_name = 'Somebody'").fetchone() == (0,)
        other.commit()
        assert harness_postgres.execute("SELECT 1 FROM users WHERE display_name = 'Somebody'").rowcount > 1


def test_the_engines(harness_stack, harness_namespace):
    assert harness_stack.endpoints.dynamodb.url == harness_namespace.endpoints.dynamodb.url
    assert harness_stack.endpoints.postgres.database != harness_namespace.endpoints.postgres.database
