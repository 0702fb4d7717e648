"""Things that are slow to make, made once and kept for every project of this user."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engines.lock import locked
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pwd import struct_passwd

NAME = "access-pattern-harness"


def cache_folder(account: struct_passwd | None) -> Path:
    """Return a folder of ours that `account` (None: ourselves) can enter too, made if need be."""
    tried = []
    for folder in _candidates(account):
        tried.append(str(folder))
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        if _is_safe(folder) and enterable(folder, account):
            return folder
    raise EnvironmentFailure(
        f"no folder to keep PostgreSQL's files in; looked at {', '.join(tried)}",
        hint="name one that you may write to: export XDG_CACHE_HOME=/path",
    )


def _candidates(account: struct_passwd | None) -> Iterator[Path]:
    if configured := os.environ.get("XDG_CACHE_HOME"):
        yield Path(configured) / NAME
    if account is not None:
        yield Path("/var/cache") / NAME
    else:
        yield Path(os.environ.get("HOME") or "/nonexistent") / ".cache" / NAME
    yield Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid()}"


def _is_safe(folder: Path) -> bool:
    """Whether the folder is ours alone to write to: programs in it are going to be run."""
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & 0o022
        and os.access(folder, os.W_OK)
    )


def enterable(path: Path, account: struct_passwd | None) -> bool:
    """Whether `account` may go into the folder and every folder above it (by mode bits)."""
    if account is None:
        return os.access(path, os.X_OK)
    return all(_may_enter(folder, account) for folder in (path, *path.parents))


def _may_enter(folder: Path, account: struct_passwd) -> bool:
    found = folder.stat()
    if found.st_uid == account.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def make_once(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """Return `folder/name`, made by `make` in a scratch folder and put in place whole; safe with two at once."""
    target = folder / name
    if target.is_dir():
        return target
    with locked(folder):
        if target.is_dir():
            return target
        for leftover in folder.glob("making-*"):  # its maker is dead: we hold the lock
            shutil.rmtree(leftover, ignore_errors=True)
        scratch = folder / f"making-{secrets.token_hex(4)}"
        try:
            make(scratch)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target
