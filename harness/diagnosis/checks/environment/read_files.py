"""Files that shell scripts name by a path counted from their own place."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.project.place import Place
from harness.project.shell.psql_calls import psql_calls_of
from harness.project.shell.script_calls import script_calls
from harness.project.shell.text import commands
from harness.project.shell.values import ROOT, ShellValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Project, Source

_RUNNING = frozenset({"source", ".", "bash", "sh", "python", "python3"})


@check(
    "ENV232",
    example="""
    # bin/db/schema-load, moved out of backend-flask/bin
    PROJECT_PATH=$(dirname "$(dirname "$(realpath "$0")")")      # that is bin
    psql "$URL" < "$PROJECT_PATH/backend-flask/db/schema.sql"    # No such file or directory
    """,
)
def named_files_are_there(facts: Facts) -> Iterator[Problem]:
    """A shell script counts the folders to its files rightly.

    Each `dirname`, and each `..`, goes up by one folder; a script that was moved wants one more, or one fewer.
    """
    if facts.project is None:
        return
    sourced = {
        (call.path, posixpath.dirname(call.place.path)) for call in script_calls(facts.project) if call.how == "source"
    }
    for source in facts.project.sources.values():
        folder = posixpath.dirname(source.path)
        # `$0` of a script that is sourced is its caller's.
        if source.language != "shell" or any(path == source.path and of != folder for path, of in sourced):
            continue
        found = {path: (line, there) for line, path, there in _missing(source, facts.project)}
        if found:
            path, (line, there) = next(iter(found.items()))
            lines = dict.fromkeys(each for each, _ in found.values())
            yield Problem(
                cause=f"{source.path}:{line} leads to {path}, which is not there; {there} is",
                evidence=tuple(
                    Evidence(text=line_at(source, each).strip(), place=Place(path=source.path, line=each))
                    for each in lines
                ),
                place=Place(path=source.path, line=line),
            )


def _missing(source: Source, project: Project) -> Iterator[tuple[int, str, str]]:
    """Yield line and path of each file that is only somewhere else, and where."""
    values = ShellValues(source.path, source.text)
    named = [(call.place.line, word) for call in psql_calls_of(source, project) for word in call.named_files]
    named += [
        (each.line, each.words[1]) for each in commands(source.text) if each.name in _RUNNING and len(each.words) > 1
    ]
    for line, word in sorted(named):
        possible = values.possible(word)
        # What can't be told of a path is no ASCII either.
        paths = [value[len(ROOT) + 1 :] for value in possible if value.startswith(f"{ROOT}/") and value[1:].isascii()]
        name = posixpath.basename(paths[0]) if paths else ""
        there = [path for path in project.sources if posixpath.basename(path) == name]
        if len(paths) == len(possible) == 1 and len(there) == 1 and there[0] != posixpath.normpath(paths[0]):
            yield line, posixpath.normpath(paths[0]), there[0]
