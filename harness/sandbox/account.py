"""Whom a superuser's programs run as: a user that owns nothing, so that the kernel's file permissions hold for them."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where systemd takes the users from that exist only while a service runs (DynamicUser=, systemd.exec(5)).
_FIRST, _LAST = 61184, 65519
#: Of capabilities(7).
_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN = 0, 6, 7, 21


def lesser_account() -> tuple[int, int] | None:
    """Return user and group for the programs of a superuser; None for everybody else.

    Another one each time: processes are counted by user (RLIMIT_NPROC), and one sandbox must not use up the count of
    another, or of a database that runs as nobody.
    """
    if os.geteuid() != 0 or not _may(_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID) or not (_knows("uid") and _knows("gid")):
        return None
    number = _FIRST + secrets.randbelow(_LAST - _FIRST)
    return number, number


def may_administer() -> bool:
    """Tell whether namespaces can be had without one for users: a container's root often lacks the capability."""
    return _may(_CAP_SYS_ADMIN)


def hand_over(folder: Path, account: tuple[int, int]) -> None:
    """Make a folder and all in it the account's; links are not followed."""
    for path in (str(folder), *_below(str(folder))):
        if os.lstat(path).st_uid != account[0]:
            os.chown(path, *account, follow_symlinks=False)


def _below(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.path
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)


def _may(*capabilities: int) -> bool:
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return False
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return effective is not None and all(int(effective[1], 16) >> number & 1 for number in capabilities)


def _knows(kind: str) -> bool:
    """Tell whether the numbers exist here: a container may have few (user_namespaces(7))."""
    ranges = [tuple(map(int, line.split())) for line in Path(f"/proc/self/{kind}_map").read_text("ascii").splitlines()]
    return any(first <= _FIRST and first + count > _LAST for first, _, count in ranges)
