"""The helper process from its start: it takes one order, leaves the namespaces of the machine, and waits."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import NoReturn

from harness.sandbox.inside import linux
from harness.sandbox.inside.channel import Channel
from harness.sandbox.inside.first import be_first
from harness.sandbox.inside.order import Order, order_from
from harness.sandbox.inside.program import become

_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS


def main(descriptor: int) -> NoReturn:
    """Carry out the order that comes through a descriptor."""
    end = socket.socket(fileno=descriptor)
    end.set_inheritable(False)
    channel = Channel(end)
    fields, _ = channel.receive()
    if fields is None:
        os._exit(1)
    order = order_from(fields)
    if not order.namespaces:
        channel.close()
        become(order)
    linux.die_with_parent()
    with contextlib.suppress(OSError):  # where memory runs out, this goes first and not the user's editor (proc(5))
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        _leave(order)
    except OSError as exc:
        channel.send({"failed": f"{exc.filename or 'unshare'}: {exc.strerror}"})
        os._exit(1)
    # unshare(2): only children enter the new pid namespace.
    first = os.fork()
    if first == 0:
        be_first(order, channel)
    channel.close()
    os.waitpid(first, 0)
    os._exit(0)


def _leave(order: Order) -> None:
    if not order.user_namespace:
        linux.unshare(_NAMESPACES)
    elif order.account:
        _leave_with_two_users(order.account)
    else:
        user, group = os.getuid(), os.getgid()
        linux.unshare(linux.CLONE_NEWUSER | _NAMESPACES)
        # user_namespaces(7): one id may map itself, once setgroups is given up.
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path(f"/proc/self/{name}").write_text(text)


def _leave_with_two_users(account: tuple[int, int]) -> None:
    """Take the superuser along, and the user that the program becomes; only a process that stays can map two."""
    parent = os.getpid()
    waiting, left = os.pipe()
    staying = os.fork()
    if staying == 0:
        os.close(left)
        os.read(waiting, 1)
        try:
            for name, number in (("uid_map", account[0]), ("gid_map", account[1])):
                Path(f"/proc/{parent}/{name}").write_text(f"0 0 1\n{number} {number} 1\n")
        except OSError as exc:
            os._exit(exc.errno or 1)
        os._exit(0)
    try:
        linux.unshare(linux.CLONE_NEWUSER | _NAMESPACES)
    finally:
        os.close(left)
        number = os.waitstatus_to_exitcode(os.waitpid(staying, 0)[1])
    if number:
        raise OSError(number, os.strerror(abs(number)), "uid_map")
