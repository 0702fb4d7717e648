from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: As in tests/unit/seeding/test_generate.py, which computes it in the process of pytest.
HERE = "6c8b23d23197bf995d4a405cd5064122ea3530ac37f0f5dac2ced5cb91c1fa13"
#: Prints the digest of the shipped plan, with some made-up people, and what the process makes of its surroundings.
PROGRAM = """
from datetime import datetime, UTC
from pathlib import Path
from harness.seeding.generate import generate
from harness.seeding.plan import PlanOverrides, read_plan
plan = read_plan(Path("seeds/baseline.toml"), PlanOverrides(users=40), datetime.fromisoformat({now!r}), table="cruddur-messages")
print(generate(plan).digest())
"""


def digest_under(now: str = "2026-11-20T12:00:00+00:00", **surroundings: str) -> str:
    program = PROGRAM.format(now=now)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **surroundings}
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Asia/Kolkata"},
        {"TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "PYTHONOPTIMIZE": "2"},
        {"PYTEST_XDIST_WORKER": "gw7"},
        {"now": "2031-01-01T00:00:00+13:00"},
    ],
    ids=lambda surroundings: ",".join(f"{name}={value}" for name, value in surroundings.items()),
)
def test_digest_is_the_same_everywhere(surroundings: dict[str, str]) -> None:
    assert digest_under(**surroundings) == HERE


def test_shipped_plan_does_without_faker_which_takes_long_to_import() -> None:
    program = (
        PROGRAM.replace("users=40", "").format(now="2026-11-20T12:00:00+00:00")
        + "import sys; print('faker' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split()[1] == "False"
