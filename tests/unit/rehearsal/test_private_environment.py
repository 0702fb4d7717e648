from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.rehearsal import private_environment
from harness.rehearsal.private_environment import not_installed, requirements
from tests.unit.rehearsal.sources import project, source

if TYPE_CHECKING:
    from pathlib import Path


def test_requirements_are_the_lines_of_all_files() -> None:
    some = project(
        source("backend/requirements.txt", "flask\n# no\nboto3>=1 # yes\n\nflask\n", "requirements"),
        source("aws/requirements.txt", "psycopg[binary,pool]\r\n", "requirements"),
    )
    assert requirements(some) == ("boto3>=1", "flask", "psycopg[binary,pool]")


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("flask", True),
        ("flask-cors==3.0.10", True),
        ("psycopg[binary,pool] >= 3.1, < 4", True),
        ("watchtower ; python_version > '3'", True),
        ("-e .", False),
        ("--index-url=x", False),
        ("git+https://example.org/x.git", False),
        ("x @ https://example.org/x.whl", False),
        ("./local", False),
    ],
)
def test_only_packages_of_the_index_are_plain(line: str, *, plain: bool) -> None:
    assert bool(private_environment._PLAIN.fullmatch(line)) is plain


def test_an_environment_of_others_lacks_nothing(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    assert not_installed(python) == ()
    (tmp_path / "not-installed").write_text("a: no wheel\n")
    assert not_installed(python) == ("a: no wheel",)
