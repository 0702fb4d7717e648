"""Tells the harness what a guest tries that leads out of its copy of the project, and stops it.

It hears what Python does, no more: C libraries have sockets of their own, other programs aren't heard at all. What can't be
got around is the kernel's part (harness/sandbox).
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

from harness.streams.runtime.child.network import is_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.rehearsal.guest.journal import Journal

#: Audit events (Python's "Audit events table") with the address as last argument, and with the host as first one.
_TO_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
#: Events that change files, with the places of the paths among their arguments.
_CHANGES = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.mkdir": (0,),
    "os.rmdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.utime": (0,),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROCESSES = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"})
_ALWAYS_WRITABLE = ("/dev/", "/proc/self/")


def guard(journal: Journal, settings: Mapping[str, Any]) -> None:
    """Watch and refuse from now on. There is no way back."""
    sys.addaudithook(_Guard(journal, settings))


class _Guard:
    """The audit hook."""

    def __init__(self, journal: Journal, settings: Mapping[str, Any]) -> None:
        self._journal = journal
        self._hosts = frozenset(settings["aws"]["hosts"])
        self._ports = frozenset(settings["ports"])
        self._alone = settings["refuse"]
        own = (os.environ.get(name, "") for name in ("HOME", "TMPDIR"))
        folders = [settings["root"], *settings["writable"], *filter(None, own)]
        self._writable = (*_ALWAYS_WRITABLE, *(os.path.realpath(folder) + os.sep for folder in folders))

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if isinstance(flags := arguments[2], int) and flags & _WRITES:
                self._check_write(arguments[0])
        elif event in _CHANGES:
            for place in _CHANGES[event]:
                self._check_write(arguments[place])
        elif event in _TO_ADDRESS:
            self._check_address(arguments[-1])
        elif event in _LOOK_UPS:
            host = _text(arguments[0])
            if not self._is_known(host) and not _is_address(host):
                self._refuse("look-up", host)
        elif self._alone and event in _PROCESSES:
            self._refuse("process", _command(event, arguments))

    def _check_address(self, address: Any) -> None:
        if not (isinstance(address, tuple) and len(address) > 1):
            return  # a Unix socket
        host, port = _text(address[0]), address[1]
        # Alone, nothing else keeps the guest from this machine's other services.
        if not self._is_known(host) or (self._alone and port not in self._ports):
            self._refuse("connect", f"{host}:{port}")

    def _is_known(self, host: str) -> bool:
        return host in self._hosts or is_here(host)

    def _check_write(self, path: Any) -> None:
        if isinstance(path, int) or path is None:
            return  # of a file that is open already
        real = os.path.realpath(os.fsdecode(path))
        if not f"{real}/".startswith(self._writable):
            self._refuse("write", real)

    def _refuse(self, kind: str, what: str) -> None:
        at = self._journal.caller()
        if at is not None:
            self._journal("refused", refused=kind, what=what, at=at)
        raise PermissionError(errno.EACCES, f"the sandbox does not allow this ({kind})", what)


def _is_address(host: str) -> bool:
    """Whether it needs no look-up."""
    return ":" in host or host.replace(".", "").isdigit()


def _command(event: str, arguments: tuple[Any, ...]) -> str:
    """Return the command line, as far as the event tells it."""
    words = arguments[1] if event in {"subprocess.Popen", "os.exec", "os.posix_spawn"} else arguments[:1]
    if isinstance(words, str | bytes):
        words = [words]
    return " ".join(_text(word) for word in words or ()) or event


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | os.PathLike):
        return os.fsdecode(value if isinstance(value, os.PathLike) else bytes(value))
    return "" if value is None else str(value)
