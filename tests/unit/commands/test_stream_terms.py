from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from harness.commands.stream.terms import emulation, handler_name, parameters
from harness.config import Config
from harness.errors import UsageError
from harness.handler_config import HandlerConfig
from harness.streams.emulation import Emulation


def config(*handlers: str) -> Config:
    return Config(
        project=Path("/p"),
        compose=Path("/p/c"),
        dynamodb_schema=(),
        postgres_schema=(),
        plan=Path("/p/plan"),
        scenarios=(),
        target="",
        handlers={name: HandlerConfig(handler="a.py:f") for name in handlers},
    )


def test_parameters_are_json_where_they_are_json() -> None:
    said = ["BatchSize=1", "StartingPosition=LATEST", 'FilterCriteria={"Filters": []}', "Enabled=true"]
    assert parameters(Namespace(set=said)) == {
        "BatchSize": 1,
        "StartingPosition": "LATEST",
        "FilterCriteria": {"Filters": []},
        "Enabled": True,
    }


def test_emulation_is_changed_field_by_field() -> None:
    changed = emulation(Namespace(emulate=["virtual_shards=4", "poll_interval=1", "on_stuck=retry"]), Emulation(seed=7))
    assert changed == Emulation(seed=7, virtual_shards=4, poll_interval=1, on_stuck="retry")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("virtual_shard=4", "no 'virtual_shard'"),
        ("virtual_shards=many", "is 'many'"),
        ("virtual_shards=true", "is True"),
        ("virtual_shards", "'virtual_shards'"),
        ("=4", "'=4'"),
    ],
)
def test_emulation_refuses_what_it_does_not_know(said: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        emulation(Namespace(emulate=[said]), Emulation())
    assert told in refused.value.message


def test_handler_without_a_name_is_the_only_one() -> None:
    assert handler_name(config("a"), None) == "a"
    assert handler_name(config("a", "b"), "b") == "b"


@pytest.mark.parametrize(
    ("handlers", "name", "hint"),
    [(("a", "b"), None, "name one"), ((), None, "name one"), (("stream",), "steam", "stream")],
)
def test_handler_that_cannot_be_told(handlers: tuple[str, ...], name: str | None, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        handler_name(config(*handlers), name)
    assert hint in refused.value.hint
