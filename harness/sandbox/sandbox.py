"""Runs foreign programs on a copy of their project."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from harness.errors import EnvironmentFailure
from harness.sandbox.account import hand_over, lesser_account, may_administer
from harness.sandbox.guard import MARK, run_guarded
from harness.sandbox.inside.order import HOME, JOURNAL, Bind, Limits, Order
from harness.sandbox.journal import read_journal
from harness.sandbox.launch import run_in_namespaces
from harness.sandbox.model import Doors, Isolation, Ran
from harness.sandbox.view import binds, search_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

_PROBE_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    argv: list[str]
    cwd: str
    env: Mapping[str, str]


class Sandbox:
    """A copy of a project, and walls around whatever runs on it: docs/isolation.md says what they keep out.

    Each run gets namespaces of its own (30 ms), so nothing outlives it but what it wrote below the ground. With the
    guard there are no doors: programs must be told the real ports by their environment.
    """

    def __init__(
        self, ground: Path, doors: Doors, *, readable: Sequence[Path] = (), programs: Sequence[Path] = ()
    ) -> None:
        if not ground.is_dir():
            raise EnvironmentFailure(
                f"the sandbox is to work on {ground}, which is no folder", hint="make the copy first"
            )
        self._ground = ground.resolve()
        self._doors = doors
        self._binds = binds(ground, readable, programs)
        self._path = search_path(programs)
        self._account = lesser_account()
        # Resolved, as the kernel tells the mounts below it by their real place.
        self._scratch = Path(tempfile.mkdtemp(prefix="harness-sandbox-")).resolve()
        (self._scratch / "root").mkdir()
        self._runs = itertools.count(1)
        self.isolation = self._probe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what the sandbox kept beside the ground."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str] = MappingProxyType({}),
        stdin: bytes | Path | None = None,
        timeout: float = 20.0,
    ) -> Ran:
        """Run a program to its end, or until it is stopped; afterwards nothing of it runs any more.

        A program that isn't there, or can't be run, exits with 127 or 126 and says so, as in a shell.
        """
        if not cwd.is_dir():
            raise EnvironmentFailure(f"a program is to run in {cwd}, which is no folder", hint="look at the copy")
        call = _Call(argv=[os.fspath(part) for part in argv], cwd=str(cwd.absolute()), env=env)
        place = self._scratch / str(next(self._runs))
        place.mkdir()
        try:
            return self._run(call, place, stdin, timeout)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _run(self, call: _Call, place: Path, stdin: bytes | Path | None, timeout: float) -> Ran:
        journal = place / "journal"
        journal.touch()
        if self.isolation.kind == "guard":
            report, capture = run_guarded(self._guarded(call, place), stdin, timeout)
        else:
            report, capture = run_in_namespaces(self._isolated(call, journal), self._doors.ports, stdin, timeout)
        return Ran(
            argv=tuple(call.argv),
            cwd=Path(call.cwd),
            exit_code=report.exit_code,
            stdout=capture.stdout.text(),
            stderr=capture.stderr.text(),
            seconds=report.seconds,
            stopped=report.stopped,
            left_running=report.left_running,
            journal=read_journal(journal),
        )

    def _isolated(self, call: _Call, journal: Path) -> Order:
        """Return the order for a run in namespaces; the ground is handed over anew, as the caller may have added to it."""
        if self._account:
            hand_over(self._ground, self._account)
            os.chown(journal, *self._account)
        return Order(
            argv=call.argv,
            cwd=call.cwd,
            env=self._environment(HOME, JOURNAL) | dict(call.env),
            limits=Limits(),
            namespaces=True,
            root=str(self._scratch / "root"),
            ground=str(self._ground),
            binds=(*self._binds, Bind(source=str(journal), target=JOURNAL, writable=True)),
            names=tuple(sorted(self._doors.names)),
            ports=tuple(self._doors.ports),
            user_namespace=not may_administer(),
            account=self._account,
        )

    def _guarded(self, call: _Call, place: Path) -> Order:
        for name in ("home", "tmp"):
            (place / name).mkdir()
        own = {"TMPDIR": str(place / "tmp"), MARK: str(place)}
        env = self._environment(str(place / "home"), str(place / "journal")) | own | dict(call.env)
        return Order(argv=call.argv, cwd=call.cwd, env=env, limits=Limits())

    def _environment(self, home: str, journal: str) -> dict[str, str]:
        return {"PATH": self._path, "HOME": home, "LANG": "C.UTF-8", "TZ": "UTC", "HARNESS_JOURNAL": journal}

    def _probe(self) -> Isolation:
        """Run nothing in namespaces once, with all that the runs will have: they get all of it, or the guard."""
        if sys.platform != "linux":
            return Isolation(kind="guard", why=f"namespaces are Linux's, and this is {sys.platform}")
        place = self._scratch / "probe"
        place.touch()
        order = self._isolated(_Call(argv=["sh", "-c", ":"], cwd=str(self._ground), env={}), place)
        try:
            report, capture = run_in_namespaces(order, self._doors.ports, None, _PROBE_TIMEOUT)
        except EnvironmentFailure as exc:
            return Isolation(kind="guard", why=exc.message)
        if report.exit_code != 0:
            told = capture.stderr.text().strip().splitlines() or [f"exit code {report.exit_code}"]
            return Isolation(kind="guard", why=f"no program runs in namespaces here: {told[-1]}")
        return Isolation(kind="namespaces")
