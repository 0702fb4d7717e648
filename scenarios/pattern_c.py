"""Pattern C: a message in a conversation that is there."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from harness.scenario import Run, scenario

NOBODY = UUID(int=0)
LONGEST_MESSAGE = 1024


@scenario("C", "create a message in an existing message group")
def message_in_a_group(run: Run) -> None:
    """What a member writes is in the conversation, as its newest message, once; what must not be there is refused."""
    # before: a conversation, one of its members, and somebody who is none
    group = run.need(
        min(run.groups, key=lambda group: group.message_count, default=None),
        "at least one message group",
        otherwise="the seed has none; give it some with --groups",
    )
    second, first = group.participants
    sender, pk = run.acting_first((first, second))[0], f"MSG#{group.uuid}"
    stranger = next((user.uuid for user in run.dataset.users if user not in group.participants), str(NOBODY))
    texts = ("See you at the dock. 🚀", "x" * LONGEST_MESSAGE)
    known = {message.uuid for message in run.expected.messages_of(group.uuid)}

    # do: write a short message, and the longest that is allowed
    for text in texts:
        began = run.now()
        with run.recording() as calls:
            made = run.target.create_message(user_uuid=sender.uuid, message_group_uuid=group.uuid, message=text)

        # after
        run.price(f"a message of {len(text):,} characters", calls)
        run.expect(
            "the answer tells the message, its sender and its group",
            (made.message_group_uuid, made.display_name, made.handle, made.message),
            (group.uuid, sender.display_name, sender.handle, text),
        )
        run.expect(
            "the message has a uuid of its own", is_new(made.uuid, known | {sender.uuid, group.uuid}), expected=True
        )
        run.expect_instant("it was created now", made.created_at, not_before=began)
        # One write unit per KB, and the look at who is a member.
        run.expect_capacity("it costs one small write", calls, at_most=4.0)
        known.add(made.uuid)
    newest = run.target.list_messages(user_uuid=sender.uuid, message_group_uuid=group.uuid, limit=len(texts) + 1)
    expected = run.expected.messages_of(group.uuid)
    run.expect(
        "they are the newest messages", newest.entries[: len(texts) + 1], expected[: len(texts) + 1], collection=pk
    )

    for what, who, text, reason in (
        ("somebody who is not in the group writes nothing", stranger, "let me in", "not_a_member"),
        ("an empty message is refused", sender.uuid, "", "message_blank"),
        ("a blank message is refused", sender.uuid, " \n\t\u3000", "message_blank"),
        ("a message over 1,024 characters is refused", sender.uuid, texts[1] + "x", "message_exceed_max_chars"),
    ):
        run.expect_refused(what, partial(post, run, who, group.uuid, text), reason)
    acknowledged = len(run.expected.messages_of(group.uuid))
    run.expect("what was refused was not written", len(run.items(pk)), acknowledged, collection=pk)


def post(run: Run, user_uuid: str, message_group_uuid: str, text: str) -> object:
    """Write a message that should be refused."""
    return run.target.create_message(user_uuid=user_uuid, message_group_uuid=message_group_uuid, message=text)


def is_new(uuid: str, known: set[str]) -> bool:
    """Tell whether it is a uuid, and none of those."""
    return str(UUID(uuid)) == uuid.lower() and uuid not in known
