from __future__ import annotations

from dataclasses import replace

from harness.seeding.people import make_users
from harness.seeding.plan import Person
from tests.unit.seeding.plans import PEOPLE, make_plan


def test_named_people_come_first_and_fewer_users_cut_them() -> None:
    assert [user.handle for user in make_users(make_plan(users=3))] == ["ada", "ben", "cleo"]


def test_person_keeps_the_uuid_wherever_it_stands_in_the_plan() -> None:
    plan = make_plan(users=5)
    turned = replace(plan, people=tuple(reversed(plan.people[:5])))
    assert set(make_users(plan)) == set(make_users(turned))


def test_cognito_user_id_of_the_plan_is_taken() -> None:
    sub = "0c1f6f0e-7c1b-4f6e-9a56-3f7f4e0a2b11"
    first, second = make_users(make_plan(users=2, people=(replace(PEOPLE[0], cognito_user_id=sub), PEOPLE[1])))
    assert first.cognito_user_id == sub
    assert second.cognito_user_id not in {sub, second.uuid}


def test_made_up_users_differ_in_what_must_be_unique_even_from_named_ones() -> None:
    made_up = make_users(make_plan(users=200, people=()))
    taken = made_up[3].handle
    people = (Person(handle=taken.upper(), display_name="First", email=made_up[4].email),)
    users = make_users(make_plan(users=201, people=people))
    for column in ("uuid", "handle", "email", "cognito_user_id"):
        assert len({getattr(user, column).casefold() for user in users}) == 201
    changed = {user.handle for user in made_up} - {user.handle for user in users}
    assert changed == {taken, made_up[4].handle}
