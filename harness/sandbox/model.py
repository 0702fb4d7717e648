"""What a sandbox is given and what a run in it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What can be reached from inside, and where it really is."""

    #: Port inside (on 127.0.0.1 and ::1) -> host and port on this machine, e.g. `{5432: ("127.0.0.1", 40123)}`.
    ports: Mapping[int, tuple[str, int]]
    #: Host names that mean this machine inside, beside localhost: `db`, `dynamodb-local`, an RDS host.
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How a foreign program is kept from what is not its business."""

    kind: Literal["namespaces", "guard"]
    #: Why it is only a guard; empty where namespaces do it.
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one program did."""

    argv: tuple[str, ...]
    cwd: Path
    #: Negative for a signal; None where it was stopped.
    exit_code: int | None
    #: What can't be decoded stands as `\\xNN`; what was over the limit is cut, and the cut is told.
    stdout: str
    stderr: str
    seconds: float
    #: Why it was stopped.
    stopped: Literal["time", "output", "memory"] | None = None
    #: Command lines of processes that it left behind and that were ended.
    left_running: tuple[str, ...] = ()
    #: JSON lines that programs inside wrote to the file named by HARNESS_JOURNAL.
    journal: tuple[dict[str, Any], ...] = ()
