"""Peak memory of generating 50,000 and 500,000 messages: it must not grow with their number."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.figures import Figure, heading, show

#: The process tells its own peak. What its parent is told (getrusage(2), ru_maxrss) begins with the parent's own size,
#: which a child has for a moment before exec.
_SCRIPT = """
import resource, sys
from pathlib import Path
from harness.cli import main
code = main(sys.argv[1:])
status = Path("/proc/self/status")
if status.exists():
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
sys.stderr.write(f"{peak}\\n")
sys.exit(code)
"""


def main() -> None:
    heading("Peak memory of `harness seed --dry-run` (one process each)")
    small, *rest = (peak(messages) for messages in (1_000, 50_000, 500_000))
    show([small, *rest], baseline=small)


def peak(messages: int) -> Figure:
    """Return the peak of one dry run, in MiB."""
    argv = [sys.executable, "-c", _SCRIPT, "seed", "--dry-run", "--json", "--messages", str(messages)]
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return Figure(f"{messages:,} messages", (float(done.stderr.split()[-1]),), "MiB")
