"""Which files of a project others refer to: psql calls, started scripts, imports, included SQL, templates, mounts.

`referred(project)` gives, by path, the files that refer to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from harness.project.python.outline import outline
from harness.project.shell.file_references import referred_file
from harness.project.shell.psql_calls import psql_calls
from harness.project.shell.script_calls import script_calls
from harness.project.sql.text import meta_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.paths import Paths
    from harness.project.source import Project, Source

_INCLUDING = frozenset({"i", "ir", "include", "include_relative"})
_MOUNTED = re.compile(r"[\w./-]+\.sql\b")
_CODE_FOLDER = re.compile(r"['\"]?CodeUri['\"]?:\s*['\"]?([\w./-]+)")


def referred(project: Project) -> dict[str, set[str]]:
    """Return who refers to each file that is referred to."""
    found: dict[str, set[str]] = defaultdict(set)
    for call in psql_calls(project):
        for file in call.files:
            found[file].add(call.place.path)
    for started in script_calls(project):
        found[started.path].add(started.place.path)
    for source in project.sources.values():
        for path in _named_in(source, project.paths, project.sources):
            found[path].add(source.path)
    return dict(found)


def imported_files(source: Source, paths: Paths) -> frozenset[str]:
    """Return the files of the project that a Python file imports, wherever `sys.path` leads."""
    found = set()
    for name in outline(source).imports:
        parts = [part for part in name.split(".") if part]
        for ending in (f"{'/'.join(parts)}.py", f"{'/'.join(parts)}/__init__.py") if parts else ():
            path = referred_file(ending, of=source.path, paths=paths) if paths.ending(ending) else None
            if path is not None and path != source.path:
                found.add(path)
    return frozenset(found)


def included_files(source: Source, paths: Paths) -> tuple[str, ...]:
    r"""Return the files of the project that a SQL file brings in by `\i` and `\ir`."""
    names = [each.arguments for each in meta_commands(source.text) if each.name in _INCLUDING]
    return tuple(_found(names, source, paths))


def _named_in(source: Source, paths: Paths, every: Iterable[str]) -> Iterator[str]:
    match source.language:
        case "python":
            yield from imported_files(source, paths)
        case "sql":
            yield from included_files(source, paths)
        case "yaml" if ".sql" in source.text:
            yield from _found(_MOUNTED.findall(source.text), source, paths)
        case "yaml" if "CodeUri" in source.text:
            for folder in _CODE_FOLDER.findall(source.text):
                inside = f"/{folder.strip('./')}/"
                yield from (path for path in every if inside in f"/{path}" and path.endswith(".py"))


def _found(names: list[str], source: Source, paths: Paths) -> Iterator[str]:
    for name in names:
        if path := referred_file(name.strip("'\""), of=source.path, paths=paths):
            yield path
