from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import Config
from harness.dataset import silent
from harness.engines.registry import Selection, select_engine, wants_external
from harness.errors import EnvironmentFailure

PROJECT = Path("/project")
CONFIG = Config(
    project=PROJECT,
    compose=PROJECT / "compose.yml",
    dynamodb_schema=(),
    postgres_schema=(),
    plan=PROJECT / "plan.toml",
    scenarios=(),
    target="",
)
NAMED = replace(CONFIG, dynamodb_url="http://127.0.0.1:8000", postgres_dsn="postgresql://u:p@127.0.0.1/d")


def select(config: Config) -> Selection:
    return select_engine(config, home=PROJECT, ports={}, shared=True, progress=silent)


@pytest.fixture
def reasons(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """What `check` of each engine answers."""
    found: dict[str, str | None] = {"Docker": None, "Embedded": None}
    monkeypatch.setattr("harness.engines.registry.DockerEngine.check", lambda _: found["Docker"])
    monkeypatch.setattr("harness.engines.registry.EmbeddedEngine.check", lambda _: found["Embedded"])
    return found


def test_auto_takes_docker_where_it_works(reasons: dict[str, str | None]) -> None:  # noqa: ARG001
    assert select(CONFIG).engine.name == "docker"
    assert select(CONFIG).passed_over == ()


def test_auto_passes_over_what_cannot_work_and_says_why(reasons: dict[str, str | None]) -> None:
    reasons["Docker"] = "no socket"
    found = select(CONFIG)
    assert found.engine.name == "embedded"
    assert found.passed_over == (("docker", "no socket"),)


def test_auto_takes_what_is_named(reasons: dict[str, str | None]) -> None:  # noqa: ARG001
    assert wants_external(NAMED)
    assert select(NAMED).engine.name == "external"


def test_auto_with_half_a_pair_named_does_not_take_it(reasons: dict[str, str | None]) -> None:  # noqa: ARG001
    assert select(replace(NAMED, postgres_dsn=None)).engine.name == "docker"


def test_auto_with_nothing_left_names_every_reason(reasons: dict[str, str | None]) -> None:
    reasons |= {"Docker": "no socket", "Embedded": "no wheel"}
    with pytest.raises(EnvironmentFailure) as failure:
        select(CONFIG)
    for words in ("docker: no socket", "embedded: no wheel", "external: HARNESS_DYNAMODB_URL"):
        assert words in failure.value.message


@pytest.mark.parametrize(("name", "key"), [("docker", "Docker"), ("embedded", "Embedded")])
def test_named_engine_that_cannot_work_is_no_reason_to_take_another(
    reasons: dict[str, str | None], name: str, key: str
) -> None:
    reasons[key] = "it is broken"
    with pytest.raises(EnvironmentFailure, match=f"the engine {name} can't be used: it is broken") as failure:
        select(replace(CONFIG, engine=name))  # type: ignore[arg-type]
    assert "--engine" in failure.value.hint


def test_named_external_without_endpoints_names_the_variables() -> None:
    with pytest.raises(EnvironmentFailure, match="HARNESS_DYNAMODB_URL"):
        select(replace(CONFIG, engine="external"))
