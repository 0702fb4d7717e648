from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.seeding.generate import generate
from tests.unit.seeding.plans import baseline, make_plan, plans

if TYPE_CHECKING:
    from harness.dataset import Dataset, Message
    from harness.seeding.plan import SeedPlan

#: No test fails because the machine is busy.
unhurried = settings(deadline=None)


def all_messages(dataset: Dataset) -> list[list[Message]]:
    return [list(dataset.messages_of(group)) for group in dataset.groups]


def test_baseline_is_what_it_was() -> None:
    """A change here is another dataset for everybody: say so in the changelog."""
    assert generate(baseline()).digest() == "df6e4547b67377aec398db67ad43ccce86c96ac94077a806af2c84e14115e62d"


def test_made_up_people_are_who_they_were() -> None:
    """Fails when another Faker makes other names."""
    assert generate(baseline(users=40)).digest() == "6c8b23d23197bf995d4a405cd5064122ea3530ac37f0f5dac2ced5cb91c1fa13"


def test_baseline_is_large_and_varied_enough() -> None:
    dataset = generate(baseline())
    counts = dataset.counts()
    sizes = [group.message_count for group in dataset.groups]
    assert counts["users"] >= 12
    assert counts["message_groups"] >= 24
    assert counts["messages"] >= 600
    assert any(activity.reply_to_activity_uuid for activity in dataset.activities)
    assert {user.handle for user in dataset.users} >= {"andrewbrown", "bayko", "londo"}
    assert max(sizes) > 100
    assert sizes.count(1) >= 3
    talking = {user.handle for group in dataset.groups for user in group.participants}
    assert len(talking) < counts["users"], "somebody has no group yet"


@unhurried
@given(plans())
def test_messages_add_up_and_end_with_the_last_message(plan: SeedPlan) -> None:
    dataset = generate(plan)
    spoken = all_messages(dataset)
    assert [len(messages) for messages in spoken] == [group.message_count for group in dataset.groups]
    assert sum(map(len, spoken)) == plan.messages
    for group, messages in zip(dataset.groups, spoken, strict=True):
        assert group.last_message == messages[-1]
        assert {message.message_group_uuid for message in messages} == {group.uuid}
        assert all(message.sender in group.participants for message in messages)
        assert all(1 <= len(message.text) <= 1024 for message in messages)


@unhurried
@given(plans())
def test_instants_rise_and_end_before_as_of(plan: SeedPlan) -> None:
    dataset = generate(plan)
    for messages in all_messages(dataset):
        assert all(earlier.created_at < later.created_at for earlier, later in pairwise(messages))
        assert messages[-1].created_at <= plan.as_of
        for message in messages:
            assert message.sender.created_at < message.created_at
    users = {user.uuid: user for user in dataset.users}
    for activity in dataset.activities:
        assert users[activity.user_uuid].created_at < activity.created_at < activity.expires_at <= plan.as_of


@unhurried
@given(plans())
def test_no_two_groups_end_at_the_same_instant_and_no_uuid_comes_twice(plan: SeedPlan) -> None:
    dataset = generate(plan)
    assert len({group.last_message.created_at for group in dataset.groups}) == plan.groups
    assert len({frozenset(user.uuid for user in group.participants) for group in dataset.groups}) == plan.groups
    uuids = [message.uuid for messages in all_messages(dataset) for message in messages]
    uuids += [group.uuid for group in dataset.groups] + [activity.uuid for activity in dataset.activities]
    uuids += [value for user in dataset.users for value in (user.uuid, user.cognito_user_id)]
    assert len(set(uuids)) == len(uuids)


@unhurried
@given(plans())
def test_reading_messages_again_gives_the_same_ones(plan: SeedPlan) -> None:
    dataset = generate(plan)
    assert all_messages(dataset) == all_messages(dataset)
    assert dataset.digest() == generate(plan).digest()


@unhurried
@given(plans(), st.integers(2, 2_000_000_000))
def test_moving_as_of_moves_every_instant_alike(plan: SeedPlan, microseconds: int) -> None:
    by = timedelta(microseconds=microseconds)
    before, after = generate(plan), generate(replace(plan, as_of=plan.as_of + by))
    assert [replace(user, created_at=user.created_at + by) for user in before.users] == list(after.users)
    assert [
        replace(activity, created_at=activity.created_at + by, expires_at=activity.expires_at + by)
        for activity in before.activities
    ] == list(after.activities)
    for group, moved in zip(before.groups, after.groups, strict=True):
        assert [(m.uuid, m.text, m.sender.uuid, m.created_at + by) for m in before.messages_of(group)] == [
            (m.uuid, m.text, m.sender.uuid, m.created_at) for m in after.messages_of(moved)
        ]


@unhurried
@given(plans().filter(lambda plan: plan.users < 14))
def test_one_more_user_changes_no_other_user_no_group_and_no_message(plan: SeedPlan) -> None:
    fewer, more = generate(plan), generate(replace(plan, users=plan.users + 1))
    assert more.users[:-1] == fewer.users
    assert more.groups == fewer.groups
    assert all_messages(more) == all_messages(fewer)
    if plan.users >= 12:
        assert more.activities == fewer.activities


@settings(deadline=None, max_examples=20)
@given(st.integers(12, 30))
def test_one_more_made_up_user_changes_nobody(users: int) -> None:
    fewer = generate(make_plan(users=users, messages=6, activities=0))
    more = generate(make_plan(users=users + 1, messages=6, activities=0))
    assert more.users[:-1] == fewer.users
    assert more.groups == fewer.groups


@unhurried
@given(plans().filter(lambda plan: plan.groups > 0), st.integers(1, 200))
def test_more_messages_change_no_user_no_activity_and_no_word_said_before(plan: SeedPlan, extra: int) -> None:
    fewer, more = generate(plan), generate(replace(plan, messages=plan.messages + extra))
    assert (more.users, more.activities) == (fewer.users, fewer.activities)
    for old, new in zip(all_messages(fewer), all_messages(more), strict=True):
        common = min(len(old), len(new))
        assert [(m.uuid, m.sender, m.text) for m in new[:common]] == [(m.uuid, m.sender, m.text) for m in old[:common]]


@unhurried
@given(plans(), st.integers(1, 9))
def test_more_activities_change_no_other_thing(plan: SeedPlan, extra: int) -> None:
    fewer, more = generate(plan), generate(replace(plan, activities=plan.activities + extra))
    assert (more.users, more.groups) == (fewer.users, fewer.groups)
    kept = [replace(activity, replies_count=0) for activity in more.activities[: plan.activities]]
    assert kept == [replace(activity, replies_count=0) for activity in fewer.activities]


@unhurried
@given(st.datetimes(datetime(1981, 1, 1), datetime(2026, 11, 20), timezones=st.just(UTC)))  # noqa: DTZ001
def test_longest_group_spans_a_new_year_wherever_as_of_is(as_of: datetime) -> None:
    dataset = generate(make_plan(as_of=as_of, messages=120))
    longest = dataset.groups[0]
    assert longest.message_count == max(group.message_count for group in dataset.groups)
    assert len({message.created_at.year for message in dataset.messages_of(longest)}) > 1


def test_another_seed_is_another_dataset() -> None:
    one, two = generate(make_plan(seed=1)), generate(make_plan(seed=2))
    assert not {user.uuid for user in one.users} & {user.uuid for user in two.users}
    assert one.digest() != two.digest()


def test_messages_are_made_while_they_are_read() -> None:
    dataset = generate(make_plan(messages=5_000_000))
    assert next(dataset.messages_of(dataset.groups[0])).message_group_uuid == dataset.groups[0].uuid
