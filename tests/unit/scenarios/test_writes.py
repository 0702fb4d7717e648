"""What the reference implementation makes of a cancelled transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scenarios.messaging import keys, writes
from scenarios.messaging.people import Person
from scenarios.messaging.table import Table
from tests.unit.scenarios.fake_table import Cancelled

NOON = datetime(2026, 2, 2, 12, 0, tzinfo=UTC)
ME, OTHER = (Person(uuid=name, display_name=name, handle=name) for name in ("me", "other"))
DRAFT = writes.Draft(sender=ME, text="hi")


@dataclass
class Client:
    """Cancels transactions for the reasons given, in turn, and then accepts."""

    reasons: list[list[str]]
    marker: str | None = None
    sent: list[list[dict[str, Any]]] = field(default_factory=list)

    class exceptions:  # noqa: N801 - as boto3 names it
        TransactionCanceledException = Cancelled

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        self.sent.append(TransactItems)
        if self.reasons:
            raise Cancelled(self.reasons.pop(0))

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": {"pair_group_uuid": {"S": self.marker}}} if self.marker else {}


def create(client: Client) -> Any:
    return writes.create_message_group(Table(client=client, name="t"), DRAFT, OTHER, NOON)


def test_group_is_one_transaction_of_four_conditional_puts() -> None:
    client = Client([])
    view = create(client)
    (transaction,) = client.sent
    assert [action["Put"]["Item"]["pk"]["S"] for action in transaction] == [
        "GRP#me",
        "GRP#other",
        f"MSG#{view.message_group_uuid}",
        "PAIR#me#other",
    ]
    assert {action["Put"]["ConditionExpression"] for action in transaction} == {"attribute_not_exists(pk)"}
    assert "message_group_uuid" not in transaction[3]["Put"]["Item"], "a marker is no group row"


@pytest.mark.parametrize(
    ("code", "later"), [("ConditionalCheckFailed", timedelta(microseconds=1)), ("TransactionConflict", timedelta(0))]
)
def test_taken_key_moves_on_and_conflict_tries_again(code: str, later: timedelta) -> None:
    assert create(Client([["None", code, "None", "None"]])).created_at == NOON + later


def test_marker_of_somebody_faster_names_their_group() -> None:
    client = Client([["None", "None", "None", "ConditionalCheckFailed"]], marker="theirs")
    assert create(client) == "theirs"


def test_other_reasons_are_told_by_name() -> None:
    client = Client([["None", "ValidationError", "ItemCollectionSizeLimitExceeded", "None"]])
    with pytest.raises(
        writes.NotWritten, match=r"nothing was written: their group row: ValidationError, the message: Item"
    ):
        create(client)
    assert len(client.sent) == 1


class Put:
    """Takes one item into each key; of the first `lost` writes it takes the item, and the SDK repeats what got lost."""

    class exceptions:  # noqa: N801 - as boto3 names it
        class ConditionalCheckFailedException(Exception):
            pass

    def __init__(self, *, lost: int = 0, taken: int = 0) -> None:
        self.lost = lost
        stamps = [keys.sort_key(NOON + timedelta(microseconds=number)) for number in range(taken)]
        self.items: dict[str, dict[str, Any]] = {stamp: {"message_uuid": {"S": "theirs"}} for stamp in stamps}

    def put_item(self, *, Item: dict[str, Any], **_: Any) -> None:  # noqa: N803 - as boto3 names it
        sk = Item["sk"]["S"]
        if sk in self.items:
            raise self.exceptions.ConditionalCheckFailedException
        self.items[sk] = Item
        if self.lost:
            self.lost -= 1
            raise self.exceptions.ConditionalCheckFailedException

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        return {"Item": self.items[Key["sk"]["S"]]}


@pytest.mark.parametrize(("lost", "taken"), [(0, 0), (0, 3), (1, 0), (1, 3)])
def test_a_message_is_written_once_though_its_answer_got_lost(lost: int, taken: int) -> None:
    client = Put(lost=lost, taken=taken)
    view = writes.create_message(Table(client=client, name="t"), DRAFT, "g", NOON)
    assert view.created_at == NOON + timedelta(microseconds=taken)
    assert len(client.items) == taken + 1
    assert client.items[keys.sort_key(view.created_at)]["message_uuid"] == {"S": view.uuid}


def test_reasons_that_never_end_are_given_up() -> None:
    client = Client([["TransactionConflict"]] * 99)
    with pytest.raises(writes.NotWritten, match="50 attempts"):
        create(client)
