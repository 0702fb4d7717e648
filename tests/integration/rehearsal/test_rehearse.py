"""A whole project in the family's layout, with the faults that its users know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.project.place import Place
from tests.integration.rehearsal.projects import DB, PATHS, SCHEMA, SEED, TABLE, rehearsed

if TYPE_CHECKING:
    from harness.rehearsal.results import Rehearsal, ScriptRun, SqlRun
    from tests.integration.rehearsal.projects import Files

SEED_TABLE = f"""\
#!/usr/bin/env python3
{PATHS}
import uuid
from datetime import datetime, timezone
import boto3
from lib.db import user

table = boto3.resource("dynamodb", endpoint_url="http://dynamodb-local:8000", region_name="ca-central-1").Table("chats")
me, other = user("ines"), user("tariq")
now = datetime.now(timezone.utc).isoformat()
for mine, theirs in ((me, other), (other, me)):
    table.put_item(Item={{"pk": "GRP#" + mine["uuid"], "sk": now, "message_group_uuid": "g1", "message": "hello",
                         "user_uuid": theirs["uuid"], "user_display_name": theirs["name"], "user_handle": theirs["handle"]}})
table.put_item(Item={{"pk": "MSG#g1", "sk": now, "message": "hello", "message_uuid": str(uuid.uuid4()),
                     "user_uuid": me["uuid"], "user_display_name": me["name"], "user_handle": me["handle"]}})
"""
PATTERN = f"""\
#!/usr/bin/env python3
{PATHS}
import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb", region_name="ca-central-1").Table("chats")
found = table.query(KeyConditionExpression=Key("pk").eq("MSG#g1"), Limit=1)
print(len(found["Items"]), "ConsumedCapacity" in found)
print(reversed_items)
"""
HANDLER = """\
import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb", region_name="ca-central-1", endpoint_url="http://dynamodb.ca-central-1.amazonaws.com").Table("chats")


def lambda_handler(event, context):
    record = event["Records"][0]
    print(record["eventName"], context.aws_request_id)
    pk, sk = record["dynamodb"]["Keys"]["pk"]["S"], record["dynamodb"]["Keys"]["sk"]["S"]
    text = record["dynamodb"]["NewImage"]["message"]["S"]
    if pk.startswith("MSG#"):
        rows = table.query(IndexName="by-group", KeyConditionExpression=Key("message_group_uuid").eq(pk[4:]))["Items"]
        for row in rows:
            table.delete_item(Key={"pk": row["pk"], "sk": row["sk"]})
            table.put_item(Item=row | {"sk": sk, "message": text})
"""
COMPOSE = """\
services:
  app:
    environment:
      CONNECTION_URL: "postgresql://postgres:password@db:5432/cruddur"
  dynamodb-local:
    image: amazon/dynamodb-local
  db:
    image: postgres
"""
FILES: Files = {
    "backend-flask/db/schema.sql": ("sql-schema", SCHEMA),
    "backend-flask/db/seed.sql": ("sql-seed", SEED),
    "backend-flask/bin/db/schema-load": (None, '#!/usr/bin/bash\npsql $CONNECTION_URL cruddur < "$(realpath .)/db/schema.sql"\n'),
    "backend-flask/bin/db/seed": (None, '#!/usr/bin/bash\npsql $CONNECTION_URL cruddur < "$(realpath .)/db/seed.sql"\n'),
    "backend-flask/lib/db.py": ("db-library", DB),
    "backend-flask/bin/ddb/schema-load": ("table-schema", TABLE),
    "backend-flask/bin/ddb/seed": ("table-seed", SEED_TABLE),
    "backend-flask/bin/ddb/patterns/get-conversation": ("pattern-messages", PATTERN.replace('"..", "..")', '"..", "..", "..")')),
    "aws/lambdas/chat-stream.py": ("stream-handler", HANDLER),
    "docker-compose.yml": ("compose", COMPOSE),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(needs_embedded: None, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:  # noqa: ARG001 - skips
    return rehearsed(tmp_path_factory.mktemp("whole"), FILES)


def sql(found: Rehearsal, path: str, number: int) -> SqlRun:
    return next(run for run in found.sql if run.path.endswith(path) and run.pass_ == number)


def script(found: Rehearsal, name: str, number: int = 1) -> ScriptRun:
    return next(run for run in found.scripts if run.path.endswith(name) and run.pass_ == number)


def test_errors_of_sql_have_their_place_and_end_nothing(found: Rehearsal) -> None:
    run = sql(found, "seed.sql", 1)
    assert (run.exit_code, run.command) == (0, "psql cruddur -f backend-flask/db/seed.sql")
    assert run.stdout.startswith("filling the users")
    (error,) = run.errors
    assert (error.sqlstate, error.place) == ("23502", Place(path="backend-flask/db/seed.sql", line=7))
    assert error.detail.startswith("Failing row contains")
    assert "/ground/" not in run.stderr


def test_everything_is_loaded_twice_and_the_schema_last(found: Rehearsal) -> None:
    assert found.second is not None
    assert [len(held.relations["users"].rows) for held in (found.first, found.second)] == [2, 4]
    assert [held.tables["chats"].count for held in (found.first, found.second)] == [3, 6]
    assert [(run.path.rpartition("/")[2], run.pass_) for run in found.sql] == [
        ("schema.sql", 1),
        ("seed.sql", 1),
        ("seed.sql", 2),
        ("schema.sql", 2),
    ]
    assert sql(found, "schema.sql", 2).errors == ()


def test_scripts_reach_the_scratch_engines_whatever_stands_in_them(found: Rehearsal) -> None:
    assert script(found, "schema-load").stdout == "made\n"
    run = script(found, "ddb/seed")
    assert run.ok, run.stderr
    assert (run.command, run.cwd) == ("python bin/ddb/seed", "backend-flask")
    assert [(call.operation, call.region, call.endpoint) for call in run.calls] == [
        ("PutItem", "ca-central-1", "http://dynamodb-local:8000")
    ] * 3
    assert run.calls[-1].place is not None
    assert (
        FILES["backend-flask/bin/ddb/seed"][1].splitlines()[run.calls[-1].place.line - 1].startswith("table.put_item")
    )


def test_a_script_sees_no_more_than_it_asked_for_and_ends_as_it_would(found: Rehearsal) -> None:
    run = script(found, "get-conversation")
    assert run.stdout == "1 False\n"
    assert run.exit_code == 1
    assert run.traceback is not None
    assert (run.traceback.kind, run.traceback.at and run.traceback.at.text) == ("NameError", "print(reversed_items)")
    (call,) = run.calls
    assert (call.operation, call.answer["Count"], "LastEvaluatedKey" in call.answer) == ("Query", 1, True)


def test_the_handler_shows_its_faults(found: Rehearsal) -> None:
    trials = {trial.name: trial for trial in found.trials}
    assert len(trials) == 6
    assert trials["insert"].stdout == "INSERT insert-0\n"
    assert {item["message"]["S"] for item in trials["insert"].after} == {"the newer message"}
    assert {item["message"]["S"] for item in trials["batch-of-two"].after} == {"the newer message", "the older message"}
    assert {item["message"]["S"] for item in trials["late-record"].after} == {"the older message"}
    removal = trials["remove"].traceback
    assert removal is not None
    assert (removal.kind, removal.message, removal.at and removal.at.place.path) == (
        "KeyError",
        "'NewImage'",
        "aws/lambdas/chat-stream.py",
    )
    assert len(trials["redelivery"].before) == len(trials["redelivery"].after) == 2
    assert trials["unknown-group"].after == ()
    assert {call.endpoint for call in trials["insert"].calls} == {"http://dynamodb.ca-central-1.amazonaws.com"}


def test_nothing_was_left_out(found: Rehearsal) -> None:
    assert found.not_done == ()
    assert found.isolation in {"namespaces", "guard"}
