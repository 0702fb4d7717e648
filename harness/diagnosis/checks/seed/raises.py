"""The seed of the table comes to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import drop_line, line_at, replace_line
from harness.diagnosis.seed_runs import refused_writes, seed_runs, seed_sources
from harness.project.place import Place
from harness.project.seed.spoken_text import prefix_tests, spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun, Traceback

#: What a script's own logic raises; errors of drivers and of the machine have checks of their own.
_OWN = frozenset({
    "TypeError", "NameError", "UnboundLocalError", "KeyError", "IndexError", "AttributeError", "ValueError",
    "ZeroDivisionError", "RuntimeError", "AssertionError", "StopIteration", "RecursionError", "Exception",
    "LookupError", "EOFError",
})  # fmt: skip
#: What a user who is not there leads to.
_OF_A_MISSING_USER = frozenset({"TypeError", "KeyError", "IndexError", "AttributeError", "StopIteration"})
#: Words of messages that tell of the machine, of an address, of a right.
_OF_ELSEWHERE = re.compile(
    r"connect|credential|region|refused|resolve|No module|permission|timed? ?out|environ|getenv|Float types",
    re.IGNORECASE,
)
_STRING_RAISED = "exceptions must derive from BaseException"


@check(
    "SEED102",
    example="""
    Person1: Have you watched Babylon 5?     <- neither "Person 1: " nor "Person 2: "
    TypeError: exceptions must derive from BaseException
    """,
)
def seed_comes_to_its_end(facts: Facts) -> Iterator[Problem]:
    """The seed of the table comes to its end without an error.

    Mend the line that the error names, and run the seed again.
    """
    for source in seed_sources(facts):
        if source.syntax_error is not None:
            yield _unreadable(source, source.syntax_error)
            continue
        for run in seed_runs(facts):
            if run.path == source.path:
                yield from _of_run(source, run, in_vain=asks_in_vain(facts, source.path))


def _unreadable(source: Source, error: SyntaxError) -> Problem:
    line = error.lineno or 0
    return Problem(
        cause=f"Python can't read {source.path}: {type(error).__name__}: {error.msg} in line {line}, so nothing is written",
        place=Place(path=source.path, line=line),
        evidence=(Evidence(text=line_at(source, line), place=Place(path=source.path, line=line)),),
    )


def _of_run(source: Source, run: ScriptRun, *, in_vain: bool) -> Iterator[Problem]:
    if run.ok or run.missing or run.refused or refused_writes(run):
        return
    if run.stopped == "time":
        yield Problem(
            cause=f"{run.path} was still running after {run.seconds:.0f} s and was stopped",
            place=Place(path=run.path),
            evidence=(Evidence(text=f"{run.command}: {_last_line(run.stdout)}"),),
            advice="Look for a loop whose condition never changes, or for input that it waits for.",
        )
    elif run.traceback is not None:
        kind = run.traceback.kind.rpartition(".")[2]
        follows = in_vain and kind in _OF_A_MISSING_USER and _STRING_RAISED not in run.traceback.message
        if kind in _OWN and not follows:
            yield from _raised(source, run, run.traceback)


def _raised(source: Source, run: ScriptRun, traceback: Traceback) -> Iterator[Problem]:
    at = traceback.at
    if at is None or _OF_ELSEWHERE.search(f"{traceback.message} {at.text}"):
        return
    seen = Evidence(text=f"{run.command}: {traceback.kind}: {traceback.message}", place=at.place)
    if at.place.path == source.path and (at.text.lstrip().startswith("raise") or _STRING_RAISED in traceback.message):
        invalid = _invalid_lines(source)
        if invalid:
            yield _invalid_line(source, invalid, seen, at.place)
            return
    told = _explanation(traceback)
    yield Problem(
        cause=f"{run.path} ends with {traceback.kind}: {traceback.message} in {at.place}{told}",
        place=at.place,
        evidence=(Evidence(text=at.text.strip(), place=at.place), seen),
    )


def _invalid_lines(source: Source) -> list[tuple[int, str]]:
    """Return the lines of the conversation that begin with none of the tested prefixes."""
    spoken, prefixes = spoken_text(source), tuple(test.prefix for test in prefix_tests(source))
    if spoken is None or not prefixes:
        return []
    return [(number, line) for number, line in spoken.lines if not line.startswith(prefixes)]


def _invalid_line(source: Source, invalid: list[tuple[int, str]], seen: Evidence, at: Place) -> Problem:
    tests = prefix_tests(source)
    wanted = " nor ".join(repr(prefix) for prefix in dict.fromkeys(test.prefix for test in tests))
    number, line = invalid[0]
    spoken = spoken_text(source)
    every = spoken is not None and len(invalid) == len(spoken.lines)
    place = Place(path=source.path, line=tests[0].line if every else number)
    cause = (
        f"No line of the conversation begins with {wanted}; the first is {line!r}"
        if every
        else f"Line {number} of {source.path}, {line!r}, begins neither with {wanted}"
    )
    more = f" ({len(invalid)} such lines)" if len(invalid) > 1 and not every else ""
    strange = "; and raise of a text is itself an error, hence the message" if _STRING_RAISED in seen.text else ""
    edits = () if every else _line_edits(source, invalid)
    return Problem(
        cause=f"{cause}{more}{strange}",
        place=place,
        evidence=(*(Evidence(text=repr(text), place=Place(path=source.path, line=n)) for n, text in invalid[:3]), seen),
        advice=(
            f"Let every line begin with one of the prefixes that {source.path}:{tests[0].line} tests for, and leave no "
            f"line blank; in {at}, write raise ValueError('invalid line: ' + line)."
        ),
        edits=edits,
    )


def _line_edits(source: Source, invalid: list[tuple[int, str]]) -> tuple[Edit, ...]:
    """Mend lines that are blank, or whose prefix differs in blanks and letter case only."""
    prefixes = [test.prefix for test in prefix_tests(source)]
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


def _explanation(traceback: Traceback) -> str:
    if "'NoneType' object is not" in traceback.message:
        return ": what stands before the bracket is None, because a look-up found nothing or a function returns nothing"
    if "outside of application context" in traceback.message:
        return ": Flask's current_app is there only while the application runs; a script has to do without it"
    return ""


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
