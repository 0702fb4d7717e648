"""`harness snapshot`: both databases saved, changed, and brought back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from harness.config import load_config
from harness.stack import attach
from tests.acceptance.conftest import new_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.endpoint import Endpoints
    from tests.acceptance.conftest import Project

TABLE = "cruddur-messages"
NEW = {"pk": {"S": "NOTE#new"}, "sk": {"S": "1"}, "bytes": {"B": b"\x00\xff"}, "tags": {"SS": ["a", "b"]}}


def endpoints(project: Project) -> Endpoints:
    found = attach(load_config(project.folder, project.environ, {}))
    assert found is not None
    return found.endpoints


def connect(project: Project) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(endpoints(project).postgres.dsn, autocommit=True)


def users(project: Project) -> list[tuple[Any, ...]]:
    with closing(connect(project)) as connection:
        return connection.execute("SELECT * FROM users ORDER BY uuid").fetchall()


def items(project: Project, table: str = TABLE) -> list[str]:
    pages = project.dynamodb().get_paginator("scan").paginate(TableName=table)
    return sorted(json.dumps(item, sort_keys=True, default=str) for page in pages for item in page["Items"])


def ruin(project: Project) -> None:
    client = project.dynamodb()
    first = client.scan(TableName=TABLE, Limit=1)["Items"][0]
    client.delete_item(TableName=TABLE, Key={"pk": first["pk"], "sk": first["sk"]})
    client.put_item(TableName=TABLE, Item={"pk": {"S": "NOTE#ruin"}, "sk": {"S": "1"}})
    with closing(connect(project)) as connection:
        connection.execute("UPDATE users SET display_name = 'ruined'")
        connection.execute("DROP TABLE activities")


@pytest.fixture
def saved(stack: Project) -> Iterator[Project]:
    """A stack of which `one` is saved; it is seeded again at the end."""
    stack.dynamodb().put_item(TableName=TABLE, Item=NEW)
    with closing(connect(stack)) as connection:
        connection.execute("UPDATE users SET display_name = 'before' WHERE handle = 'bayko'")
    stack.ok("snapshot", "save", "one")
    yield stack
    for snapshot in stack.ok("snapshot", "list", "--json").json:
        stack.ok("snapshot", "rm", snapshot["name"])
    stack.ok("reset")


def test_restore_brings_back_what_was_saved_however_it_was_ruined(saved: Project) -> None:
    before = users(saved), items(saved), saved.dynamodb().describe_table(TableName=TABLE)["Table"]
    ruin(saved)
    saved.dynamodb().create_table(
        TableName="extra",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    result = saved.ok("snapshot", "restore", "one", "--json").json
    assert result["restored"]["name"] == "one"
    assert users(saved) == before[0]
    assert items(saved) == before[1]
    assert saved.dynamodb().list_tables()["TableNames"] == [TABLE]
    after = saved.dynamodb().describe_table(TableName=TABLE)["Table"]
    for part in ("KeySchema", "StreamSpecification"):
        assert after[part] == before[2][part]
    assert after["LatestStreamArn"] != before[2]["LatestStreamArn"]
    assert saved.ok("schema", "diff").out.startswith("no difference")
    with closing(connect(saved)) as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
    ruin(saved)
    saved.ok("snapshot", "restore", "one")  # as often as you like
    assert items(saved) == before[1]


def test_restoring_fires_no_trigger(saved: Project) -> None:
    saved.ok("stream", "drain")
    checkpoints = saved.folder / ".harness" / "checkpoints"
    assert list(checkpoints.glob("*.json")) != []
    saved.ok("snapshot", "restore", "one")
    assert list(checkpoints.glob("*.json")) == []
    drained = saved.ok("stream", "drain", "--json").json
    assert drained["records"] == 0
    saved.ok("reset")
    assert saved.ok("stream", "drain", "--json").json["records"] == 0


def test_whoever_is_in_the_snapshot_can_sign_in_again_and_nobody_else(saved: Project) -> None:
    def alone() -> tuple[list[Any], list[Any]]:
        told = saved("users", "sync", "--dry-run", "--json").json
        return told["without_row"], told["without_pool_user"]

    saved.ok("seed", "--users", "20")
    assert alone() == ([], [])
    handles = {user["handle"] for user in saved.ok("users", "list", "--json").json}
    saved.ok("snapshot", "restore", "one")
    assert alone() == ([], [])
    [gone, *_] = handles - {user["handle"] for user in saved.ok("users", "list", "--json").json}
    assert saved("token", gone).code != 0
    assert saved.ok("token", "bayko").out
    saved.ok("seed")


def test_a_snapshot_without_users_leaves_the_pool_as_it_was(saved: Project) -> None:
    with closing(connect(saved)) as connection:
        connection.execute("DROP TABLE users CASCADE")
    saved.ok("snapshot", "save", "two")
    result = saved.ok("snapshot", "restore", "two")
    assert "the user pool is as it was before" in result.err
    assert saved.ok("token", "bayko").out


def test_connections_are_ended_and_counted_even_when_they_come_again(saved: Project) -> None:
    with closing(connect(saved)) as leaked:
        leaked.execute("BEGIN")
        leaked.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        assert saved.ok("snapshot", "save", "two", "--json").json["ended_connections"] == 1
        with pytest.raises(psycopg.OperationalError):
            leaked.execute("SELECT 1")
    with closing(connect(saved)):
        assert "1 connections" in saved.ok("snapshot", "restore", "two").out


def test_list_and_rm(saved: Project) -> None:
    assert "one" in saved.ok("snapshot", "list").out
    [found] = saved.ok("snapshot", "list", "--json").json
    assert found["items"] == {TABLE: len(items(saved))}
    assert "one" in saved.ok("snapshot", "rm", "one").out
    assert saved.ok("snapshot", "list", "--json").json == []
    with closing(connect(saved)) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'harness_snapshot%'").fetchall()
    assert left == []


def test_what_is_refused_changes_nothing(saved: Project) -> None:
    before = users(saved), items(saved)
    assert "already" in saved.refused(2, "snapshot", "save", "one")
    assert "can't be" in saved.refused(2, "snapshot", "save", "a/b")
    assert "did you mean" in saved.refused(2, "snapshot", "restore", "onne").lower()
    [file] = (saved.folder / ".harness" / "stack" / "snapshots" / "one").glob("*.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-10])
    assert "checksum" in saved.refused(3, "snapshot", "restore", "one")
    assert (users(saved), items(saved)) == before
    file.write_bytes(whole)
    with closing(connect(saved)) as connection:
        [(name,)] = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'harness_snapshot%'"
        ).fetchall()
        connection.execute(f"ALTER DATABASE {name} IS_TEMPLATE false")
    assert "lost its database" in saved.refused(2, "snapshot", "restore", "one")
    assert (users(saved), items(saved)) == before


def test_needs_a_stack(project: Project) -> None:
    assert "harness up" in project.refused(3, "snapshot", "list")


def test_reset_after_a_restore_is_the_seed_again(saved: Project) -> None:
    digest = saved.ok("reset", "--json").json["digest"]
    ruin(saved)
    saved.ok("snapshot", "restore", "one")
    assert saved.ok("reset", "--json").json["digest"] == digest
    assert not saved.ok("seed", "--json").json["changed"]


#: Runs the command line in a process that kills itself where a function is called.
DEADLY = """
import importlib, os, signal, sys
module, name = sys.argv[1].split(":")
setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
from harness.cli import main
sys.exit(main(sys.argv[2:]))
"""


def killed_at(project: Project, where: str, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DEADLY, where, *words],
        cwd=project.folder,
        env=project.environment(None),
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done


@pytest.mark.parametrize("moment", ["database:require_right", "archive:write_table", "record:write_whole"])
def test_a_save_that_is_killed_is_no_snapshot(embedded_stack: Project, moment: str) -> None:
    killed_at(embedded_stack, f"harness.snapshots.{moment}", "snapshot", "save", "cut")
    assert embedded_stack.ok("snapshot", "list", "--json").json == []
    embedded_stack.ok("snapshot", "save", "cut")
    embedded_stack.ok("snapshot", "restore", "cut")
    assert not embedded_stack.ok("seed", "--json").json["changed"]
    embedded_stack.ok("snapshot", "rm", "cut")


@pytest.mark.parametrize("mend", [("snapshot", "restore", "one"), ("reset",)])
def test_a_restore_that_is_killed_is_told_of_until_it_is_mended(embedded_stack: Project, mend: tuple[str, ...]) -> None:
    stack = embedded_stack
    stack.ok("snapshot", "save", "one")
    for moment in ("archive:make_table", "archive:replace_database"):
        killed_at(stack, f"harness.snapshots.{moment}", "snapshot", "restore", "one")
        assert "cut short" in stack.ok("users", "list").err
        stack.ok(*mend)
        assert "cut short" not in stack.ok("users", "list").err
        assert not stack.ok("seed", "--json").json["changed"]
    stack.ok("snapshot", "rm", "one")


def test_databases_of_others_keep_the_tables_that_no_schema_file_describes(
    embedded_stack: Project, tmp_path: Path
) -> None:
    """The stack of one project is the external services of another."""
    running = endpoints(embedded_stack)
    guest = new_project(tmp_path / "guest", "external")
    guest.environ["HARNESS_DYNAMODB_URL"] = running.dynamodb.url
    guest.environ["HARNESS_POSTGRES_DSN"] = running.postgres.dsn
    embedded_stack.dynamodb().create_table(
        TableName="theirs",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    before = users(embedded_stack), items(embedded_stack)
    guest.ok("snapshot", "save", "one")
    assert embedded_stack.ok("snapshot", "list", "--json").json == []
    ruin(embedded_stack)
    guest.ok("snapshot", "restore", "one")
    assert (users(embedded_stack), items(embedded_stack)) == before
    assert "theirs" in embedded_stack.dynamodb().list_tables()["TableNames"]
    guest.ok("snapshot", "rm", "one")
    with closing(connect(embedded_stack)) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        guest.environ["HARNESS_POSTGRES_DSN"] = running.postgres.dsn.replace("postgres:password", "guest:guest")
        assert "CREATEDB" in guest.refused(2, "snapshot", "save", "two")
        connection.execute("DROP ROLE guest")
    embedded_stack.dynamodb().delete_table(TableName="theirs")
