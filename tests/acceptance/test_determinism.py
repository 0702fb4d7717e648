"""The seed is the same bytes, wherever and whenever it is made."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.conftest import Project

#: Changing it is a decision: every user's data changes with it.
LATER = """
import datetime, sys
import harness.commands.seed as verb
from harness.cli import main

class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days=400)

verb.datetime = Later
sys.exit(main(["seed", "--dry-run", "--json"]))
"""


@pytest.mark.parametrize(
    "environ",
    [
        {"TZ": "Asia/Kolkata"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "1"},
        {"TZ": "Pacific/Apia", "PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8"},
    ],
    ids=str,
)
def test_the_digest_does_not_depend_on_the_machine(project: Project, environ: dict[str, str]) -> None:
    assert project.ok("seed", "--dry-run", "--json", env=environ).json == project.ok("seed", "--dry-run", "--json").json


def test_the_digest_does_not_depend_on_the_date(project: Project) -> None:
    done = subprocess.run([sys.executable, "-c", LATER], cwd=project.folder, capture_output=True, text=True, check=True)
    assert done.stdout == project.ok("seed", "--dry-run", "--json").out


def test_names_survive_a_locale_that_cannot_show_them(embedded_stack: Project) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert "Mei \\u7f8e Tanaka" in embedded_stack.ok("users", "list", env=plain).out


def test_a_dry_run_needs_no_engine_and_leaves_nothing(project: Project) -> None:
    broken = {"DOCKER_HOST": "unix:///nonexistent", "PATH": "/nonexistent"}
    assert project.ok("seed", "--dry-run", "--json", env=broken).json["counts"]["messages"] == 1000
    assert not (project.folder / ".harness").exists()
