"""The message groups: who talks to whom, how much, and what; messages are made while they are read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from harness.dataset import Message, MessageGroup, User
from harness.seeding.conversation import Corpus, Script, choose_scripts, read_corpus, say
from harness.seeding.draw import Draw, make_uuid
from harness.seeding.timeline import Timeline, before, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.seeding.plan import SeedPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that a group's messages are made from."""

    plan: SeedPlan
    corpus: Corpus
    index: int
    uuid: str
    people: tuple[User, User]
    count: int
    timeline: Timeline

    def messages(self) -> Iterator[Message]:
        """Yield the messages, oldest first."""
        for exchange, start, script in _exchanges(self.corpus, self.plan.seed, self.index, self.count):
            yield from self.speak(exchange, start, script)

    def speak(self, exchange: int, start: int, script: Script) -> Iterator[Message]:
        """Yield one exchange, whose first message is the group's message number `start`."""
        seed, group = self.plan.seed, self.index
        draw = Draw(seed, "exchange", group, exchange)
        beginner = draw.below(2)
        me, you = self.people[beginner], self.people[1 - beginner]
        words = script.fill(draw) | {"me": _first_name(me), "you": _first_name(you)}
        lines = script.lines[: self.count - start]
        ages = self.timeline.ages(exchange, len(lines), draw)
        for number, ((speaker, text), age) in enumerate(zip(lines, ages, strict=True), start):
            yield Message(
                uuid=make_uuid(seed, "message", group, number),
                message_group_uuid=self.uuid,
                sender=you if speaker else me,
                text=say(text, words),
                created_at=self.plan.as_of - before(age),
            )


def make_conversations(plan: SeedPlan, users: tuple[User, ...]) -> Iterator[Conversation]:
    """Yield what each group is made from, in the order of their numbers."""
    corpus = read_corpus()
    for index, count in enumerate(share_out(plan)):
        exchanges = sum(1 for _ in _exchanges(corpus, plan.seed, index, count))
        low, high = pair(plan.seed, index)
        yield Conversation(
            plan=plan,
            corpus=corpus,
            index=index,
            uuid=make_uuid(plan.seed, "group", index),
            people=(users[low], users[high]),
            count=count,
            timeline=lay_out(plan, index, exchanges),
        )


def make_group(conversation: Conversation) -> MessageGroup:
    """Return the group itself; of its messages only the last exchange is made."""
    plan, index, count = conversation.plan, conversation.index, conversation.count
    last = deque(_exchanges(conversation.corpus, plan.seed, index, count), maxlen=1).pop()
    return MessageGroup(
        uuid=conversation.uuid,
        participants=conversation.people,
        message_count=count,
        last_message=deque(conversation.speak(*last), maxlen=1).pop(),
    )


def pair(seed: int, index: int) -> tuple[int, int]:
    """Return the two users, by number, of a group: all pairs of the first n users come before any with user n.

    No other order lets users be added without a group changing hands. Within one user's pairs chance decides.
    """
    high = (1 + isqrt(8 * index + 1)) // 2
    place = index - high * (high - 1) // 2
    return (place + Draw(seed, "pair", high).below(high)) % high, high


def share_out(plan: SeedPlan) -> Iterator[int]:
    """Yield how many messages each group has: one, and a share of the rest by rank; their sum is the plan's."""
    single = min(plan.single_message_groups, max(plan.groups - 1, 0))
    sharing, rest = plan.groups - single, plan.messages - plan.groups
    if not plan.groups:
        return
    total = sum(_weight(plan.skew, rank) for rank in range(sharing))
    over = rest - sum(rest * _weight(plan.skew, rank) // total for rank in range(sharing))
    for rank in range(sharing):
        yield 1 + rest * _weight(plan.skew, rank) // total + (rank < over)
    for _ in range(single):
        yield 1


def _weight(skew: int, rank: int) -> int:
    # Whole numbers, as the last digit of a float may differ between machines.
    return 10**12 // int((rank + 1) ** skew)


def _exchanges(corpus: Corpus, seed: int, group: int, count: int) -> Iterator[tuple[int, int, Script]]:
    start = 0
    for exchange, script in enumerate(choose_scripts(corpus, seed, group)):
        yield exchange, start, script
        start += len(script.lines)
        if start >= count:
            return


def _first_name(user: User) -> str:
    return user.display_name.split()[0]
