"""From a plan to a dataset: same plan, same bytes, on any day and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.dataset import Dataset, Message, MessageGroup
from harness.seeding.activities import make_activities
from harness.seeding.groups import make_conversations, make_group
from harness.seeding.people import make_users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.seeding.plan import SeedPlan


def generate(plan: SeedPlan) -> Dataset:
    """Return the dataset of a plan. Memory grows with users and groups, not with messages."""
    users = make_users(plan)
    conversations = {conversation.uuid: conversation for conversation in make_conversations(plan, users)}

    def messages_of(group: MessageGroup) -> Iterator[Message]:
        return conversations[group.uuid].messages()

    return Dataset(
        seed=plan.seed,
        as_of=plan.as_of,
        table=plan.table,
        users=users,
        groups=tuple(map(make_group, conversations.values())),
        activities=make_activities(plan, users),
        messages_of=messages_of,
    )
