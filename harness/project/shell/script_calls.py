"""Which scripts of a project run or source which others.

`script_calls(project)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.project.place import Place
from harness.project.shell.file_references import referred_file
from harness.project.shell.text import commands
from harness.project.shell.values import ShellValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.paths import Paths
    from harness.project.shell.text import Command
    from harness.project.source import Project, Source

_PYTHONS = frozenset({"python", "python3", "python2", "py"})
_SHELLS = frozenset({"bash", "sh", "zsh", "dash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptCall:
    """One script started by another."""

    place: Place
    #: `source` (or `.`), with an interpreter, or by its own shebang.
    how: Literal["source", "python", "shell", "run"]
    #: The script that is started.
    path: str
    #: As it is written, on one line.
    command: str
    #: What it is given.
    arguments: tuple[str, ...]


def script_calls(project: Project) -> tuple[ScriptCall, ...]:
    """Return the calls of all shell scripts, by path and line."""
    return tuple(
        call for _, source in sorted(project.sources.items()) for call in script_calls_of(source, project.paths)
    )


def script_calls_of(source: Source, paths: Paths) -> tuple[ScriptCall, ...]:
    """Return what one shell script starts that is among the paths."""
    if source.language != "shell":
        return ()
    values = ShellValues(source.path, source.text)
    return tuple(call for command in commands(source.text) for call in _calls(command, source.path, values, paths))


def _calls(command: Command, of: str, values: ShellValues, paths: Paths) -> Iterator[ScriptCall]:
    how, words = _how(command)
    for value in values.possible(words[0]) if words else ():
        path = referred_file(value, of=of, paths=paths)
        if path is not None and path != of:
            place = Place(path=of, line=command.line)
            yield ScriptCall(place=place, how=how, path=path, command=command.text, arguments=words[1:])
            return


def _how(command: Command) -> tuple[Literal["source", "python", "shell", "run"], tuple[str, ...]]:
    """Return how something is started, and the words from its path on; none where nothing is started by its path."""
    rest = command.words[1:]
    options_off = rest
    while options_off and options_off[0].startswith("-"):
        options_off = options_off[1:] if options_off[0] not in {"-c", "-m"} else ()
    if command.words[:1] in {("source",), (".",)}:
        return "source", rest
    if command.name in _PYTHONS:
        return "python", options_off
    if command.name in _SHELLS:
        return "shell", options_off
    return "run", command.words if "/" in command.words[0] else ()
