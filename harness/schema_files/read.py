"""From the globs of a configuration to one checked Schema."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.schema import Schema
from harness.schema_files.documents import read_document
from harness.schema_files.sql import read_migration
from harness.schema_files.tables import tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.config import Config
    from harness.schema import Migration, TableSchema


def read_schema(config: Config) -> Schema:
    """Read and check every schema file that the configuration names."""
    documents = _matching(config.project, config.dynamodb_schema, "DynamoDB")
    scripts = _matching(config.project, config.postgres_schema, "Postgres")
    tables = [table for path in documents for table in tables_of(read_document(path))]
    migrations = sorted((read_migration(path) for path in scripts), key=lambda migration: migration.name)
    _refuse_twice(tables, "table")
    _refuse_twice(migrations, "migration")
    return Schema(tables=tuple(tables), migrations=tuple(migrations))


def _matching(project: Path, patterns: Sequence[str], what: str) -> list[Path]:
    """Files that the globs match, each once; globs that match nothing at all are an error."""
    absolute = [str(project / pattern) for pattern in patterns]
    paths = {Path(name).resolve() for pattern in absolute for name in glob.glob(pattern, recursive=True)}  # noqa: PTH207 - absolute globs
    files = sorted(path for path in paths if path.is_file())
    if patterns and not files:
        raise UsageError(
            f"no {what} schema file found; looked at {', '.join(absolute)}",
            hint="name your schema files in harness.toml, or type `harness init` for a start",
        )
    return files


def _refuse_twice(described: Iterable[TableSchema | Migration], what: str) -> None:
    seen: dict[str, Path] = {}
    for entry in described:
        if entry.name in seen:
            raise UsageError(
                f"{what} {entry.name!r} is described twice: in {seen[entry.name]} and in {entry.source}",
                hint="take one of them out of the schema's globs",
            )
        seen[entry.name] = entry.source
