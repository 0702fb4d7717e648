"""The stream handler, against a table in memory: whatever comes, in whatever order, ends in the right state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.handlers import message_group_stream as stream
from tests.unit.scenarios.fake_table import Cancelled, FakeTable

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2025, 12, 31, 23, 59, 59, 999_990, tzinfo=UTC)
#: Group and its two people; ann is in both.
GROUPS = {"g1": ("ann", "bea"), "g2": ("ann", "cem"), "g3": ("bea", "cem")}


def at(step: int) -> str:
    return (START + timedelta(microseconds=step)).isoformat(timespec="microseconds")


def row(owner: str, other: str, group: str, text: str, sk: str) -> dict[str, dict[str, Any]]:
    return {
        "pk": {"S": f"GRP#{owner}"},
        "sk": {"S": sk},
        "message_group_uuid": {"S": group},
        "message": {"S": text},
        "user_uuid": {"S": other},
        "user_handle": {"S": other},
        "unread": {"N": "1"},
    }


def message(group: str, text: str, sk: str) -> dict[str, dict[str, Any]]:
    return {"pk": {"S": f"MSG#{group}"}, "sk": {"S": sk}, "message": {"S": text}, "user_uuid": {"S": GROUPS[group][0]}}


def record(name: str, item: dict[str, dict[str, Any]]) -> dict[str, Any]:
    keys = {"pk": item["pk"], "sk": item["sk"]}
    image = {} if name == "REMOVE" else {"NewImage": item}
    return {
        "eventName": name,
        "eventSourceARN": "arn:aws:dynamodb:r:1:table/t/stream/l",
        "dynamodb": {"Keys": keys} | image,
    }


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    """Three groups with one message each, at three instants."""
    return use(seeded(), monkeypatch)


def use(table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    monkeypatch.setattr(stream, "_client", lambda: table)
    return table


def seeded() -> FakeTable:
    table = FakeTable()
    for step, (group, (one, other)) in enumerate(GROUPS.items()):
        table.put(message(group, "first", at(step)))
        table.put(row(one, other, group, "first", at(step)))
        table.put(row(other, one, group, "first", at(step)))
    table.catch_up()
    return table


def rows(table: FakeTable, group: str) -> dict[str, tuple[str, str]]:
    """What each person's row of a group shows: text and the message's true instant; exactly one row each."""
    found = [item for item in table.items.values() if item.get("message_group_uuid") == {"S": group}]
    owners = [item["pk"]["S"].removeprefix("GRP#") for item in found]
    assert sorted(owners) == sorted(GROUPS[group]), f"rows of {group}: {owners}"
    assert all(item["unread"] == {"N": "1"} and item["user_handle"]["S"] in GROUPS[group] for item in found)
    return {
        owner: (item["message"]["S"], item.get("last_message_at", item["sk"])["S"])
        for owner, item in zip(owners, found, strict=True)
    }


def send(_table: FakeTable, *records: dict[str, Any]) -> None:
    stream.handler({"Records": list(records)}, object())


def test_message_moves_both_rows_in_one_transaction(table: FakeTable) -> None:
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    assert rows(table, "g1") == {"ann": ("news", at(50)), "bea": ("news", at(50))}
    assert len(table.transactions) == 1


def test_redelivered_record_writes_nothing(table: FakeTable) -> None:
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    table.catch_up()
    send(table, record("INSERT", new), record("INSERT", new))
    assert len(table.transactions) == 1


def test_older_record_that_comes_late_moves_nothing_back(table: FakeTable) -> None:
    old, new = message("g1", "old", at(40)), message("g1", "news", at(50))
    table.put(old)
    table.put(new)
    send(table, record("INSERT", new))
    send(table, record("INSERT", old))
    assert rows(table, "g1")["bea"] == ("news", at(50))


def test_batch_of_several_groups_moves_each_once(table: FakeTable) -> None:
    new = [message(group, f"{group} {step}", at(50 + step)) for step in range(4) for group in ("g1", "g2")]
    for item in new:
        table.put(item)
    send(table, *(record("INSERT", item) for item in new))
    assert rows(table, "g1")["ann"] == ("g1 3", at(53))
    assert rows(table, "g2")["cem"] == ("g2 3", at(53))
    assert len(table.transactions) == 2


def test_removed_last_message_shows_the_one_before(table: FakeTable) -> None:
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    table.catch_up()
    del table.items["MSG#g1", at(50)]
    send(table, record("REMOVE", new))
    assert rows(table, "g1")["ann"] == ("first", at(0))


def test_removed_only_message_leaves_the_rows(table: FakeTable) -> None:
    gone = table.items.pop(("MSG#g1", at(0)))
    send(table, record("REMOVE", gone))
    assert rows(table, "g1")["ann"] == ("first", at(0))


def test_edited_last_message_changes_text_and_keeps_the_place(table: FakeTable) -> None:
    edited = message("g1", "first, mended", at(0))
    table.put(edited)
    send(table, record("MODIFY", edited))
    assert rows(table, "g1")["ann"] == ("first, mended", at(0))


def test_two_groups_with_one_instant_both_survive(table: FakeTable) -> None:
    same = [message("g1", "one", at(50)), message("g2", "two", at(50))]
    for item in same:
        table.put(item)
    send(table, *(record("INSERT", item) for item in same))
    assert rows(table, "g1")["ann"] == ("one", at(50))
    assert rows(table, "g2")["ann"] == ("two", at(50))
    assert {item["sk"]["S"] for item in table.collection("GRP#ann")} == {at(50), at(51)}


def test_message_at_the_microsecond_its_row_was_moved_on_to(table: FakeTable) -> None:
    for item in (message("g1", "one", at(50)), message("g2", "two", at(50)), message("g2", "three", at(51))):
        table.put(item)
        send(table, record("INSERT", item))
        table.catch_up()
    assert rows(table, "g2")["ann"] == ("three", at(51))
    assert all("last_message_at" not in item for item in table.collection("GRP#ann"))


def test_group_rows_and_markers_touch_nothing(table: FakeTable) -> None:
    own = [item for key, item in table.items.items() if key[0].startswith("GRP#")]
    table.query = None  # type: ignore[assignment, method-assign] # any request would fail
    send(table, *(record("INSERT", item) for item in own), record("REMOVE", own[0]))


def test_unknown_group_touches_nothing(table: FakeTable) -> None:
    orphan = {**message("g1", "hello?", at(60)), "pk": {"S": "MSG#unknown"}}
    table.put(orphan)
    send(table, record("INSERT", orphan))
    assert table.transactions == []


def test_message_that_carries_its_group_is_no_group_row(table: FakeTable) -> None:
    new = message("g1", "news", at(50)) | {"message_group_uuid": {"S": "g1"}}
    table.put(new)
    table.catch_up()
    send(table, record("INSERT", new))
    assert [item["message"]["S"] for item in table.collection("MSG#g1")] == ["first", "news"]
    assert [item["sk"]["S"] for item in table.collection("GRP#bea")] == [at(2), at(50)]


@pytest.mark.parametrize(
    "stamp", ["2026-01-01T00:00:05", "2026-01-01T00:00:05.000000", "2026-01-01T02:00:05+02:00", "2026-01-01T00:00:05Z"]
)
def test_reference_formats_become_the_one_format(table: FakeTable, stamp: str) -> None:
    new = message("g1", "news", stamp)
    table.put(new)
    send(table, record("INSERT", new))
    assert rows(table, "g1")["ann"] == ("news", "2026-01-01T00:00:05.000000+00:00")


def test_duplicate_rows_of_one_person_become_one(table: FakeTable) -> None:
    table.put(row("ann", "bea", "g1", "first", at(-9)))
    table.catch_up()
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    assert rows(table, "g1") == {"ann": ("news", at(50)), "bea": ("news", at(50))}


def test_index_that_lacks_a_row_is_not_believed(table: FakeTable) -> None:
    table.index = [item for item in table.index if item["pk"] != {"S": "GRP#bea"}]
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    assert rows(table, "g1") == {"ann": ("news", at(50)), "bea": ("news", at(50))}


def test_index_that_shows_what_was_right_before_is_not_believed(table: FakeTable) -> None:
    new = message("g1", "news", at(50))
    table.put(new)
    send(table, record("INSERT", new))
    del table.items["MSG#g1", at(50)]
    # The index has seen nothing of all this: it still shows the first message, which is the newest again.
    send(table, record("REMOVE", new))
    assert rows(table, "g1") == {"ann": ("first", at(0)), "bea": ("first", at(0))}


def test_rows_that_never_hold_still_raise(table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(**_: Any) -> None:
        raise Cancelled(["TransactionConflict"])

    monkeypatch.setattr(table, "transact_write_items", cancelled)
    new = message("g1", "news", at(50))
    table.put(new)
    with pytest.raises(RuntimeError, match="g1 kept changing"):
        send(table, record("INSERT", new))


def test_table_is_the_one_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    found = record("INSERT", message("g1", "", at(0)))
    assert stream.touched([found]) == [("t", "g1")]
    del found["eventSourceARN"]
    assert stream.touched([found]) == [("cruddur-messages", "g1")]
    monkeypatch.setenv("DDB_MESSAGE_TABLE", "other")
    assert stream.touched([found]) == [("other", "g1")]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
        st.sampled_from(sorted(GROUPS)),
        st.integers(0, 6),
        st.sampled_from(["x", "y"]),
    ),
    max_size=12,
)


@settings(max_examples=500, deadline=None)
@given(changes=CHANGES, data=st.data())
def test_any_delivery_of_any_changes_ends_in_the_right_state(
    changes: list[tuple[str, str, int, str]], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        table = use(seeded(), monkeypatch)
        pending: list[dict[str, Any]] = []
        for name, group, step, text in changes:
            pending += change(table, name, message(group, f"{text}{step}", at(step)))
            if data.draw(st.booleans(), "deliver now"):
                deliver(table, data.draw(st.lists(st.sampled_from(pending), max_size=4)) if pending else [], data)
        for batch in batches(data.draw(st.permutations(pending)), data):
            deliver(table, batch, data)
        for group in GROUPS:
            newest = table.collection(f"MSG#{group}")[-1:]
            for shown in rows(table, group).values():
                assert not newest or shown == (newest[0]["message"]["S"], newest[0]["sk"]["S"])


def change(table: FakeTable, name: str, item: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Change the table, and yield the record of it, if it is one."""
    key = item["pk"]["S"], item["sk"]["S"]
    if name == "REMOVE":
        if table.items.pop(key, None) is not None:
            yield record(name, item)
    elif table.items.get(key) != item:
        yield record("MODIFY" if key in table.items else "INSERT", item)
        table.put(item)


def deliver(table: FakeTable, batch: list[dict[str, Any]], data: st.DataObject) -> None:
    if data.draw(st.booleans(), "the index has caught up"):
        table.catch_up()
    send(table, *batch)


def batches(records: list[dict[str, Any]], data: st.DataObject) -> Iterator[list[dict[str, Any]]]:
    while records:
        size = data.draw(st.integers(1, len(records)), "batch size")
        yield records[:size]
        records = records[size:]
