"""The last steps before the foreign program: limits, no privileges, its own session."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING

from harness.sandbox.inside import linux
from harness.sandbox.inside.system_calls import refuse_system_calls

if TYPE_CHECKING:
    from typing import NoReturn

    from harness.sandbox.inside.order import Limits, Order

#: As shells have it: the program isn't there; it is there and can't be run.
_NOT_FOUND, _NOT_RUN = 127, 126
#: What keeps the program in could not be done. The probe finds out, and no program is ever run without.
_NOT_STARTED = 125


def become(order: Order) -> NoReturn:
    """Turn this process into the program of the order."""
    with contextlib.suppress(PermissionError):  # a guard's helper leads its session already
        os.setsid()
    try:
        _default_signals()
        _limit(order.limits, namespaces=order.namespaces)
        if order.namespaces:
            _drop_privileges(order.account)
    except OSError as exc:
        os.write(2, f"the program was not started: {exc.filename or 'privileges'}: {exc.strerror}\n".encode())
        os._exit(_NOT_STARTED)
    try:
        os.chdir(order.cwd)
        os.execvpe(order.argv[0], order.argv, order.env)  # noqa: S606 - the very point
    except OSError as exc:
        os.write(2, f"{exc.filename or order.argv[0]}: {exc.strerror}\n".encode())
        os._exit(_NOT_FOUND if isinstance(exc, FileNotFoundError) else _NOT_RUN)


def _default_signals() -> None:
    """Undo what Python ignores (SIGPIPE, SIGXFSZ): an ignored signal stays so through exec (signal(7))."""
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):  # SIGKILL and SIGSTOP
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _limit(limits: Limits, *, namespaces: bool) -> None:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_AS: limits.address_space,
    }
    # Since Linux 5.14 the count is of the user within the user namespace, before of all that the user runs anywhere
    # (setrlimit(2)); the guard has those counted in.
    if not namespaces or _release() >= (5, 14):
        wanted[resource.RLIMIT_NPROC] = limits.processes
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS knows no RLIMIT_AS
            resource.setrlimit(kind, (most, most))


def _release() -> tuple[int, int]:
    if sys.platform != "linux":
        return 0, 0
    first, second = os.uname().release.split(".")[:2]
    return int(first), int("".join(digit for digit in second if digit.isdigit()))


def _drop_privileges(account: tuple[int, int] | None) -> None:
    linux.drop_bounding_set()
    if account:
        user, group = account
        os.setgroups([])
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    linux.drop_capabilities()
    refuse_system_calls()
