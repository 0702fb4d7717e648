"""An environment of the project's own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.rehearsal.private_environment import not_installed, private_environment
from tests.unit.rehearsal.sources import project, source

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_it_is_made_once_and_has_our_packages_behind_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    some = project(source("requirements.txt", "-e .\n./near\n", "requirements"))
    python = private_environment(some)
    assert private_environment(some) == python
    assert not_installed(python) == (
        "-e .: neither paths nor options nor addresses are followed",
        "./near: neither paths nor options nor addresses are followed",
    )
    asked = "import boto3, sys; print(sys.prefix, boto3.__file__.startswith(sys.prefix))"
    told = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert told == [str(python.parent.parent), "False"]
