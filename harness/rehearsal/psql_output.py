"""What psql prints about errors, read into values.

psql is to be run with `-b` (it then repeats the statement as it was sent) and `VERBOSITY=verbose` (SQLSTATE, DETAIL).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.sql.text import statements
from harness.rehearsal.results import SqlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.source import Source

_SERVER = re.compile(r"psql:(?P<file>[^\n]+?):(?P<line>\d+): (?P<severity>ERROR|FATAL|PANIC):  (?:(?P<code>\w{5}): )?")
_CLIENT = re.compile(r"psql:(?P<file>[^\n]+?):(?P<line>\d+): error: ")
_CONNECTION = re.compile(r"psql: error: ")
_STATEMENT = re.compile(r"psql:[^\n]+?:\d+: STATEMENT:  ")
#: Any other line that psql begins with its place, such as a NOTICE.
_OTHER = re.compile(r"psql:[^\n]+?:\d+: ")
_FIELD = re.compile(
    r"(?P<name>DETAIL|HINT|QUERY|CONTEXT|LOCATION|(?:SCHEMA|TABLE|COLUMN|DATATYPE|CONSTRAINT) NAME):  |"
    r"LINE (?P<number>\d+): "
)


@dataclass(slots=True)
class _Message:
    """One report of psql, while its lines come in."""

    file: str
    line: int
    severity: str
    code: str
    #: By label; `MESSAGE`, `LINE`, `STATEMENT` and those of PostgreSQL.
    fields: dict[str, list[str]] = field(default_factory=dict)
    #: The n of `LINE n:`.
    pointed: int | None = None

    def text(self, name: str) -> str:
        return "\n".join(self.fields.get(name, ())).strip()


def sql_errors(stderr: str, path: str, files: Mapping[str, Source]) -> tuple[SqlError, ...]:
    """Return the errors in order. `path` is the file that psql was given; `files` go by the names that psql has for them."""
    return tuple(_error(message, path, files) for message in _messages(stderr))


def _messages(stderr: str) -> Iterator[_Message]:
    current: _Message | None = None
    label: str | None = None
    for line in map(str.rstrip, stderr.split("\n")):
        begun = _begun(line)
        if begun is not None:
            if current is not None:
                yield current
            current, label, rest = begun[0], "MESSAGE", begun[1]
        elif current is None:
            continue
        elif stated := _STATEMENT.match(line):
            label, rest = "STATEMENT", line[stated.end() :]
        elif _OTHER.match(line):
            yield current
            current = None
            continue
        elif label != "STATEMENT" and (named := _FIELD.match(line)):
            label, rest = named["name"] or "LINE", line[named.end() :]
            if named["number"] and "QUERY" not in current.fields:
                current.pointed = int(named["number"])
        else:
            rest = line
        current.fields.setdefault(label or "MESSAGE", []).append(rest)
    if current is not None:
        yield current


def _begun(line: str) -> tuple[_Message, str] | None:
    if found := _SERVER.match(line):
        begun = _Message(found["file"], int(found["line"]), found["severity"], found["code"] or "")
    elif found := _CLIENT.match(line):
        begun = _Message(found["file"], int(found["line"]), "error", "")
    elif found := _CONNECTION.match(line):
        begun = _Message("", 0, "FATAL", "")
    else:
        return None
    return begun, line[found.end() :]


def _error(message: _Message, path: str, files: Mapping[str, Source]) -> SqlError:
    source = files.get(message.file)
    file = source.path if source else message.file or path
    sent = message.text("STATEMENT")
    lines = source.text.split("\n") if source else []
    first = _first_line(sent, message.line, lines) if sent else message.line
    skipped, statement = _without_comments(sent)
    # What PL/pgSQL runs by itself has lines of its own, which are no lines of the file.
    at = first + message.pointed - 1 if message.pointed and sent and "QUERY" not in message.fields else 0
    return SqlError(
        place=Place(path=file, line=first + skipped),
        severity=message.severity,
        sqlstate=message.code,
        message=message.text("MESSAGE"),
        detail=message.text("DETAIL"),
        hint=message.text("HINT"),
        statement=statement,
        at=Place(path=file, line=at) if 0 < at <= len(lines) else None,
    )


def _first_line(sent: str, last: int, lines: list[str]) -> int:
    """Return where a statement begins in the file, of which psql tells only where it ends.

    Data that a COPY reads lies between the two, and variables may have been put in.
    """
    begin = sent.split("\n", 1)[0].rstrip("\r")
    expected = max(1, last - sent.count("\n"))
    for number in range(min(expected, len(lines)), 0, -1):
        if begin and begin in lines[number - 1]:
            return number
    ending = [each for each in statements("\n".join(lines)) if each.last_line == last]
    return ending[0].line if ending else expected


def _without_comments(sent: str) -> tuple[int, str]:
    """Return a statement without the comments before it, and how many lines these take."""
    parts = statements(sent)
    return (parts[0].line - 1, sent[parts[0].tokens[0].start :]) if parts else (0, sent)
