"""docs/testing.md against the plugin."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import pytest_plugin
from harness.testing.watching import Seen
from harness.testing.wish import KEYWORDS
from tests.acceptance.plugin.conftest import EXAMPLES

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    below = TEXT.split(f"## {heading}\n")[1]
    found = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert found
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found[0].splitlines()[2:]]


def names(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)}


def test_fixtures_with_their_scopes() -> None:
    defined = {
        name: fixture._fixture_function_marker
        for name, fixture in vars(pytest_plugin).items()
        if hasattr(fixture, "_fixture_function_marker") and not name.startswith("_")
    }
    told = {name: scope for first, scope, _ in table("Fixtures") for name in names([first])}
    assert told == {name: marker.scope for name, marker in defined.items()}
    assert not any(marker.autouse for marker in defined.values())


def test_keywords_and_ini_keys() -> None:
    rows = table("Markers")
    assert names([row[0] for row in rows]) == set(KEYWORDS)
    assert names([row[1] for row in rows]) == {f"harness_{name}" for name in KEYWORDS}
    assert "harness_empty" in TEXT


def test_options_and_ini_keys(own: Inner) -> None:
    told = names([cell for row in table("Options") for cell in row[:2]])
    helped = own.run("--help").stdout.str()
    options = set(re.findall(r"^  (--harness-\w+)", helped, re.MULTILINE))
    keys = set(re.findall(r"^  (harness_\w+) \(", helped, re.MULTILINE))
    assert {name for name in told if name.startswith("--")} == options
    assert {name for name in told if not name.startswith("--")} | names([r[1] for r in table("Markers")]) == keys


def test_assertions_with_their_parameters() -> None:
    told = {re.sub(r"=…|=keys", "", row[0].strip("`")) for row in table("Access patterns")}
    defined = {
        f"{name}({', '.join(list(inspect.signature(function).parameters)[1:])})"
        for name, function in vars(Seen).items()
        if name.startswith("assert_")
    }
    assert told == defined


def test_markers_are_known(own: Inner) -> None:
    said = own.run("--markers").stdout.str()
    for name in (*KEYWORDS, "harness_empty"):
        assert name in said


def test_every_fixture_marker_and_option_is_used_in_an_example_or_a_test() -> None:
    places = [*EXAMPLES.glob("*.py"), *Path(__file__).parent.glob("test_*.py")]
    used = "".join(path.read_text(encoding="utf-8") for path in places)
    wanted = names([row[0] for row in table("Fixtures")]) | {f"{word}=" for word in KEYWORDS}
    wanted |= {name for row in table("Options") for name in names(row[:2])}
    assert {name for name in wanted if name not in used} == set()


@pytest.mark.embedded
def test_the_first_test_is_one(inner: Inner) -> None:
    [first] = re.findall(r"^```python\n# tests/test_first.py\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(first.splitlines()) <= 5
    inner.write("tests/test_first.py", first)
    inner.run().assert_outcomes(passed=1)
