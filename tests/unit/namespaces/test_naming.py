from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.namespaces.namespace import NUMBERS, OWNERS, Place
from harness.namespaces.numbers import Numbers

BASE = Endpoints(
    dynamodb=DynamoDBEndpoint(url="http://127.0.0.1:8000", session_token="t"),
    postgres=PostgresEndpoint(host="127.0.0.1", port=5432, user="u", password="p", database="app"),
)
PLACES = st.builds(
    Place, owner=st.integers(1, OWNERS - 1), number=st.integers(0, NUMBERS - 1), token=st.from_regex(r"\A[0-9a-f]{8}\Z")
)


@given(PLACES)
def test_a_name_tells_its_place(place: Place) -> None:
    assert Place.of(place.name) == place
    assert len(place.name) < 64  # PostgreSQL would cut it
    assert len(place.access_key_id) == 12
    assert place.access_key_id.isdecimal()


@given(PLACES, PLACES)
def test_two_places_have_two_keys(one: Place, other: Place) -> None:
    same = (one.owner, one.number) == (other.owner, other.number)
    assert (one.access_key_id == other.access_key_id) is same


@pytest.mark.parametrize(
    "name",
    ["harness_1", "harness_template_0011", "harness_scratch_77", "harness_0_1_01234567", "app", "harness_1_2_xyz"],
)
def test_other_databases_are_no_namespaces(name: str) -> None:
    assert Place.of(name) is None


def test_namespace_keeps_all_but_key_and_database() -> None:
    place = Place(owner=12, number=3, token="0badcafe")
    namespace = place.namespace(BASE)
    assert namespace.name == "harness_12_3_0badcafe"
    assert namespace.endpoints.dynamodb.access_key_id == "100000120003"
    assert namespace.endpoints.dynamodb.url == BASE.dynamodb.url
    assert namespace.endpoints.dynamodb.session_token is None
    assert namespace.endpoints.postgres.database == namespace.name
    assert namespace.endpoints.postgres.password == "p"


def test_numbers_are_fresh_up_to_the_limit_then_the_one_that_rested_longest() -> None:
    numbers = Numbers(limit=3)
    assert [numbers.take() for _ in range(2)] == [0, 1]
    numbers.give_back(0)
    assert numbers.take() == 2
    numbers.give_back(2)
    assert numbers.take() == 0
    assert numbers.take() == 2
    assert numbers.take() == 3  # more at one time than the limit
    numbers.give_back(1)
    assert numbers.take() == 1


def test_numbers_end() -> None:
    numbers = Numbers(limit=3)
    assert len({numbers.take() for _ in range(NUMBERS)}) == NUMBERS
    assert numbers.take() is None
    numbers.give_back(5)
    assert numbers.take() == 5


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 10))
def test_nobody_gets_a_number_that_another_has(choices: list[bool], limit: int) -> None:
    numbers = Numbers(limit=limit)
    taken: list[int] = []
    for take in choices:
        if take or not taken:
            number = numbers.take()
            assert number is not None
            assert number not in taken
            taken.append(number)
        else:
            numbers.give_back(taken.pop(0))
