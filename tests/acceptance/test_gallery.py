"""Doctor on projects of the family, clean and broken: all that is wrong by its name, and nothing else.

GALLERY=all looks at every fault of the catalogue by itself, which takes long.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.gallery.build import LAYOUTS
from tests.gallery.examining import codes, examined, told
from tests.gallery.samples import ALL_FAULTS, BROKEN, CLEAN, Sample

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.embedded
SAMPLES = (*CLEAN, *BROKEN, *(ALL_FAULTS if os.environ.get("GALLERY") == "all" else ()))


def name(sample: Sample) -> str:
    return str(sample)[:100]


def state(project: Path) -> dict[str, tuple[str, int, int]]:
    """Return content, time and mode of everything below a folder."""
    paths = sorted(project.rglob("*"))
    return {
        path.relative_to(project).as_posix(): (
            hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest(),
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in paths
    }


def test_clean_samples_have_every_layout() -> None:
    assert {name for sample in CLEAN for name in sample.layout} == set(LAYOUTS)


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_doctor_says_what_is_wrong_and_nothing_else(sample: Sample, tmp_path: Path) -> None:
    project = tmp_path / "project"
    sample.write(project)
    before = state(project)
    diagnosis = examined(project)
    assert sorted(codes(diagnosis).elements()) == sample.codes, told(diagnosis)
    assert [word for word in sample.words if word not in told(diagnosis)] == []
    assert state(project) == before


@pytest.mark.parametrize("sample", [CLEAN[3], BROKEN[0]], ids=name)
def test_command_says_the_same(sample: Sample, tmp_path: Path) -> None:
    project = tmp_path / "project"
    sample.write(project)
    before = state(project)
    ran = subprocess.run(
        [sys.executable, "-m", "harness", "doctor", str(project), "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == (1 if sample.faults else 0), ran.stderr
    assert "Traceback" not in ran.stderr
    assert sorted(finding["code"] for finding in json.loads(ran.stdout)["findings"]) == sample.codes
    assert state(project) == before
