"""A copy of a project that its programs may be run on."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024
#: Bytes of one file, and of all together. A project's code, schema and seeds are far below; pictures and dumps aren't.
LARGEST_FILE = 5 * MIB
LARGEST_PROJECT = 200 * MIB
#: Made from the rest, or of no use without it. A virtual environment of any name is known by its pyvenv.cfg.
_SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".pytest_cache"}
    | {".ruff_cache", ".tox", ".nox", ".terraform", ".next", ".idea", ".DS_Store"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Something to copy; `size` is 0 for what isn't a file."""

    path: Path
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else 0


def copy_project(source: Path, ground: Path) -> tuple[Path, ...]:
    """Copy a project into an empty folder, and return the relative paths of what was left out.

    The source is only read. The copy keeps names, permissions (a missing execute bit is worth a finding) and times,
    and holds no way out: links that lead elsewhere, sockets and devices are left out.
    """
    source = source.resolve()
    _check(source, ground.resolve())
    found, left_out = _survey(source)
    taken, too_much = _within_limits(found)
    left_out += too_much
    ground.mkdir(parents=True, exist_ok=True)
    for part in taken:
        if not _copied(part, source, ground):
            left_out.append(part.path)
    _stamp_folders(taken, source, ground)
    return tuple(sorted(path.relative_to(source) for path in left_out))


def _check(source: Path, ground: Path) -> None:
    if not source.is_dir():
        raise UsageError(f"{source} is no folder", hint="name the folder that the project lies in")
    if ground.is_relative_to(source) or source.is_relative_to(ground):
        raise UsageError(f"{ground} and {source} lie one in the other", hint="copy to a folder beside the project")
    if ground.exists() and (not ground.is_dir() or any(ground.iterdir())):
        raise UsageError(f"{ground} is not an empty folder", hint="name a folder that does not exist yet")


def _survey(source: Path) -> tuple[list[_Part], list[Path]]:
    """Return what could be copied, folders before what is in them, and what could not."""
    parts, left_out = [], []
    for path, status in _walk(source):
        if status is None or path.name in _SKIPPED or (path / "pyvenv.cfg").is_file():
            left_out.append(path)
        elif _is_of_the_project(path, status, source):
            parts.append(_Part(path=path, status=status))
        else:
            left_out.append(path)
    return parts, left_out


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result | None]]:
    """Yield every path below a folder, sorted; those that are skipped are not entered."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        raise EnvironmentFailure(
            f"{folder} can't be read", hint="run as a user who may read the whole project"
        ) from None
    for path in paths:
        try:
            status = path.lstat()
        except OSError:  # gone meanwhile
            continue
        enter = stat.S_ISDIR(status.st_mode) and path.name not in _SKIPPED and not (path / "pyvenv.cfg").is_file()
        if enter and not os.access(path, os.R_OK | os.X_OK):
            yield path, None
            continue
        yield path, status
        if enter:
            yield from _walk(path)


def _is_of_the_project(path: Path, status: os.stat_result, source: Path) -> bool:
    if stat.S_ISLNK(status.st_mode):
        return _target(path).is_relative_to(source)
    return stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_FILE)


def _target(link: Path) -> Path:
    """Return where a link leads in the end, be something there or not."""
    try:
        return link.resolve()
    except (OSError, RuntimeError):  # a ring of links
        return Path("/")


def _within_limits(parts: list[_Part]) -> tuple[list[_Part], list[Path]]:
    """Leave out the largest files until the rest is within the limit for the whole project."""
    room = LARGEST_PROJECT
    too_much = set()
    for part in sorted(parts, key=lambda part: (part.size, part.path)):
        room -= part.size
        if room < 0:
            too_much.add(part.path)
    return [part for part in parts if part.path not in too_much], sorted(too_much)


def _copied(part: _Part, source: Path, ground: Path) -> bool:
    """Copy one path; False where it can't be read."""
    target = ground / part.path.relative_to(source)
    mode = part.status.st_mode
    if stat.S_ISDIR(mode):
        target.mkdir()
        target.chmod(stat.S_IMODE(mode) & 0o777 | 0o700)
        return True
    try:
        if stat.S_ISLNK(mode):
            # Relative, so that it stays within the copy.
            target.symlink_to(os.path.relpath(_target(part.path), part.path.parent.resolve()))
            return True
        shutil.copyfile(part.path, target, follow_symlinks=False)
    except OSError:
        target.unlink(missing_ok=True)
        return False
    target.chmod(mode & 0o777 | 0o600)
    os.utime(target, ns=(part.status.st_atime_ns, part.status.st_mtime_ns))
    return True


def _stamp_folders(taken: list[_Part], source: Path, ground: Path) -> None:
    """Give folders their times back, deepest first, now that nothing more is put into them."""
    for part in reversed(taken):
        if stat.S_ISDIR(part.status.st_mode):
            times = (part.status.st_atime_ns, part.status.st_mtime_ns)
            os.utime(ground / part.path.relative_to(source), ns=times)
