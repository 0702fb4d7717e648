"""docs/streams.md names every caution, every knob and every parameter."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.streams.emulation import Emulation
from harness.streams.mapping.parameters import FOREIGN, KNOWN
from harness.streams.permissions.faults import ADVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")
#: First column of tables.
ROWS = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
#: Functions that make a caution of a code and a text, by module: the code is their first argument.
MAKERS = {"_about"}


def cautions_of(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what is given as a caution's code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Caution":
                yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
            elif node.func.id in MAKERS and node.args:
                yield node.args[0]


def found() -> list[ast.expr]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "harness").rglob("*.py")))
    return [code for tree in trees for code in cautions_of(tree)]


CODES = sorted({node.value for node in found() if isinstance(node, ast.Constant) and isinstance(node.value, str)})


def test_codes_are_found_wherever_they_are_made() -> None:
    assert {"poison-blocks-shard", "filter-view-type", "records-trimmed", "variable-unknown"} <= set(CODES)
    computed = [ast.unparse(node) for node in found() if not isinstance(node, ast.Constant)]
    assert computed == ["code"], "the one in `_about`; another maker belongs into MAKERS"


@pytest.mark.parametrize("code", CODES)
def test_caution_has_its_row(code: str) -> None:
    assert ROWS.count(code) == 1


def test_no_row_for_a_caution_that_is_none() -> None:
    section = TEXT.split("\n## Cautions\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == set(CODES)


@pytest.mark.parametrize("field", fields(Emulation), ids=lambda field: str(field.name))
def test_knob_stands_with_its_default(field: object) -> None:
    name, default = getattr(field, "name", ""), getattr(field, "default", None)
    shown = f"`{default}`" if isinstance(default, str) else str(default).lower()
    assert f"| `{name}` | {shown} |" in TEXT


@pytest.mark.parametrize("parameter", sorted(KNOWN))
def test_parameter_has_its_row(parameter: str) -> None:
    section = TEXT.split("\n## Parameters of the mapping\n")[1].split("\n## ")[0]
    assert f"\n| `{parameter}` |" in section


@pytest.mark.parametrize("name", [*sorted(FOREIGN), *sorted(ADVICE)])
def test_refused_parameters_and_known_mistakes_are_named(name: str) -> None:
    assert f"`{name}`" in TEXT
