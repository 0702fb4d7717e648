"""A stack for all processes of one run, such as a test run's workers: the first one in starts it, the last one out stops it."""

from __future__ import annotations

import hashlib
import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from harness.dataset import Progress, silent
from harness.engines.interrupts import terminable, undisturbed
from harness.engines.lease import Lease
from harness.engines.lock import is_locked, locked
from harness.errors import EnvironmentFailure
from harness.logs import make_state_folder
from harness.stack.finding import home_of, recorded_at, to_state
from harness.stack.lifecycle import discard, remove, start_on_free_ports
from harness.stack.running import unanswered
from harness.state import read_intent, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.config import Config
    from harness.stack.running import Stack

log = logging.getLogger(__name__)

#: In a run's home: the run is over, and somebody still wants to look at its databases.
_KEPT = "kept"


@contextmanager
def run_stack(config: Config, run: str, *, progress: Progress = silent) -> Iterator[Stack]:
    """Start the stack of a run, or join those who did, until the block ends. Other runs have stacks of their own.

    A process that dies, however it dies, is out. Where all did, `sweep_runs` or `harness down` cleans up.
    """
    make_state_folder(config.state_folder)
    home = home_of(config).with_name(f"run-{hashlib.sha256(run.encode()).hexdigest()[:12]}")
    with terminable(), ExitStack() as held:
        yield _join(config, home, held, progress)


def keep_run(stack: Stack) -> None:
    """Let a run's stack go on when its last process is out: until `harness down`."""
    (stack.home / _KEPT).touch()


def sweep_runs(config: Config) -> tuple[str, ...]:
    """Remove the stacks of runs whose processes are all dead, and name what was removed; kept ones stay."""
    found = sorted(home_of(config).parent.glob("run-*"))
    if not found:
        return ()
    removed: list[str] = []
    with locked(config.state_folder), undisturbed():
        for home in found:
            if home.is_dir() and not is_locked(home) and not (home / _KEPT).exists():
                removed += remove(config, home)
    return tuple(removed)


def _join(config: Config, home: Path, held: ExitStack, progress: Progress) -> Stack:
    """Return the stack at `home`, held by a lease that `held` gives back."""
    while True:
        with locked(config.state_folder):
            home.mkdir(exist_ok=True)
            lease = Lease(home)
            alone = lease.alone()
        with ExitStack() as undo:
            undo.callback(_leave, config, home, lease)
            if not alone:
                lease.share()  # waits for who starts it
            if not lease.is_of(home):
                continue  # the last one went out, and removed it
            found = recorded_at(config, home)
            if found is None and not alone:
                continue  # who started it gave up: our turn, or another's who waits
            if found is not None and (trouble := unanswered(found)) is not None:
                if not alone:
                    raise EnvironmentFailure(
                        f"the {found.engine} stack of this run broke: {trouble}",
                        hint=f"see {home}/*.log (was there enough memory?), and run it again",
                    )
                log.warning("the %s stack of this run broke (%s); starting it again", found.engine, trouble)
                discard(config, home)
                continue
            if found is None and read_intent(home) is not None:
                discard(config, home)  # who started it was killed half-way
                continue
            if found is None:
                found = start_on_free_ports(config, home, progress)
                write_state(home, to_state(found))
            if alone:
                with locked(config.state_folder):  # nobody sweeps in the moment between the two locks
                    lease.share()
            held.push(undo.pop_all())
            return found


def _leave(config: Config, home: Path, lease: Lease) -> None:
    """Give the lease back; whoever is the last to do so removes the stack, unless it is to be kept."""
    with undisturbed(), locked(config.state_folder):
        try:
            if lease.is_of(home) and lease.alone() and not (home / _KEPT).exists():
                discard(config, home)
        finally:
            lease.close()
