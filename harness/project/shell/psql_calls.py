"""Each time a script of the project runs psql: on which file, with which URL and variables.

`psql_calls(project)`. Shell scripts, and Python that hands a `psql …` line to a shell or a list to a process.
"""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.shell.file_references import referred_file
from harness.project.shell.text import Command, commands
from harness.project.shell.values import HOLE, ShellValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project, Source

#: Options of psql that take a value (PostgreSQL manual, psql).
_WITH_VALUE = frozenset("cdfFhLoOpPRTUv")
_LONG = {
    "command": "c", "dbname": "d", "file": "f", "host": "h", "port": "p", "set": "v", "variable": "v", "username": "U",
    "field-separator": "F", "log-file": "L", "output": "o", "pset": "P", "record-separator": "R", "table-attr": "T",
}  # fmt: skip
_FROM_OUTSIDE = frozenset({"sudo", "docker", "docker-compose", "podman", "env", "exec", "nohup", "time", "kubectl"})

#: Functions that show a line and start nothing.
_SAYING = frozenset({"print", "exit", "debug", "info", "warning", "error", "critical", "exception", "log", "write"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PsqlCall:
    """One command line."""

    place: Place
    #: As it is written, on one line.
    command: str
    #: The files it runs, as far as they are found in the project.
    files: tuple[str, ...]
    #: The files as the script names them, found or not.
    named_files: tuple[str, ...]
    #: SQL of `-c`, a here-document, or an `echo` before the pipe.
    sql: tuple[str, ...]
    #: The connection URL or database name, as it is written; empty where none is.
    target: str
    #: What it may come to; unknown parts are `shell_values.HOLE`.
    targets: tuple[str, ...]
    #: Variables of the environment that the target hangs on: `CONNECTION_URL`, `PROD_CONNECTION_URL`.
    target_variables: tuple[str, ...]
    #: The second word that is no option: psql takes it for the user's name.
    user: str | None
    #: Host, as `-h` gives it.
    host: str | None
    #: Of `-v` and `--set`; the values may have holes.
    variables: tuple[tuple[str, str], ...]
    #: Whether an error ends it.
    stops_on_error: bool


def psql_calls(project: Project) -> tuple[PsqlCall, ...]:
    """Return the calls of all scripts, by path and line."""
    sources = (source for _, source in sorted(project.sources.items()))
    return tuple(call for source in sources for call in psql_calls_of(source, project))


def psql_calls_of(source: Source, project: Project) -> tuple[PsqlCall, ...]:
    """Return the calls of one script."""
    if "psql" not in source.text:
        return ()
    values = ShellValues(source.path, source.text if source.language == "shell" else "")
    found = _shell(source) if source.language == "shell" else _python(source)
    return tuple(_call(command, source, values, project) for command in found)


def _shell(source: Source) -> Iterator[Command]:
    for command in commands(source.text):
        if "psql" in map(_program, command.words) and (command.name == "psql" or command.name in _FROM_OUTSIDE):
            yield command


def _python(source: Source) -> Iterator[Command]:
    """Yield `os.system("psql …")` and `subprocess.run(["psql", …])`, f-strings with their names as variables."""
    for node in source.nodes:
        if not isinstance(node, ast.Call) or _called(node) in _SAYING:
            continue
        for argument in node.args[:1]:
            line = (
                " ".join(_word(each) for each in argument.elts)
                if isinstance(argument, ast.List)
                else _written(argument)
            )
            if re.match(r"\s*(?:\w+=\S+\s+)*psql\s", line):
                yield from (each for each in commands("\n" * (node.lineno - 1) + line) if each.name == "psql")


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _written(part) if isinstance(part, ast.Constant) else f"${{{_name_in(part)}}}" for part in node.values
        )
    return ""


def _word(node: ast.expr) -> str:
    written = _written(node)
    return shlex.quote(written) if isinstance(node, ast.Constant) else written or f"${{{_name_in(node)}}}"


def _name_in(node: ast.expr) -> str:
    return next((each.id for each in ast.walk(node) if isinstance(each, ast.Name)), "_")


def _program(word: str) -> str:
    return word.rpartition("/")[2]


@dataclass(slots=True)
class _Arguments:
    """psql's own arguments, sorted."""

    options: list[tuple[str, str]]
    positional: list[str]

    def all(self, option: str) -> list[str]:
        return [value for name, value in self.options if name == option]

    def last(self, option: str) -> str | None:
        given = self.all(option)
        return given[-1] if given else None


def _arguments(words: tuple[str, ...]) -> _Arguments:
    found = _Arguments([], [])
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and len(word) > 2:  # noqa: PLR2004 - `--` itself ends options
            name, equals, value = word[2:].partition("=")
            short = _LONG.get(name, "")
            found.options.append((short, value if equals or not short or not rest else rest.pop(0)))
        elif word.startswith("-") and len(word) > 1:
            _short_options(word[1:], rest, found)
        else:
            found.positional.append(word)
    return found


def _short_options(cluster: str, rest: list[str], found: _Arguments) -> None:
    """Sort out `-tAc "…"`, `-vON_ERROR_STOP=1` and the like."""
    for index, letter in enumerate(cluster):
        if letter in _WITH_VALUE:
            value = cluster[index + 1 :] or (rest.pop(0) if rest else "")
            found.options.append((letter, value))
            return
        found.options.append((letter, ""))


def _call(command: Command, source: Source, values: ShellValues, project: Project) -> PsqlCall:
    at = [_program(word) for word in command.words].index("psql")
    given = _arguments(command.words[at + 1 :])
    written = [*given.all("f"), *([command.reads] if command.reads else []), *_piped_files(command)]
    expanded = [value for word in written for value in values.possible(word) if value != "-"]
    files = [referred_file(value, of=source.path, paths=project.paths) for value in expanded]
    target = given.last("d") or (given.positional[0] if given.positional else "")
    settings = [each.partition("=") for each in given.all("v")]
    return PsqlCall(
        place=Place(path=source.path, line=command.line),
        command=command.text,
        files=tuple(dict.fromkeys(file for file in files if file)),
        named_files=tuple(written),
        sql=(*given.all("c"), *([command.fed] if command.fed else []), *_piped_text(command)),
        target=target,
        targets=values.possible(target) if target else (),
        target_variables=values.variables(target),
        user=given.last("U") or (given.positional[1] if len(given.positional) > 1 else None),
        host=given.last("h"),
        variables=tuple((name, (values.possible(value) or (HOLE,))[0]) for name, _, value in settings),
        stops_on_error=any(
            name == "ON_ERROR_STOP" and value.lower() not in {"0", "off", "false"} for name, _, value in settings
        )
        or any(
            re.search(r"^\\set\s+ON_ERROR_STOP\s+(?:1|on|true)", text, re.MULTILINE) for text in [command.fed or ""]
        ),
    )


def _piped_files(command: Command) -> list[str]:
    before = command.piped_from
    return [word for word in before[1:] if not word.startswith("-")] if before[:1] in {("cat",), ("envsubst",)} else []


def _piped_text(command: Command) -> list[str]:
    before = command.piped_from
    return [" ".join(before[1:])] if before[:1] in {("echo",), ("printf",)} else []
