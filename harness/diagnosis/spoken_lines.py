"""A line of the seed's conversation that the script can make nothing of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import drop_line, line_at, replace_line
from harness.project.place import Place
from harness.project.seed.spoken_text import prefix_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.diagnosis.finding import Edit
    from harness.project.seed.spoken_text import Spoken, Test
    from harness.project.source import Source

#: What Python says to `raise "invalid line"`.
STRING_RAISED = "exceptions must derive from BaseException"


def unexpected_line(source: Source, spoken: Spoken | None, seen: Evidence, at: Place) -> Problem | None:
    """Return that lines begin with nothing that the script tests for; None where all do."""
    tests = prefix_tests(source)
    invalid = _invalid_lines(spoken, tests)
    if spoken is None or not invalid:
        return _empty_line(source, spoken, seen) if spoken is not None and tests else None
    wanted = " nor ".join(repr(prefix) for prefix in dict.fromkeys(test.prefix for test in tests))
    number, line = invalid[0]
    every = len(invalid) == len(spoken.lines)
    where = spoken.source.path
    place = Place(path=source.path, line=tests[0].line) if every else Place(path=where, line=number)
    cause = (
        f"No line of the conversation begins with {wanted}; the first is {line!r}"
        if every
        else f"Line {number} of {where}, {line!r}, begins neither with {wanted}"
    )
    more = f" ({len(invalid)} such lines)" if len(invalid) > 1 and not every else ""
    strange = "; and raise of a text is itself an error, hence the message" if STRING_RAISED in seen.text else ""
    edits = () if every else _line_edits(spoken.source, tests, invalid)
    return Problem(
        cause=f"{cause}{more}{strange}",
        place=place,
        evidence=(*(Evidence(text=repr(text), place=Place(path=where, line=n)) for n, text in invalid[:3]), seen),
        advice=(
            f"Let every line begin with one of the prefixes that {source.path}:{tests[0].line} tests for, and leave no "
            f"line blank; in {at}, write raise ValueError('invalid line: ' + line)."
        ),
        edits=edits,
    )


def _empty_line(source: Source, spoken: Spoken, seen: Evidence) -> Problem | None:
    """Return that the line breaks around the text make lines of their own, where the script does not take them off."""
    splits = [number for number, line in enumerate(source.lines, 1) if re.search(r"\.split\(['\"]\\n['\"]\)", line)]
    if not spoken.has_empty_ends or len(splits) != 1 or "strip(" in source.text:
        return None
    place = Place(path=source.path, line=splits[0])
    text = line_at(source, splits[0])
    new = re.sub(r"\.split\(", ".strip().split(", text)
    return Problem(
        cause=f"the text of the conversation begins or ends with a line break: {place} makes an empty line of it, which begins "
        "with nothing that the script tests for",
        place=place,
        evidence=(Evidence(text=text.strip(), place=place), seen),
        advice=f"Write `{new.strip()}`.",
        edits=(replace_line(source, splits[0], new),),
    )


def unknown_speaker(spoken: Spoken | None, name: str, seen: Evidence) -> Problem | None:
    """Return that a line is said by somebody whom the script does not know; None where no line is the odd one."""
    if spoken is None or not name.strip() or name in spoken.speakers:
        return None
    said = [(number, line) for number, line in spoken.lines if line.startswith(name)]
    if not said or len(said) * 2 > len(spoken.lines):
        return None
    source, (number, line) = spoken.source, said[0]
    known = " and ".join(map(repr, spoken.speakers))
    meant = [speaker for speaker in spoken.speakers if _loosely(speaker).fullmatch(name)]
    is_plain = len(meant) == 1 and line_at(source, number) == line
    return Problem(
        cause=f"line {number} of {source.path}, {line!r}, is said by {name!r}; the other lines are said by {known}",
        place=Place(path=source.path, line=number),
        evidence=(Evidence(text=line, place=Place(path=source.path, line=number)), seen),
        advice=f"Let the line begin with one of {known}, written as in the other lines.",
        edits=(replace_line(source, number, meant[0] + line[len(name) :]),) if is_plain else (),
    )


def _invalid_lines(spoken: Spoken | None, tests: Sequence[Test]) -> list[tuple[int, str]]:
    """Return the lines of the conversation that begin with none of the tested prefixes."""
    prefixes = tuple(test.prefix for test in tests)
    if spoken is None or not prefixes:
        return []
    return [(number, line) for number, line in spoken.lines if not line.startswith(prefixes)]


def _line_edits(source: Source, tests: Sequence[Test], invalid: list[tuple[int, str]]) -> tuple[Edit, ...]:
    """Mend lines that are blank, or whose prefix differs in blanks and letter case only."""
    prefixes = [test.prefix for test in tests]
    edits: list[Edit] = []
    for number, line in invalid:
        written = line_at(source, number)
        if not line.strip() and not written.strip():
            edits.append(drop_line(source, number))
            continue
        fits = [prefix for prefix in dict.fromkeys(prefixes) if _loosely(prefix).match(line)]
        if len(fits) != 1 or written != line:
            return ()
        edits.append(replace_line(source, number, _loosely(fits[0]).sub(fits[0].replace("\\", r"\\"), line, count=1)))
    return tuple(edits)


def _loosely(prefix: str) -> re.Pattern[str]:
    return re.compile(r"\s*" + r"\s*".join(map(re.escape, "".join(prefix.split()))) + r"\s*", re.IGNORECASE)
