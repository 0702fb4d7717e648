"""Somebody else's data access as target: measured though it makes its own clients, and its faults are shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from harness.handler_config import HandlerConfig
from tests.integration.scenarios.conftest import ROOT
from tests.integration.scenarios.test_patterns import failures, play

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.scenarios.conftest import Ground

#: An application with clients of its own, made from the environment when first needed; the adapter is its last lines.
OWN_CLIENTS = """
import os
from functools import cache
import boto3, psycopg
from harness.target import Refused, TargetContext
{imports}

@cache
def ddb(): return boto3.client("dynamodb")

@cache
def db(): return psycopg.connect(os.environ["CONNECTION_URL"], autocommit=True)

def make_target(context):
    import sys
    sys.path.append({root!r})
    from scenarios.messaging import Messaging, People, Table
    class App(Messaging):
        {method}
    return App(table=Table(client=ddb(), name=os.environ["DDB_MESSAGE_TABLE"]), people=People(connection=db()), clock=context.clock)
"""
NEWEST_TWENTY_OF_THIS_YEAR = """
        def list_messages(self, *, user_uuid, message_group_uuid, limit=20, cursor=None):
            from harness.instant import from_text
            from harness.target import MessageView, Page
            items = ddb().query(TableName="cruddur-messages", ScanIndexForward=False, Limit=20,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :year)",
                ExpressionAttributeValues={":pk": {"S": "MSG#" + message_group_uuid}, ":year": {"S": "2026"}})["Items"]
            return Page(entries=tuple(MessageView(uuid=i["message_uuid"]["S"], message_group_uuid=message_group_uuid,
                display_name=i["user_display_name"]["S"], handle=i["user_handle"]["S"], message=i["message"]["S"],
                created_at=from_text(i["sk"]["S"])) for i in items), cursor=None)
"""
SCANNING = """
        def list_message_groups(self, *, user_uuid, limit=20, cursor=None):
            boto3.resource("dynamodb").Table("cruddur-messages").scan()
            return super().list_message_groups(user_uuid=user_uuid, limit=limit, cursor=cursor)
"""
TWO_PUTS = """
        def create_message_group(self, *, user_uuid, other_user_uuid, message):
            from uuid import uuid4
            from scenarios.messaging import writes
            me, other = self.people.find(user_uuid), self.people.find(other_user_uuid)
            draft = writes.Draft(sender=me, text=writes.checked(message))
            view = writes._view(draft, str(uuid4()), self.clock())
            for item in (writes._group_row(me, other, view), writes._group_row(other, me, view), writes._message_item(draft, view)):
                ddb().put_item(TableName="cruddur-messages", Item=item)
            return view
"""


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    path = tmp_path / "adapter.py"
    yield path
    for module in [each for each in sys.modules.values() if getattr(each, "__file__", None) == str(path)]:
        if hasattr(module, "db"):
            module.db().close()
            module.ddb().close()


def write(path: Path, method: str) -> str:
    path.write_text(OWN_CLIENTS.format(imports="", root=str(ROOT), method=method.strip() or "pass"))
    return f"{path}:make_target"


def failed_steps(ground: Ground, target: str, pattern: str) -> dict[str, object]:
    with ground(target=target) as setting:
        (result,) = play(setting, pattern)
    assert result.error is None
    assert not result.passed
    return {step.name: step for step in result.steps if not step.passed}


def test_application_with_clients_of_its_own_is_measured(ground: Ground, adapter: Path) -> None:
    with ground(target=write(adapter, "")) as setting:
        results = play(setting, "ABCDE")
    assert failures(results) == []
    assert all(result.capacity > 0 for result in results)


def test_reading_by_the_current_year_is_found_out(ground: Ground, adapter: Path) -> None:
    failed = failed_steps(ground, write(adapter, NEWEST_TWENTY_OF_THIS_YEAR), "A")
    step = failed["every message once, newest first, over all pages and years"]
    assert "somebody who is not in the group reads nothing" in failed
    assert "message 24 of group" not in step.actual.splitlines()[-1]  # type: ignore[attr-defined]
    assert '"pk": "MSG#' in step.collection  # type: ignore[attr-defined]
    assert [call.operation for call in step.calls] == ["Query"]  # type: ignore[attr-defined]


def test_scan_is_found_out_also_through_the_resource_interface(ground: Ground, adapter: Path) -> None:
    failed = failed_steps(ground, write(adapter, SCANNING), "B")
    assert "the groups are read by Query on the table's own key" in failed


def test_group_without_transaction_and_made_twice_is_found_out(ground: Ground, adapter: Path) -> None:
    failed = failed_steps(ground, write(adapter, TWO_PUTS), "D")
    assert "all of it is one transaction" in failed
    assert "a second message goes to the group that is there" in failed
    assert "two at once make one group" in failed


def test_stream_without_handler_is_told(ground: Ground) -> None:
    with ground(handlers={}) as setting:
        (result,) = play(setting, "E")
    assert [step.actual for step in result.steps] == ["no handler is configured"]


def test_handler_that_fails_shows_its_own_error(ground: Ground, adapter: Path) -> None:
    adapter.write_text("def handler(event, context):\n    return event['Records'][0]['dynamodb']['OldImage']\n")
    with ground(handlers={"broken": HandlerConfig(handler=f"{adapter}:handler")}) as setting:
        (result,) = play(setting, "E")
    assert "KeyError: 'OldImage'" in str(result.error)
    assert "broken failed on each of 20 calls" in str(result.error)
