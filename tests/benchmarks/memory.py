"""Peak memory of generating 50,000 and 500,000 messages: it must not grow with their number."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.benchmarks.figures import Figure, heading, show


def main() -> None:
    heading("Peak memory of `harness seed --dry-run` (one process each)")
    small, *rest = (peak(messages) for messages in (600, 50_000, 500_000))
    show([small, *rest], baseline=small)


def peak(messages: int) -> Figure:
    argv = [sys.executable, "-m", "harness", "seed", "--dry-run", "--json", "--messages", str(messages)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(argv)} exited with {process.returncode}")
    scale = 1024 if sys.platform == "linux" else 1  # ru_maxrss: KiB on Linux, bytes on macOS (getrusage(2))
    return Figure(f"{messages:,} messages", (usage.ru_maxrss * scale / 2**20,), "MiB")
