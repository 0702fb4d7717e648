"""What may be named as target, and the environment it is loaded in."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harness.environment import applied
from harness.errors import UsageError
from harness.setting import drain, load_target
from harness.target import Broke, TargetContext
from tests.unit.streams.cases.stage import Stage
from tests.unit.test_collect import config

if TYPE_CHECKING:
    from pathlib import Path

CALLS = """
class App:
    def __init__(self, context=None): self.table = context and context.table
    def list_messages(self, **_): ...
    def list_message_groups(self, **_): ...
    def create_message(self, **_): ...
    def create_message_group(self, **_): ...
def with_context(context): return App(context)
def without(): return App()
def half(context): return {}
ready = App()
"""
CONTEXT = TargetContext(
    dynamodb=None, postgres=None, table="t", clock=lambda: datetime.now(UTC), environment={"CONNECTION_URL": "x"}
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "app.py").write_text(CALLS)
    return tmp_path


@pytest.mark.parametrize(("name", "table"), [("with_context", "t"), ("App", "t"), ("without", None), ("ready", None)])
def test_target_is_a_function_a_class_or_an_object(project: Path, name: str, table: str | None) -> None:
    target = load_target(replace(config(project), target=f"app.py:{name}"), CONTEXT)
    assert target.table == table  # type: ignore[attr-defined]


def test_target_that_lacks_calls_is_refused_with_their_names(project: Path) -> None:
    with pytest.raises(
        UsageError, match=r"app.py:half makes lacks list_messages, .*create_message_group \(it is a dict\)"
    ):
        load_target(replace(config(project), target="app.py:half"), CONTEXT)


def test_what_breaks_while_it_is_made_is_told_as_its_own(project: Path) -> None:
    (project / "app.py").write_text(
        "class App:\n    def __init__(self):\n        raise RuntimeError('TABLE is not set')\n"
    )
    with pytest.raises(Broke, match=r"app.py:App raised RuntimeError: TABLE is not set \(.*app.py, line 3\)"):
        load_target(replace(config(project), target="app.py:App"), CONTEXT)


def test_environment_is_the_stacks_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "cloud")
    monkeypatch.setenv("CONNECTION_URL", "before")
    with applied({"CONNECTION_URL": "stack", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}):
        assert os.environ["CONNECTION_URL"] == "stack"
        assert "AWS_PROFILE" not in os.environ
    assert os.environ["CONNECTION_URL"] == "before"
    assert os.environ["AWS_PROFILE"] == "cloud"
    assert "AWS_ENDPOINT_URL_DYNAMODB" not in os.environ


def test_what_one_handler_writes_is_delivered_to_the_others() -> None:
    seen: list[int] = []
    writes = iter([1])

    def reads(event: dict[str, list[object]], _context: object) -> None:
        seen.append(len(event["Records"]))

    def writes_once(_event: object, _context: object) -> None:
        first.write(next(writes, 0))

    first = Stage(reads).write()
    second = Stage(writes_once, over=first, uuid="another mapping")
    assert drain([first.poller, second.poller]).records == 4
    assert seen == [1, 1]
