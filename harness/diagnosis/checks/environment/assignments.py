"""Assignments in shell scripts that the shell takes for a part of something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.place import Place
from harness.project.settings.variables import variables_given
from harness.project.shell.text import assignments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

_BEHIND_A_QUOTE = re.compile(r"(?P<quote>[\"'])(?P<name>[A-Za-z_]\w*)=")


@check(
    "ENV208",
    example=r"""
    printf "== create\n"SERVER_URL=${CONNECTION_URL%/*}      # printed, not assigned
    psql $SERVER_URL -c "create database cruddur;"
    """,
)
def assignments_stand_by_themselves(facts: Facts) -> Iterator[Problem]:
    """An assignment in a shell script stands by itself.

    Begin a new line with it: glued to the text before it, it is a part of that text, and the variable stays empty.
    """
    if facts.project is None:
        return
    given = {each.name for each in variables_given(facts.project)}
    for source in facts.project.sources.values():
        for number, at, name in _glued(source) if source.language == "shell" else ():
            used = _first_use(source, name, number)
            if not used or name in given or any(each.name == name for each in assignments(source.text)):
                continue
            line, places = line_at(source, number), (number, used)
            yield Problem(
                cause=f"{source.path}:{number} glues {name}=… to the text before it, so nothing assigns {name}, and line {used} "
                "does without it",
                evidence=tuple(
                    Evidence(text=line_at(source, each).strip(), place=Place(path=source.path, line=each))
                    for each in places
                ),
                place=Place(path=source.path, line=number),
                edits=(replace_line(source, number, f"{line[:at]}\n{line[at:]}"),),
            )


def _glued(source: Source) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and name of what looks like an assignment right behind a quote that closes."""
    for number, line in enumerate(source.lines, 1):
        for found in _BEHIND_A_QUOTE.finditer(line) if not line.lstrip().startswith("#") else ():
            before = line[: found.start()].replace(f"\\{found['quote']}", "")
            if before.count(found["quote"]) % 2:
                yield number, found.start("name"), found["name"]


def _first_use(source: Source, name: str, behind: int) -> int:
    """Return the first line behind one in which the variable is used; 0 where there is none."""
    use = re.compile(rf"\$\{{?{name}\b")
    return next((n for n, line in enumerate(source.lines, 1) if n > behind and use.search(line)), 0)
