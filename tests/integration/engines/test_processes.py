"""A process that dies at the worst moment: between two looks at it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil

from harness.engines import processes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_one_that_dies_while_it_is_looked_at_still_tells_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit(3)"], stdin=subprocess.PIPE)
    created = psutil.Process(child.pid).create_time()
    (tmp_path / "postgres.json").write_text(json.dumps({"pid": child.pid, "created": created}))
    looked = processes._is_recorded

    def dies_first(recorded: processes.Child) -> bool:
        assert child.stdin is not None
        child.stdin.close()
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        return looked(recorded)

    assert processes.became(tmp_path, "postgres") is None
    monkeypatch.setattr(processes, "_is_recorded", dies_first)
    assert processes.became(tmp_path, "postgres") == "exited with code 3"
    child.returncode = 3  # it was waited for behind Popen's back
