"""Pattern E: a message moves its message group to the top, for both people, through the table's stream."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from harness.scenario import Circumstances, Run, scenario, write_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.dataset import Item, MessageGroup

POISON = "This one is poison."


@scenario("E", "a message moves its message group to the top")
def message_moves_its_group(run: Run) -> None:
    """Once the stream is delivered, both lists show the newest message, and the group rows' own records do nothing."""
    # before: a conversation whose last message is old, everything delivered that was written before
    group = run.need(
        min(run.groups, key=lambda group: group.last_message.created_at, default=None),
        "at least one message group",
        otherwise="the seed has none; give it some with --groups",
    )
    first, second = run.acting_first(group.participants)
    run.deliver()
    rows = rows_of(run, group)

    # do: one message, delivered
    sent = run.target.create_message(user_uuid=first.uuid, message_group_uuid=group.uuid, message="Are you there?")
    with run.recording() as calls:
        run.deliver()

    # after
    run.price("a message that moves its group", calls)
    for owner in (first, second):
        top = run.target.list_message_groups(user_uuid=owner.uuid, limit=1).entries
        run.expect(f"the group is on top for {owner.handle}", [row.uuid for row in top], [group.uuid])
        shows_the_groups(run, f"the list of {owner.handle} is otherwise as before", group=group, owner_uuid=owner.uuid)
    run.expect_writes(
        "both rows moved in one transaction, and their own records move nothing", calls, {"TransactWriteItems": 1}
    )
    run.expect_query("the rows are found by Query on the index", calls, key=group.uuid, index="message-group-sk-index")
    # Two rows deleted and two put, in the table and the index, and what it takes to find them and the newest message.
    budget = write_units(rows + rows_of(run, group), indexes=1) + 6.0
    run.expect_capacity("it costs one transaction of four writes", calls, at_most=budget)

    # do: several messages of both, delivered together
    for number, sender in enumerate((second, first, second), start=1):
        text = f"Yes, {number}."
        sent = run.target.create_message(user_uuid=sender.uuid, message_group_uuid=group.uuid, message=text)
    run.deliver()

    # after
    for owner in (first, second):
        top = run.target.list_message_groups(user_uuid=owner.uuid, limit=1).entries
        run.expect(f"{owner.handle} sees the last of several", [row.message for row in top], [sent.message])
        shows_the_groups(run, f"the list of {owner.handle} is otherwise as before", group=group, owner_uuid=owner.uuid)

    # do and after, again and again: what a trigger may do on AWS, and what goes wrong there
    for what, faced, discarded in hostile_circumstances():
        delivers_under(run, group, what, faced, discarded)

    # do: deliver once more
    with run.recording() as calls:
        delivery = run.deliver()

    # after
    run.expect("then the stream is at its end", delivery.records, 0)
    run.expect_writes("and nothing more is written", calls, {})


def hostile_circumstances() -> list[tuple[str, Circumstances, int]]:
    """Return what delivery has to stand, in words and in settings, and how many records are lost by design."""
    first_calls = count()
    halves = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0}
    return [
        ("one record a batch", Circumstances(parameters={"BatchSize": 1}), 0),
        ("a hundred records a batch", Circumstances(parameters={"BatchSize": 100}), 0),
        (
            "every record delivered twice",
            Circumstances(parameters={"BatchSize": 1}, emulation={"duplicate_rate": 1000}),
            0,
        ),
        ("late records", Circumstances(parameters={"BatchSize": 2}, emulation={"scatter_transactions": True}), 0),
        ("a poison record, and bisect", Circumstances(parameters=halves, fails_before=is_poisoned), 1),
        ("a crash between writing and answering", Circumstances(fails_after=lambda _: next(first_calls) == 0), 0),
    ]


def delivers_under(run: Run, group: MessageGroup, what: str, faced: Circumstances, discarded: int) -> None:
    """Send three messages, deliver them, and look at what both people see."""
    first, second = run.acting_first(group.participants)
    for sender, text in ((first, f"Before {what}."), (second, POISON), (first, f"After {what}.")):
        run.target.create_message(user_uuid=sender.uuid, message_group_uuid=group.uuid, message=text)
    delivery = run.deliver(faced)
    run.expect(f"{what}: only what can't be handled is given up", delivery.discarded, discarded)
    for owner in (first, second):
        shows_the_groups(run, f"{what}: the list of {owner.handle} is right", group=group, owner_uuid=owner.uuid)


def is_poisoned(event: Mapping[str, Any]) -> bool:
    """Whether the poison message was just written."""
    images = [record["dynamodb"].get("NewImage", {}) for record in event["Records"]]
    return any(image["pk"]["S"].startswith("MSG#") and image["message"]["S"] == POISON for image in images if image)


def shows_the_groups(run: Run, what: str, *, group: MessageGroup, owner_uuid: str) -> None:
    """Compare somebody's whole list, but for people with whom they were given a second group: D tells that."""
    owner = next(user for user in run.dataset.users if user.uuid == owner_uuid)
    found = run.target.list_message_groups(user_uuid=owner.uuid, limit=100).entries
    expected = run.expected.groups_of(owner)[:100]
    known = {row.uuid for row in expected}
    doubled = {row.handle for row in found if row.uuid not in known} - {user.handle for user in group.participants}
    shown, wanted = ([row for row in rows if row.handle not in doubled] for rows in (found, expected))
    run.expect(what, shown, wanted, collection=f"GRP#{owner.uuid}")


def rows_of(run: Run, group: MessageGroup) -> list[Item]:
    """Read both rows of a group."""
    lists = [run.items(f"GRP#{user.uuid}") for user in group.participants]
    return [row for rows in lists for row in rows if row.get("message_group_uuid") == {"S": group.uuid}]
