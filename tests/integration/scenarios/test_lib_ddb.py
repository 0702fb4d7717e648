"""A project's own lib/ddb.py is proven by A to E: right ones pass, and of the others just what is wrong fails."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import UsageError
from tests.integration.scenarios.libraries import FAULTS, GOOD, PLAIN, spoilt
from tests.integration.scenarios.test_patterns import failures, play

if TYPE_CHECKING:
    from pathlib import Path

    from harness.endpoint import Endpoints
    from harness.scenario import ScenarioResult
    from tests.integration.scenarios.conftest import Ground


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where the reference application has it."""
    (tmp_path / "backend-flask/lib").mkdir(parents=True)
    return tmp_path / "backend-flask/lib/ddb.py"


def steps(results: list[ScenarioResult]) -> set[tuple[str, str]]:
    return {(result.pattern, step.name) for result in results for step in result.steps if not step.passed}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_right_ones_pass_on_every_engine(ground: Ground, library: Path, text: str) -> None:
    library.write_text(text)
    with ground(target=f"{library}:Ddb") as setting:
        assert failures(play(setting, "ABCDE")) == []


class TestOnOneEngine:
    @pytest.fixture
    def engine_pair(self, embedded_pair: Endpoints) -> Endpoints:
        """One engine is enough for what is on this side of it."""
        return embedded_pair

    @pytest.mark.parametrize("fault", FAULTS)
    def test_fault_fails_what_it_breaks(self, ground: Ground, library: Path, fault: str) -> None:
        replacements, expected = FAULTS[fault]
        library.write_text(spoilt(replacements))
        with ground(target=f"{library}:Ddb") as setting:
            results = play(setting, "ABCDE")
        assert [result.error for result in results if result.error] == []
        assert steps(results) == expected

    def test_swallowed_error_ends_its_scenario_and_says_so(self, ground: Ground, library: Path) -> None:
        library.write_text(PLAIN.replace('return {"message_group_uuid": group}', "return None"))
        with ground(target=f"{library}:Ddb") as setting:
            results = play(setting, "ABCDE")
        assert [result.pattern for result in results if not result.passed] == ["D"]
        assert "create_message_group answered None, without a message_group_uuid" in str(results[3].error)

    def test_what_it_raises_is_told_with_its_line(self, ground: Ground, library: Path) -> None:
        library.write_text(PLAIN.replace("        items.reverse()", "        items.revers()"))
        with ground(target=f"{library}:Ddb") as setting:
            [result] = play(setting, "A")
        assert not result.passed
        assert "list_messages raised AttributeError: 'list' object has no attribute 'revers'" in str(result.error)
        assert f"{library}, line " in str(result.error)

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            (
                'os.getenv("AWS_ENDPOINT_URL")',
                '"http://localhost:8001"',
                "speaks to http://localhost:8001, and the stack",
            ),
            ("import boto3\n", "import boto4\n", "does not import"),
            ("def client():", "def client(prod):", "client asks for `prod`, which the adapter has not got"),
        ],
    )
    def test_module_that_can_not_be_spoken_to_is_refused(
        self, ground: Ground, library: Path, old: str, new: str, said: str
    ) -> None:
        library.write_text(PLAIN.replace(old, new))
        with pytest.raises(UsageError, match=said) as error, ground(target=f"{library}:Ddb"):
            pass
        assert error.value.hint

    def test_it_may_be_named_as_a_module_and_import_its_neighbours(
        self, ground: Ground, library: Path, tmp_path: Path
    ) -> None:
        library.write_text("from lib.names import TABLE as OURS\n" + PLAIN.replace("TABLE = ", "TABLE = OURS or "))
        library.with_name("names.py").write_text('TABLE = "cruddur-messages"\n')
        relative: dict[str, Any] = {"target": f"{tmp_path}/backend-flask/lib.ddb:Ddb"}
        with ground(**relative) as setting:
            assert failures(play(setting, "A")) == []
