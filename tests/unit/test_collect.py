"""Finding scenarios, and saying what is wrong with a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.collect import collect_scenarios
from harness.config import Config
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SCENARIO = """
from harness.scenario import Run, scenario

@scenario("{0}", "pattern {0}")
def play(run: Run) -> None:
    run.expect("one", 1, 1)
"""


def config(project: Path, *scenarios: str) -> Config:
    return Config(
        project=project,
        compose=project / "compose.local.yml",
        dynamodb_schema=(),
        postgres_schema=(),
        plan=project / "plan.toml",
        scenarios=scenarios or ("scenarios",),
        target="",
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def patterns(project: Path, *names: str, where: tuple[str, ...] = ()) -> list[str]:
    return [each.pattern for each in collect_scenarios(config(project, *where), names)]


def test_repository_has_the_five_patterns() -> None:
    found = collect_scenarios(config(ROOT, "scenarios/pattern_*.py"))
    assert [each.pattern for each in found] == ["A", "B", "C", "D", "E"]
    assert all(each.title for each in found)


def test_files_come_in_name_order_and_named_patterns_in_theirs(tmp_path: Path, write: Any) -> None:
    for name in "cab":
        write(f"scenarios/{name}.py", SCENARIO.format(name.upper()))
    assert patterns(tmp_path) == ["A", "B", "C"]
    assert patterns(tmp_path, "c", "A", "c") == ["C", "A", "C"]


def test_scenario_that_wants_to_be_named_is_left_out_where_none_is(tmp_path: Path, write: Any) -> None:
    write("scenarios/a.py", SCENARIO.format("A"))
    write("scenarios/z.py", SCENARIO.format("Z").replace('pattern Z"', 'pattern Z", when_named=True'))
    assert patterns(tmp_path) == ["A"]
    assert patterns(tmp_path, "z", "a") == ["Z", "A"]


def test_scenario_may_import_by_the_projects_folders(tmp_path: Path, write: Any) -> None:
    write("my_own_scenarios/names/__init__.py", "NAME = 'N'")
    write(
        "my_own_scenarios/a.py",
        "from my_own_scenarios.names import NAME\n" + SCENARIO.replace('"{0}",', "NAME,"),
    )
    assert patterns(tmp_path, where=("my_own_scenarios",)) == ["N"]


def test_only_the_folders_own_public_files_are_read(tmp_path: Path, write: Any) -> None:
    write("scenarios/a.py", SCENARIO.format("A"))
    write("scenarios/_draft.py", "raise RuntimeError")
    write("scenarios/messaging/__init__.py", "raise RuntimeError")
    write("scenarios/notes.txt", "no Python")
    assert patterns(tmp_path) == ["A"]


def test_folder_and_glob_may_overlap(tmp_path: Path, write: Any) -> None:
    write("scenarios/a.py", SCENARIO.format("A"))
    assert patterns(tmp_path, where=("scenarios", "scenarios/*.py", "nowhere")) == ["A"]


def test_scenario_may_import_its_neighbours(tmp_path: Path, write: Any) -> None:
    write("scenarios/_neighbour_of_mine.py", "NAME = 'N'")
    write("scenarios/a.py", "from _neighbour_of_mine import NAME\n" + SCENARIO.replace('"{0}",', "NAME,"))
    assert patterns(tmp_path) == ["N"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("x = 1\nimport no_such_module_anywhere\n", "line 2", "ModuleNotFoundError: No module named"),
        ("x = 1\n\ndef broken(:\n", "line 3, column", "SyntaxError"),
        ("raise SystemExit('bye')\n", "line 1", "SystemExit: bye"),
        ("x = {}['key']\n", "line 1: x = {}['key']", "KeyError: 'key'"),
        ("x = '\ud83d'\n", "a.py", "Error"),
    ],
)
def test_file_that_does_not_import_names_file_line_and_error(tmp_path: Path, text: str, line: str, what: str) -> None:
    path = tmp_path / "scenarios" / "a.py"
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError) as error:
        patterns(tmp_path)
    assert str(path) in error.value.message
    assert line in error.value.message
    assert what in error.value.message
    assert error.value.hint


def test_unknown_pattern_lists_what_there_is(tmp_path: Path, write: Any) -> None:
    write("scenarios/a.py", SCENARIO.format("archive"))
    with pytest.raises(
        UsageError, match=r"no scenario for pattern 'archiv'; there are: archive \(pattern archive\)"
    ) as error:
        patterns(tmp_path, "archiv")
    assert error.value.hint == "did you mean `archive`?"
    with pytest.raises(UsageError) as error:
        patterns(tmp_path, "Z")
    assert "harness run archive" in error.value.hint


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path, write: Any) -> None:
    one, other = write("scenarios/a.py", SCENARIO.format("A")), write("scenarios/b.py", SCENARIO.format("A"))
    with pytest.raises(UsageError) as error:
        patterns(tmp_path)
    assert str(one) in error.value.message
    assert str(other) in error.value.message


def test_no_scenarios_at_all_is_an_error(tmp_path: Path, write: Any) -> None:
    write("scenarios/a.py", "x = 1")
    for where in (("scenarios",), ("nowhere",)):
        with pytest.raises(UsageError, match="no scenarios") as error:
            patterns(tmp_path, where=where)
        assert "harness init" in error.value.hint
