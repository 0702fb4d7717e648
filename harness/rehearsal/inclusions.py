r"""SQL files that bring in others, by `\i` from where psql stands and by `\ir` from where they lie."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from harness.project.sql.text import meta_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.roles import Role
    from harness.project.source import Project, Source

_FROM_PSQL = frozenset({"i", "include"})
_LOADED: frozenset[Role] = frozenset({"sql-schema", "sql-seed"})
_FROM_FILE = frozenset({"ir", "include_relative"})


def standing(project: Project, source: Source, folders: Iterable[str]) -> str:
    r"""Return the folder among some that psql finds everything from that a file brings in; the first where none is."""
    wanted = [path for name, path in _brought_in(source) if name in _FROM_PSQL]
    tried = [*dict.fromkeys(folders)]
    fitting = (folder for folder in tried if all(_joined(folder, path) in project.sources for path in wanted))
    return next(fitting, tried[0])


def lifted(project: Project, sources: Iterable[Source], role: Role) -> tuple[Source, ...]:
    """Return the files; one that brings several of them in stands in their place, unless it brings in more than its role."""
    given = [*sources]
    others = _LOADED - {role}
    for whole in project.sources.values():
        parts = [*_parts(project, whole)] if whole.language in {"sql", "text"} else []
        found = {found for part in parts if part is not None for found in part.roles}
        if role in found and not found & others:
            given = [whole if each in parts else each for each in given]
    return tuple(dict.fromkeys(given))


def _parts(project: Project, whole: Source) -> Iterator[Source | None]:
    """Yield the files that one brings in, wherever psql may stand; None for what isn't there."""
    around = [*_around(whole.path)]
    for name, path in _brought_in(whole):
        folders = around[:1] if name in _FROM_FILE else around
        found = (project.find(_joined(folder, path)) for folder in folders)
        yield next((source for source in found if source is not None), None)


def _brought_in(source: Source) -> Iterator[tuple[str, str]]:
    for each in meta_commands(source.text):
        if each.name in _FROM_PSQL | _FROM_FILE:
            yield each.name, each.arguments.strip().strip("'\"")


def _around(path: str) -> Iterator[str]:
    """Yield the file's folder, and those above it; the root is `.`."""
    while path and path != ".":
        path = posixpath.dirname(path) or "."
        yield path


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))
