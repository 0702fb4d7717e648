"""`kill -9` of a command that is loading: the next one repairs what it left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from harness.engines.readiness import wait_until
from tests.gallery.build import build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Project

MANY = ("--messages", "40000")


def some_items(project: Project) -> None:
    """Raise OSError until the table holds an item."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{project.environ['HARNESS_DYNAMODB_PORT']}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    try:
        found = client.scan(TableName="cruddur-messages", Limit=1)["Items"]
    except (BotoCoreError, ClientError) as exc:
        raise ConnectionError(str(exc)) from exc
    if not found:
        raise ConnectionError("no item yet")


@pytest.mark.parametrize("mend", [("up", *MANY), ("seed", *MANY), ("reset",)])
def test_a_load_that_was_killed_is_repaired(project: Project, mend: tuple[str, ...]) -> None:
    process = project.start("up", *MANY)
    wait_until(
        "the load",
        lambda: some_items(project),
        timeout=60,
        alive=lambda: None if process.poll() is None else "the command has ended",
        logs=str,
    )
    process.kill()
    process.communicate()
    repaired = project.ok(*mend, "--json").json
    repaired = repaired.get("loaded", repaired)
    again = project.ok("seed", *(MANY if MANY[0] in mend else ()), "--json").json
    assert not again["changed"]
    assert again["digest"] == repaired["digest"]
    assert repaired["changed"]


@pytest.mark.embedded
def test_a_doctor_that_was_killed_is_cleared_by_down(project: Project, tmp_path: Path) -> None:
    project.environ["XDG_CACHE_HOME"] = str(tmp_path)
    theirs = tmp_path / "theirs"
    build(theirs)
    process = project.start("doctor", str(theirs))
    doctor = tmp_path / "access-pattern-harness" / "doctor" / ".harness"

    def both_started() -> None:
        if len([*doctor.glob("run-*/postgres.json"), *doctor.glob("run-*/dynamodb.json")]) < 2:
            raise ConnectionError("not both are started")

    wait_until(
        "the engines",
        both_started,
        timeout=60,
        alive=lambda: None if process.poll() is None else "the command has ended",
        logs=str,
    )
    process.kill()
    process.communicate()
    (run,) = doctor.glob("run-*")
    removed = project.ok("down", "--json").json
    assert str(run) in removed["removed_of_doctor"]
    assert removed["removed"] == []
    assert not run.exists()
    assert project.ok("down", "--json").json["removed_of_doctor"] == []
