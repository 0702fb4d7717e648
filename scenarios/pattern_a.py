"""Pattern A: one message group's messages, newest first, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from harness.scenario import Run, read_units, scenario

if TYPE_CHECKING:
    from harness.dataset import MessageGroup

NOBODY = UUID(int=0)


@scenario("A", "list the messages of a message group")
def messages_of_a_group(run: Run) -> None:
    """Reading the longest conversation to its end gives every message once, and nobody else may read it."""
    # before: a conversation, one of its members, and somebody who is none
    group = run.need(
        max(run.groups, key=lambda group: (crosses_a_year(run, group), group.message_count), default=None),
        "at least one message group",
        otherwise="the seed has none; give it some with --groups",
    )
    member, pk = run.acting_first(group.participants)[0], f"MSG#{group.uuid}"
    strangers = (user.uuid for user in run.dataset.users if user not in group.participants)
    expected = run.expected.messages_of(group.uuid)
    limit = max(1, min(20, len(expected) // 3), len(expected) // 50)

    # do: read page after page
    with run.recording() as calls:
        pages = [run.target.list_messages(user_uuid=member.uuid, message_group_uuid=group.uuid, limit=limit)]
        while pages[-1].cursor and len(pages) <= len(expected):
            cursor = pages[-1].cursor
            pages.append(
                run.target.list_messages(
                    user_uuid=member.uuid, message_group_uuid=group.uuid, limit=limit, cursor=cursor
                )
            )

    # after
    run.price(f"a page of {limit} messages", calls, times=len(pages))
    run.expect_all("every message once, newest first, over all pages and years", pages, expected, collection=pk)
    if run.paged:
        sizes = [min(limit, len(expected) - start) for start in range(0, len(expected), limit)]
        run.expect("full pages, and no cursor on the last one", [len(page.entries) for page in pages], sizes)
    run.expect_query("the messages are read by Query on the table's own key", calls, key=pk)
    # Each page may ask the index who is a member (half a unit), and look one entry ahead.
    budget = read_units(run.items(pk), pages=len(pages)) + 1.0 * len(pages)
    run.expect_capacity("reading it costs what its size says", calls, at_most=budget)
    run.expect_refused(
        "somebody who is not in the group reads nothing",
        lambda: run.target.list_messages(user_uuid=next(strangers, str(NOBODY)), message_group_uuid=group.uuid),
        "not_a_member",
    )
    unknown = run.target.list_messages(user_uuid=member.uuid, message_group_uuid=str(NOBODY))
    run.expect("an unknown group is empty", unknown.entries, ())


def crosses_a_year(run: Run, group: MessageGroup) -> bool:
    """Tell whether a conversation goes on over a new year, where a key condition on the year would cut it."""
    oldest = next(iter(run.dataset.messages_of(group)), group.last_message)
    return oldest.created_at.year != group.last_message.created_at.year
