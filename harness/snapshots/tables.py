"""DynamoDB tables as files: how each is made, in the first line, and an item in each that follows."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.schema import TableSchema
from harness.stores.dynamodb_description import definition_of
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_ready import ReadyTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from harness.dataset import Item
    from harness.stores.dynamodb import DynamoDBStore


def write_table(store: DynamoDBStore, name: str, folder: Path) -> tuple[int, str] | None:
    """Write a table to its file; return how many items it has and the file's SHA-256. None: there is no such table."""
    with translated(store.endpoint):
        described = store.tables.describe(name)
        ttl = store.tables.ttl(name) if described else None
    if described is None:
        return None
    path = _path(folder, name)
    count = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        _write_line(file, {"name": name, "definition": definition_of(described), "ttl": ttl})
        for item in store.items(name):
            _write_line(file, item)
            count += 1
    return count, _checksum(path)


def read_table(name: str, folder: Path, checksum: str) -> ReadyTable:
    """Return a table ready to be made. EnvironmentFailure when its file is not what was written."""
    path = _path(folder, name)
    try:
        if _checksum(path) != checksum:
            raise EnvironmentFailure(f"{path} is not what was saved: its checksum differs", hint=_hint(folder))
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = json.loads(next(file))
            table = TableSchema(name=name, definition=head["definition"], ttl_attribute=head["ttl"], source=path)
            return ReadyTable.of(table, _items(file))
    except (OSError, ValueError, KeyError, StopIteration) as exc:
        raise EnvironmentFailure(f"{path} can't be read: {exc}", hint=_hint(folder)) from exc


def _items(file: TextIO) -> Iterator[Item]:
    for line in file:
        yield json.loads(line)


def _write_line(file: TextIO, value: object) -> None:
    file.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")


def _path(folder: Path, name: str) -> Path:
    # The names of tables, letters, digits, dots, dashes and underscores, are names of files.
    return folder / f"{name}.jsonl.gz"


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hint(folder: Path) -> str:
    return f"harness snapshot rm {folder.name}, and save it anew"
