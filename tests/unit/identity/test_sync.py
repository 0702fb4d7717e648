"""Who gets which sub, by handle; and who is left, with the nearest handle of the other side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.identity.sync import Alone, Change, Doubled, Held, plan_sync
from harness.stores.postgres_users import UserRow
from harness.stores.user_pools import PoolUser


def in_pool(handle: str | None, sub: str, username: str | None = None) -> PoolUser:
    return PoolUser(username=username or f"name-{sub}", sub=sub, handle=handle)


def row(handle: str, sub: str = "MOCK") -> UserRow:
    return UserRow(uuid=f"uuid-{handle}", handle=handle, cognito_user_id=sub)


def test_mock_becomes_the_sub_and_what_agrees_is_left() -> None:
    plan = plan_sync([in_pool("ana", "1"), in_pool("ben", "2")], [row("ana"), row("ben", "2")])
    assert plan.changes == (Change(uuid="uuid-ana", handle="ana", before="MOCK", after="1"),)
    assert plan.agreeing == 1
    assert plan.complete


def test_who_has_no_partner_is_told_with_the_nearest_who_has_none_either() -> None:
    pool = [in_pool("andrewbrown", "1"), in_pool("bayko", "2")]
    plan = plan_sync(pool, [row("andrewbrwn"), row("bayko"), row("zed")])
    assert plan.without_row == (Alone(handle="andrewbrown", nearest="andrewbrwn"),)
    assert plan.without_pool_user == (
        Alone(handle="andrewbrwn", nearest="andrewbrown"),
        Alone(handle="zed", nearest=None),
    )
    assert [change.handle for change in plan.changes] == ["bayko"]
    assert not plan.complete


def test_rows_that_nobody_signs_in_as_are_no_fault() -> None:
    assert plan_sync([in_pool("ana", "1")], [row("ana"), row("ben")]).complete


def test_a_pool_user_without_preferred_username_is_told_by_username() -> None:
    plan = plan_sync([in_pool(None, "1", "0a1b"), in_pool("ana", "2")], [row("ana")])
    assert plan.nameless == ("0a1b",)
    assert not plan.complete


def test_two_of_one_handle_are_left_alone_on_either_side() -> None:
    pool = [in_pool("ana", "1"), in_pool("ana", "2"), in_pool("ben", "3")]
    rows = [row("ana"), row("ben"), UserRow(uuid="another", handle="ben", cognito_user_id="MOCK")]
    plan = plan_sync(pool, rows)
    assert plan.changes == ()
    assert plan.doubled == (
        Doubled(handle="ana", side="pool", whose=("name-1", "name-2")),
        Doubled(handle="ben", side="database", whose=("another", "uuid-ben")),
    )


def test_two_rows_may_change_ids_with_each_other() -> None:
    plan = plan_sync([in_pool("ana", "1"), in_pool("ben", "2")], [row("ana", "2"), row("ben", "1")])
    assert {change.handle: change.after for change in plan.changes} == {"ana": "1", "ben": "2"}
    assert plan.complete


def test_a_sub_that_another_row_keeps_is_not_taken_from_it() -> None:
    plan = plan_sync([in_pool("ana", "1")], [row("ana"), row("old_ana", "1")])
    assert plan.held == (Held(handle="ana", sub="1", holder="old_ana"),)
    assert plan.changes == ()
    assert not plan.complete


def test_handles_differ_by_case() -> None:
    plan = plan_sync([in_pool("Ana", "1")], [row("ana")])
    assert plan.changes == ()
    assert plan.without_row == (Alone(handle="Ana", nearest="ana"),)


HANDLES = st.sampled_from(["ana", "ben", "cleo", "dora"])


@given(
    st.lists(st.builds(in_pool, HANDLES | st.none(), st.integers(0, 5).map(str)), unique_by=lambda user: user.sub),
    st.lists(st.builds(row, HANDLES, st.integers(0, 5).map(str) | st.just("MOCK")), unique_by=lambda each: each.uuid),
)
def test_doing_it_twice_does_nothing_more_and_no_id_is_given_twice(pool: list[PoolUser], rows: list[UserRow]) -> None:
    after = {change.uuid: change.after for change in plan_sync(pool, rows).changes}
    written = [
        UserRow(uuid=r.uuid, handle=r.handle, cognito_user_id=after.get(r.uuid, r.cognito_user_id)) for r in rows
    ]
    given_ids = list(after.values())
    kept = [r.cognito_user_id for r in rows if r.uuid not in after]
    assert len(given_ids) == len(set(given_ids))
    assert not set(given_ids) & set(kept)
    again = plan_sync(pool, written)
    assert [change for change in again.changes if change.uuid in after] == []
