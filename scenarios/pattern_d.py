"""Pattern D: a message that opens a conversation: two group rows and the message, all or none, one group for a pair."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations, islice
from typing import TYPE_CHECKING

from harness.scenario import Run, read_units, scenario
from harness.target import Broke, Refused

if TYPE_CHECKING:
    from concurrent.futures import Future

    from harness.dataset import User
    from harness.target import MessageView

Pair = tuple["User", "User"]


@scenario("D", "create a message that opens a new message group")
def message_that_opens_a_group(run: Run) -> None:
    """The first message makes the group for both people at once; nothing makes them a second one."""
    # before: two pairs of people who have no conversation
    everybody = (run.acting_first(pair) for pair in combinations(run.dataset.users, 2) if run.may_act(pair))
    strangers = (pair for pair in everybody if run.expected.conversation_of(*pair) is None)
    pairs = list(islice(strangers, 2))
    pair, other_pair = run.need(
        (pairs[0], pairs[1]) if len(pairs) > 1 else None,
        "two pairs of people without a message group",
        otherwise=f"the {len(run.dataset.users)} users of the seed leave {len(pairs)}; give it more with --users",
    )
    opens_a_group(run, *pair)
    adds_to_the_same_group(run, *pair)
    opens_one_group_at_once(run, *other_pair)
    refuses(run, pair[0])


def opens_a_group(run: Run, me: User, other: User) -> None:
    """Open a group and look at what is there."""
    # do
    began = run.now()
    with run.recording() as calls:
        made = run.target.create_message_group(user_uuid=me.uuid, other_user_uuid=other.uuid, message="Hello!")

    # after
    run.price("a message that opens a group", calls)
    run.expect(
        "the answer tells the message and its sender",
        (made.display_name, made.handle, made.message),
        (me.display_name, me.handle, "Hello!"),
    )
    run.expect_instant("it was created now", made.created_at, not_before=began)
    run.expect_writes("all of it is one transaction", calls, {"TransactWriteItems": 1})
    # Four small items, twice the price in a transaction, the two rows once more in the index; before that a look at
    # all of one's groups, at the full price of a consistent read.
    budget = 20.0 + 2 * read_units(run.items(f"GRP#{me.uuid}"))
    run.expect_capacity("it costs one small transaction", calls, at_most=budget)
    shows_the_group(run, "the group is in the list", me, other)


def adds_to_the_same_group(run: Run, me: User, other: User) -> None:
    """The other one writes first, too."""
    # before: the two have a group
    existing = run.expected.conversation_of(me, other)

    # do
    made = run.target.create_message_group(user_uuid=other.uuid, other_user_uuid=me.uuid, message="Hello to you!")

    # after
    run.expect("a second message goes to the group that is there", made.message_group_uuid, existing and existing.uuid)
    shows_the_group(run, "there is still one group in the list", me, other)


def opens_one_group_at_once(run: Run, me: User, other: User) -> None:
    """Both write to each other in the same moment."""
    # do
    with ThreadPoolExecutor(max_workers=2) as both, run.recording():
        sent = [
            both.submit(
                run.target.create_message_group, user_uuid=a.uuid, other_user_uuid=b.uuid, message=f"Hi, {b.handle}"
            )
            for a, b in ((me, other), (other, me))
        ]
        answers = [_group_or_refusal(future) for future in sent]

    # after
    refusals = [answer for answer in answers if answer.startswith("refused: ")]
    run.expect("two at once make one group", refusals or len(set(answers)), 1)
    shows_the_group(run, "the group is once in the list", me, other)


def _group_or_refusal(sent: Future[MessageView]) -> str:
    """Return the group's uuid; who comes a moment later has done nothing wrong, so that a refusal is a finding."""
    try:
        return sent.result().message_group_uuid
    except (Refused, Broke) as error:
        return f"refused: {error}"


def refuses(run: Run, me: User) -> None:
    """What can't be a conversation is not one."""
    pk = f"GRP#{me.uuid}"
    rows = len(run.items(pk))
    for what, other, text, reason in (
        ("nobody talks to themselves", me.uuid, "me again", "same_person"),
        ("nobody talks to somebody unknown", "00000000-0000-0000-0000-000000000000", "hello?", "user_unknown"),
        ("an empty message opens nothing", run.dataset.users[-1].uuid, "", "message_blank"),
    ):
        run.expect_refused(
            what,
            partial(run.target.create_message_group, user_uuid=me.uuid, other_user_uuid=other, message=text),
            reason,
        )
    run.expect("what was refused was not written", len(run.items(pk)), rows, collection=pk)


def shows_the_group(run: Run, what: str, me: User, other: User) -> None:
    """Both people's lists and the conversation itself are as they must be."""
    group = run.expected.conversation_of(me, other)
    uuid = group.uuid if group else ""
    for owner in (me, other):
        found = run.target.list_message_groups(user_uuid=owner.uuid, limit=100).entries
        run.expect(
            f"{what} of {owner.handle}", found, run.expected.groups_of(owner)[:100], collection=f"GRP#{owner.uuid}"
        )
        messages = run.target.list_messages(user_uuid=owner.uuid, message_group_uuid=uuid).entries
        run.expect(
            f"{owner.handle} reads its messages", messages, run.expected.messages_of(uuid), collection=f"MSG#{uuid}"
        )
