"""Options that a shell script gives itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.place import Place
from harness.project.shell.text import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts

#: Of `set`, as a person writes them on a line: `-e`, `-eu`, `-euo pipefail`.
_OPTIONS = re.compile(r"-[eux]+o?\Z")


@check(
    "ENV209",
    severity="warning",
    example="""
    #! /usr/bin/bash
    -e # stop if it fails        bin/db/setup: line 2: -e: command not found
    """,
)
def options_are_set(facts: Facts) -> Iterator[Problem]:
    """The options of a shell script are given by `set`, or in its shebang.

    Write `set -e`: a line that begins with `-e` is taken for a program of that name, and the script goes on after errors.
    """
    found = [
        (source, command)
        for _, source in (sorted(facts.project.sources.items()) if facts.project is not None else ())
        if source.language == "shell"
        for command in commands(source.text)
        if command.words and _OPTIONS.match(command.words[0])
    ]
    lines = [(source, line_at(source, command.line), command.line) for source, command in found]
    if found:
        option = found[0][1].words[0]
        where = " and ".join(f"{source.path}:{number}" for source, _, number in lines)
        yield Problem(
            cause=f"{where} {'is' if len(found) == 1 else 'are'} read as a program named {option}: command not found, and the "
            "script goes on after whatever fails",
            place=Place(path=lines[0][0].path, line=lines[0][2]),
            evidence=tuple(
                Evidence(text=line.strip(), place=Place(path=source.path, line=number))
                for source, line, number in lines
            ),
            advice=f"Write `set {option}`.",
            edits=tuple(
                replace_line(source, number, re.sub(r"^\s*", r"\g<0>set ", line, count=1))
                for source, line, number in lines
                if line.lstrip().startswith("-")
            ),
        )
