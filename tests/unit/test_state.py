from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.endpoint import DynamoDBEndpoint, Endpoints, IdentityEndpoint, PostgresEndpoint, UserPool
from harness.errors import EnvironmentFailure
from harness.state import (
    State,
    forget_state,
    read_intent,
    read_state,
    remember_identity,
    remember_load,
    write_intent,
    write_state,
)

STATE = State(
    project=Path("/project"),
    engine="embedded",
    home=Path("/project/.harness/stack"),
    endpoints=Endpoints(
        dynamodb=DynamoDBEndpoint(url="http://127.0.0.1:8000"),
        postgres=PostgresEndpoint(
            host="127.0.0.1",
            port=5432,
            user="postgres",
            password="päss/w@rd",
            database="cruddur",
            parameters=(("sslmode", "disable"),),
        ),
    ),
    passed_over=(("docker", "no socket"),),
    started_at="2026-11-20T12:00:00.000000+00:00",
)


def test_state_reads_back_as_written(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    assert read_state(tmp_path) == STATE
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_user_pool_is_remembered(tmp_path: Path) -> None:
    pool = UserPool(
        endpoint=IdentityEndpoint(url="http://127.0.0.1:9229"),
        pool_id="us-east-1_AbCdEf123",
        client_id="client",
        keys=tmp_path / "keys",
    )
    remember_identity(tmp_path, pool)
    assert read_state(tmp_path) is None
    write_state(tmp_path, STATE)
    remember_identity(tmp_path, pool)
    assert read_state(tmp_path) == replace(STATE, identity=pool)


def test_state_is_for_its_owner_only(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def test_state_missing_is_none(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None


def test_remember_load_adds_what_was_loaded(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    remember_load(tmp_path, seed=7, as_of="2026-11-20", digest="abc", counts={"users": 2})
    assert read_state(tmp_path) == replace(STATE, seed=7, as_of="2026-11-20", digest="abc", counts={"users": 2})


def test_remember_load_without_stack_records_nothing(tmp_path: Path) -> None:
    remember_load(tmp_path, seed=7, as_of="2026-11-20", digest="abc", counts={"users": 2})
    assert list(tmp_path.iterdir()) == []


def test_forget_state_says_whether_there_was_one(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    assert forget_state(tmp_path)
    assert not forget_state(tmp_path)


def test_state_of_another_version_names_it(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    path = tmp_path / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))
    with pytest.raises(EnvironmentFailure, match="version 99") as failure:
        read_state(tmp_path)
    assert "harness down" in failure.value.hint


@given(cut=st.integers(min_value=0, max_value=400))
def test_state_cut_short_is_corrupt_and_never_half_read(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("state")
    write_state(folder, STATE)
    path = folder / "state.json"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(EnvironmentFailure, match=r"state\.json is corrupt") as failure:
        read_state(folder)
    assert "harness down" in failure.value.hint


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=json_values, key=st.sampled_from(["project", "engine", "home", "endpoints", "passed_over", "started_at"]))
def test_state_with_a_wrong_value_is_corrupt_or_whole(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object
) -> None:
    folder = tmp_path_factory.mktemp("state")
    write_state(folder, STATE)
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    try:
        found = read_state(folder)
    except EnvironmentFailure as failure:
        found = None
        words = failure.message
    assert isinstance(found, State) or "corrupt" in words


@pytest.mark.parametrize(
    "text", ["[]", "null", '"x"', "{}", '{"version": 1}', '{"version": 1, "endpoints": []}', "\x00\xff"]
)
def test_state_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(EnvironmentFailure) as failure:
        read_state(tmp_path)
    assert "harness down" in failure.value.hint


def test_state_that_cannot_be_written_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match=str(tmp_path / "gone" / "state.json")):
        write_state(tmp_path / "gone", STATE)


def test_intent_reads_back(tmp_path: Path) -> None:
    assert read_intent(tmp_path) is None
    write_intent(tmp_path, "docker")
    assert read_intent(tmp_path) == "docker"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"engine": 3}', "{"])
def test_intent_corrupt_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    assert read_intent(tmp_path) is None
