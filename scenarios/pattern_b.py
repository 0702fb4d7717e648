"""Pattern B: somebody's message groups, the one with the newest message first, each showing the other person."""

from __future__ import annotations

from uuid import UUID

from harness.scenario import Run, read_units, scenario

NOBODY = UUID(int=0)


@scenario("B", "list the message groups of a user")
def message_groups_of_a_user(run: Run) -> None:
    """Reading the list of the person with most conversations gives each once, with its last message."""
    # before: the person with most conversations
    user = run.need(
        max(
            (user for user in run.users if run.expected.groups_of(user)),
            key=lambda user: len(run.expected.groups_of(user)),
            default=None,
        ),
        "somebody with at least one message group",
        otherwise="the seed has no message group; give it some with --groups",
    )
    pk = f"GRP#{user.uuid}"
    expected = run.expected.groups_of(user)
    limit = max(1, min(20, len(expected) // 2))

    # do: read page after page
    with run.recording() as calls:
        pages = [run.target.list_message_groups(user_uuid=user.uuid, limit=limit)]
        while pages[-1].cursor and len(pages) <= len(expected):
            pages.append(run.target.list_message_groups(user_uuid=user.uuid, limit=limit, cursor=pages[-1].cursor))

    # after
    run.price(f"a page of {limit} message groups", calls, times=len(pages))
    run.expect_all("every group once, newest first, showing the other person", pages, expected, collection=pk)
    run.expect_query("the groups are read by Query on the table's own key", calls, key=pk)
    budget = read_units(run.items(pk), pages=len(pages)) + 0.5 * len(pages)
    run.expect_capacity("reading them costs what their size says", calls, at_most=budget)
    if not run.over_http:
        nobodys = run.target.list_message_groups(user_uuid=str(NOBODY))
        run.expect("somebody without conversations has an empty list", nobodys.entries, ())
