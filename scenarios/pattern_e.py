"""Pattern E: a message moves its message group to the top, for both people, through the table's stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.scenario import Run, scenario, write_units

if TYPE_CHECKING:
    from harness.dataset import Item, MessageGroup


@scenario("E", "a message moves its message group to the top")
def message_moves_its_group(run: Run) -> None:
    """Once the stream is delivered, both lists show the newest message, and the group rows' own records do nothing."""
    # before: a conversation whose last message is old, everything delivered that was written before
    group = run.need(
        min(run.dataset.groups, key=lambda group: group.last_message.created_at, default=None),
        "at least one message group",
        otherwise="the seed has none; give it some with --groups",
    )
    first, second = group.participants
    run.deliver()
    rows = rows_of(run, group)

    # do: one message, delivered
    sent = run.target.create_message(user_uuid=first.uuid, message_group_uuid=group.uuid, message="Are you there?")
    with run.recording() as calls:
        run.deliver()

    # after
    for owner in (first, second):
        top = run.target.list_message_groups(user_uuid=owner.uuid, limit=1).entries
        run.expect(f"the group is on top for {owner.handle}", [row.uuid for row in top], [group.uuid])
        shows_the_groups(run, f"the list of {owner.handle} is otherwise as before", owner_uuid=owner.uuid)
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
        shows_the_groups(run, f"the list of {owner.handle} is otherwise as before", owner_uuid=owner.uuid)

    # do: deliver once more
    with run.recording() as calls:
        delivery = run.deliver()

    # after
    run.expect("then the stream is at its end", delivery.records, 0)
    run.expect_writes("and nothing more is written", calls, {})


def shows_the_groups(run: Run, what: str, *, owner_uuid: str) -> None:
    """Compare somebody's whole list."""
    owner = next(user for user in run.dataset.users if user.uuid == owner_uuid)
    found = run.target.list_message_groups(user_uuid=owner.uuid, limit=100).entries
    run.expect(what, found, run.expected.groups_of(owner)[:100], collection=f"GRP#{owner.uuid}")


def rows_of(run: Run, group: MessageGroup) -> list[Item]:
    """Read both rows of a group."""
    lists = [run.items(f"GRP#{user.uuid}") for user in group.participants]
    return [row for rows in lists for row in rows if row.get("message_group_uuid") == {"S": group.uuid}]
