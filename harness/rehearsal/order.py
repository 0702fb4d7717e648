"""Which of the project's files are run, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.rehearsal.results import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.project.psql_calls import PsqlCall
    from harness.project.roles import Role
    from harness.project.source import Project, Source

_RUNNABLE = frozenset({"python", "shell"})
#: Where a script is looked for by its users: the folder that holds one of these.
_FOLDERS = frozenset({"bin", "scripts", "tools"})
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
    """Choose the files. Of several that do the same, those are taken that the project's own scripts use."""
    by_file: dict[str, PsqlCall] = {}
    for call in calls:
        for file in call.files:
            by_file.setdefault(file, call)
    left_out: list[NotDone] = []
    schemas = _sql(project, "sql-schema", by_file, left_out)
    seeds = _sql(project, "sql-seed", by_file, left_out)
    taken = {each.source.path for each in schemas}
    return Order(
        schemas=schemas,
        seeds=tuple(each for each in seeds if each.source.path not in taken),
        table_schemas=_scripts(project, "table-schema", left_out),
        table_seeds=_scripts(project, "table-seed", left_out),
        patterns=tuple(
            source for role in ("pattern-messages", "pattern-groups") for source in _scripts(project, role, left_out)
        ),
        handlers=tuple(source for source in project.with_role("stream-handler") if source.language == "python"),
        not_done=(*left_out, *_missing(project)),
    )


def users_folder(path: str) -> str:
    """Return the folder that a script's users stand in: the one that holds `bin/`; `.` is the root."""
    parts = PurePosixPath(path).parts
    found = [index for index, part in enumerate(parts[:-1]) if part in _FOLDERS]
    return "/".join(parts[: found[0]]) or "." if found else str(PurePosixPath(path).parent)


def _sql(project: Project, role: Role, by_file: Mapping[str, PsqlCall], left_out: list[NotDone]) -> tuple[SqlFile, ...]:
    found = [source for source in project.with_role(role) if source.language == "sql"]
    called = [source for source in found if source.path in by_file]
    taken = called or _one_of_a_name(found, left_out)
    why = "no script of the project gives it to psql"
    left_out.extend(NotDone(what=each.path, why=why) for each in found if called and each not in called)
    order = list(by_file)
    taken.sort(key=lambda source: (order.index(source.path) if source.path in by_file else len(order), source.path))
    return tuple(SqlFile(source=source, call=by_file.get(source.path)) for source in taken)


def _scripts(project: Project, role: Role, left_out: list[NotDone]) -> tuple[Source, ...]:
    found = [source for source in project.with_role(role) if source.language in _RUNNABLE]
    return tuple(_one_of_a_name(found, left_out))


def _one_of_a_name(found: list[Source], left_out: list[NotDone]) -> list[Source]:
    """Take the one that lies nearest to the root of several files of a name: others are what was copied or moved."""
    taken: dict[str, Source] = {}
    for source in sorted(found, key=lambda source: (source.path.count("/"), source.path)):
        first = taken.setdefault(PurePosixPath(source.path).stem, source)
        if first is not source:
            left_out.append(NotDone(what=source.path, why=f"{first.path} seems to be the same script"))
    return [*taken.values()]


def _missing(project: Project) -> Iterator[NotDone]:
    for role, words in _IN_WORDS.items():
        if not project.with_role(role):
            yield NotDone(what=words, why="no file was recognised as such")
