"""What the helper is told to do, and what it tells back."""

from __future__ import annotations

from typing import Literal, NamedTuple

#: Where the program finds the file that it may append JSON lines to.
JOURNAL = "/run/harness/journal"
#: Its home, in the private /tmp.
HOME = "/tmp/home"  # noqa: S108 - a tmpfs of its own

MIB = 1024 * 1024


Stopped = Literal["time", "output", "memory"]


class Bind(NamedTuple):
    """A file or folder of this machine that can be seen inside."""

    source: str
    target: str
    writable: bool = False


class Limits(NamedTuple):
    """How much a program may take. Generous: they bound harm, they don't judge."""

    #: Bytes that one process may map; node and Java map far more than they use.
    address_space: int = 8192 * MIB
    #: Bytes that all processes together may hold.
    memory: int = 2048 * MIB
    #: Bytes of one file.
    file_size: int = 256 * MIB
    #: Bytes that the ground may hold, the copied project included.
    ground: int = 1024 * MIB
    #: Bytes of the private /tmp.
    scratch: int = 256 * MIB
    #: Processes and threads.
    processes: int = 128
    #: Open files.
    files: int = 1024


class Order(NamedTuple):
    """One run. A NamedTuple, as it goes through JSON and the helper can't wait for dataclasses to load."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    limits: Limits
    #: False: only limits, then the program itself.
    namespaces: bool = False
    #: An empty folder, which nothing is written to: the new root is mounted on it, out of everybody else's sight.
    root: str = ""
    ground: str = ""
    binds: tuple[Bind, ...] = ()
    #: What is known as this machine inside.
    names: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    #: Whether the other namespaces can only be had within one for users.
    user_namespace: bool = True
    #: User and group to become; None where the caller is no superuser: then it stays who it is.
    account: tuple[int, int] | None = None


class Report(NamedTuple):
    """How a run ended, as the first process inside saw it."""

    #: None where it was stopped, by a limit or by the word of the harness.
    exit_code: int | None
    stopped: Stopped | None
    left_running: tuple[str, ...]
    seconds: float


def order_from(fields: dict[str, object]) -> Order:
    """Return the order that `Order._asdict` and JSON made this of."""
    told = dict(fields)
    told["limits"] = Limits(*told["limits"])  # type: ignore[misc]
    told["binds"] = tuple(Bind(*bind) for bind in told["binds"])  # type: ignore[attr-defined]
    return Order(**told)  # type: ignore[arg-type]
