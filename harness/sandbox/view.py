"""Which folders of this machine a sandbox shows, beside the system's programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.sandbox.inside.order import Bind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Shown in any case (inside/root.py).
_SYSTEM = ("/usr", "/opt", "/nix", "/gnu")
_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin")


def binds(ground: Path, readable: Iterable[Path], programs: Iterable[Path]) -> tuple[Bind, ...]:
    """Return what to bind: the ground to write to, the rest to read."""
    folders = [Path(folder).absolute() for folder in (*readable, *programs)]
    for folder in folders:
        if not folder.exists():
            raise EnvironmentFailure(
                f"the sandbox is to show {folder}, which does not exist", hint="create it, or leave it out"
            )
    shown: dict[str, Bind] = {}
    for folder in (*folders, *_environments(folders), Path(sys.prefix), Path(sys.base_prefix)):
        # A link's target must be there as well: programs find their libraries by their real place.
        for target in (folder, folder.resolve()):
            if not any(target.is_relative_to(system) for system in _SYSTEM):
                shown[str(target)] = Bind(source=str(folder.resolve()), target=str(target))
    for target in (ground.absolute(), ground.resolve()):
        shown[str(target)] = Bind(source=str(ground.resolve()), target=str(target), writable=True)
    return tuple(shown.values())


def search_path(programs: Sequence[Path]) -> str:
    """Return PATH: what was asked for, the system's, and at the very end our own python3, should there be no other."""
    return os.pathsep.join(
        (*(str(Path(folder).absolute()) for folder in programs), *_PATH, str(Path(sys.executable).parent))
    )


def _environments(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield what a virtual environment consists of beside the folder that was named: itself, and its Python's home."""
    for folder in folders:
        for candidate in (folder, folder.parent):
            settings = candidate / "pyvenv.cfg"
            if settings.is_file():
                yield candidate
                yield from _home(settings.read_text(encoding="utf-8"))


def _home(settings: str) -> Iterator[Path]:
    for line in settings.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and (home := Path(value.strip()).parent).is_dir():
            yield home
