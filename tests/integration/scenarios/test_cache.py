"""The cache scenario on every engine, and what it leaves behind: nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError

from harness.collect import collect_scenarios
from harness.scenario import run_scenario
from scenarios.cache import CacheDown, CacheTable, DatabaseDown, Found, NoSuchUser, Terms, by_handle, make_table
from scenarios.cache.laboratory import laboratory
from scenarios.cache.model import Entry, Value
from tests.integration.scenarios.conftest import config

if TYPE_CHECKING:
    from tests.integration.scenarios.conftest import Ground

SCENARIO = ("scenarios/read_aside_cache.py",)
TERMS = Terms()
NOON = 1_770_000_000.25


def users() -> set[tuple[str, ...]]:
    with psycopg.connect(os.environ["CONNECTION_URL"]) as connection:
        return {tuple(map(str, row)) for row in connection.execute("SELECT * FROM public.users")}


def test_cache_scenario_passes_and_leaves_nothing(ground: Ground) -> None:
    with ground() as setting:
        client = boto3.client("dynamodb")
        before = users(), client.list_tables()["TableNames"]
        (scenario,) = collect_scenarios(config(scenarios=SCENARIO), ("cache",))
        result = run_scenario(scenario, setting)
        assert [step for step in result.steps if not step.passed] == []
        assert result.error is None
        assert "hit rate 90 %" in result.notes[0]
        assert (users(), client.list_tables()["TableNames"]) == before


def test_it_is_left_out_of_a_run_that_names_none() -> None:
    everything = config(scenarios=("scenarios/pattern_*.py", *SCENARIO))
    assert [each.pattern for each in collect_scenarios(everything)] == ["A", "B", "C", "D", "E"]


def test_table_holds_what_the_conditions_allow(ground: Ground) -> None:
    key = by_handle("londo")
    value = Value(user=None, fresh_until=NOON + 10)
    with ground():
        client = boto3.client("dynamodb")
        make_table(client, "cache")
        make_table(client, "cache")
        table = CacheTable(client=client, name="cache", terms=TERMS)
        assert table.get(key) == Entry()
        assert table.lease(key, "one", now=NOON, until=NOON + 5) == Entry()
        assert table.lease(key, "two", now=NOON + 4.9, until=NOON + 10) is None
        assert table.lease(key, "two", now=NOON + 5, until=NOON + 10) == Entry(leased_until=NOON + 5)
        assert not table.fill(key, "one", value)
        assert table.fill(key, "two", value)
        assert table.get(key) == Entry(value=value)
        assert table.lease(key, "three", now=NOON + 9, until=NOON + 14) is None
        assert table.lease(key, "three", now=NOON + 10, until=NOON + 15) == Entry(value=value)
        table.release(key, "two")
        assert table.get(key) == Entry(value=value, leased_until=NOON + 15)
        table.release(key, "three")
        assert table.get(key) == Entry(value=value)
        table.forget(key)
        assert table.get(key) == Entry()
        assert client.describe_time_to_live(TableName="cache")["TimeToLiveDescription"]["AttributeName"] == "expires_at"


def test_database_tells_what_it_refused_from_what_it_did_not_answer(ground: Ground) -> None:
    with ground(), laboratory() as lab:
        one, other, users = lab.somebody(), lab.somebody(), lab.users()
        with pytest.raises(psycopg.IntegrityError):
            users.change(one.uuid, handle=other.handle)
        with pytest.raises(psycopg.DataError):
            users.change(one.uuid, display_name="a\0b")
        for nobody in ("00000000-0000-0000-0000-000000000000", "nobody"):
            with pytest.raises(NoSuchUser, match=nobody):
                users.change(nobody, display_name="?")
        for changes in ({}, {"uuid": other.uuid}):
            with pytest.raises(TypeError, match="what can be changed"):
                users.change(one.uuid, **changes)
        lab.database_down = True
        with pytest.raises(DatabaseDown):
            users.change(one.uuid, display_name="?")
        lab.database_down = False
        assert users.look_up(by_handle(one.handle)).user == one
        long = by_handle("x" * 1025)
        assert [users.look_up(long) for _ in range(2)] == [Found(user=None, how="around")] * 2


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
def test_throttled_is_down(code: str) -> None:
    class Throttled:
        def __getattr__(self, name: str) -> object:
            def refuse(**_: object) -> None:
                raise ClientError({"Error": {"Code": code, "Message": "later"}}, name)

            return refuse

    table = CacheTable(client=Throttled(), name="cache", terms=TERMS)
    with pytest.raises(CacheDown, match="later"):
        table.get(by_handle("londo"))
    with pytest.raises(CacheDown, match="later"):
        table.lease(by_handle("londo"), "one", now=0, until=5)
    with pytest.raises(CacheDown, match="later"):
        table.forget(by_handle("londo"))
