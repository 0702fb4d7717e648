"""What the documents say is held against the program."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.cli import build_parser
from harness.commands.registry import VERBS
from harness.config import _VARIABLES as VARIABLES
from harness.config_file import KEYS
from harness.errors import ExitCode
from tests.code_book import DOCUMENT, with_codes

if TYPE_CHECKING:
    from tests.acceptance.conftest import Project

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = DOCUMENTS[0].read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    """Every `harness …` command line: in code blocks, and between single backticks."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ").split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(harness [a-z][^`]*)`", text)
    return [line for line in lines + inline if line.startswith("harness ") and "VERB" not in line]


@pytest.mark.parametrize(
    ("document", "command"),
    [(path.name, command) for path in DOCUMENTS for command in sorted(set(commands(path.read_text(encoding="utf-8"))))],
)
def test_documented_command_is_one(document: str, command: str) -> None:
    assert document
    assert build_parser().parse_args(shlex.split(command)[1:]).verb in VERBS


def test_tour_of_the_readme_runs(project: Project) -> None:
    tour = re.search(r"## A tour\n\n```console\n(.*?)```", README, re.DOTALL)
    assert tour
    lines = [shlex.split(line.removeprefix("$ "))[1:] for line in tour[1].splitlines()]
    assert len(lines) >= 10
    for words in lines:
        done = project.ok(*[sys.executable if word == "python" else word for word in words])
        assert done.out


def test_readme_names_every_verb_and_engine() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    for verb in VERBS:
        assert re.search(rf"\bharness {verb}\b", everything), verb
    for engine in ("docker", "embedded", "external", "auto"):
        assert f"`{engine}`" in README or f"engine {engine}" in README


def test_readme_names_every_exit_code() -> None:
    table = README.split("## Exit codes")[1].split("\n## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == {int(code) for code in ExitCode}


def test_configuration_names_every_key_and_variable() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"`{key}`" in text or f"`{key}." in text, key
    for variable in VARIABLES.values():
        assert f"`{variable}`" in text


def test_architecture_has_a_place_for_every_module() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "harness").iterdir():
        if path.suffix == ".py" and not path.name.startswith("__"):
            assert f"`harness/{path.name}`" in text
        elif (path / "__init__.py").exists():
            assert f"`harness/{path.name}/`" in text


def test_links_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_the_codes_are_those_of_the_checks() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_codes(text), "make codes"
