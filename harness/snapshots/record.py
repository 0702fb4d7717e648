"""The record of a snapshot: written when all of it is there, and so what makes it one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean
from harness.state import write_whole

if TYPE_CHECKING:
    from pathlib import Path

_RECORD = "snapshot.json"
_VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: Databases of snapshots: by project, since several may share an external server.
PREFIX = "harness_snapshot_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Both databases at one moment."""

    name: str
    #: ISO 8601, UTC.
    saved_at: str
    #: The Postgres database that is the copy, and what was said of the original by ALTER DATABASE … SET.
    database: str
    settings: tuple[tuple[str, str], ...]
    #: How many items each DynamoDB table has.
    items: dict[str, int]
    #: SHA-256 of each table's file.
    checksums: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self) | {"version": _VERSION}


class Shelf:
    """The snapshots of one stack, a folder each."""

    def __init__(self, home: Path, project: Path) -> None:
        self.folder = home / "snapshots"
        self.prefix = f"{PREFIX}{_short(str(project))}_"

    def database(self, name: str) -> str:
        """Return what a snapshot's Postgres database is called."""
        return f"{self.prefix}{_short(name)}"

    def place(self, name: str) -> Path:
        """Return the folder of a snapshot, existing or not. UsageError for a name that can't be one."""
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} can't be a snapshot's name: up to 64 letters, digits, dots, dashes and underscores",
                hint="harness snapshot save before-the-bug",
            )
        return self.folder / name

    def all(self) -> tuple[Snapshot, ...]:
        """Return every whole snapshot, the oldest first."""
        found = (_read(path) for path in self.folder.glob(f"*/{_RECORD}"))
        return tuple(sorted((each for each in found if each is not None), key=lambda each: each.saved_at))

    def get(self, name: str) -> Snapshot:
        """Return the snapshot of that name. UsageError where there is none."""
        found = {each.name: each for each in self.all()}
        self.place(name)
        if name not in found:
            known = ", ".join(found) or "none is saved"
            raise UsageError(
                f"there is no snapshot {name!r} of this stack",
                hint=did_you_mean(name, list(found), otherwise=f"harness snapshot list (known: {known})"),
            )
        return found[name]

    def put(self, snapshot: Snapshot) -> None:
        """Write the record: from now on there is such a snapshot."""
        write_whole(self.place(snapshot.name) / _RECORD, snapshot.to_dict())

    def remove(self, name: str) -> None:
        """Remove the record first, so that half a snapshot is none, then the files."""
        place = self.place(name)
        (place / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)


def _read(path: Path) -> Snapshot | None:
    """Return what a record says; None where it is of another harness, or broken: then it can't be trusted."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("version") != _VERSION:
            return None
        data["settings"] = tuple((str(key), str(value)) for key, value in data["settings"])
        return Snapshot(**data)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
