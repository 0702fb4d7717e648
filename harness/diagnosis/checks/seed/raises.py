"""The seed of the table comes to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.raised_advice import advice_for
from harness.diagnosis.seed_runs import refused_writes, seed_runs, seed_sources
from harness.diagnosis.spoken_lines import STRING_RAISED, unexpected_line, unknown_speaker
from harness.project.place import Place
from harness.project.seed.spoken_text import spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Project, Source
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


@check(
    "SEED102",
    example="""
    Person1: Did you get my parcel?          <- neither "Person 1: " nor "Person 2: "
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
                yield from _of_run(facts, source, run)


def _unreadable(source: Source, error: SyntaxError) -> Problem:
    line = error.lineno or 0
    return Problem(
        cause=f"Python can't read {source.path}: {type(error).__name__}: {error.msg} in line {line}, so nothing is written",
        place=Place(path=source.path, line=line),
        evidence=(Evidence(text=line_at(source, line), place=Place(path=source.path, line=line)),),
    )


def _of_run(facts: Facts, source: Source, run: ScriptRun) -> Iterator[Problem]:
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
        follows = (
            asks_in_vain(facts, source.path)
            and kind in _OF_A_MISSING_USER
            and STRING_RAISED not in run.traceback.message
        )
        if kind in _OWN and not follows:
            yield from _raised(facts, source, run, run.traceback)


def _raised(facts: Facts, source: Source, run: ScriptRun, traceback: Traceback) -> Iterator[Problem]:
    at = traceback.at
    if at is None or _OF_ELSEWHERE.search(f"{traceback.message} {at.text}"):
        return
    seen = Evidence(text=f"{run.command}: {traceback.kind}: {traceback.message}", place=at.place)
    about_a_line = _about_a_line(source, facts.project, traceback, seen) if at.place.path == source.path else None
    if about_a_line is not None:
        yield about_a_line
        return
    told = _explanation(traceback)
    yield Problem(
        cause=f"{run.path} ends with {traceback.kind}: {_first_line(traceback.message)} in {at.place}{told}",
        place=at.place,
        evidence=(Evidence(text=at.text.strip(), place=at.place), seen),
        advice=advice_for(traceback, facts.project),
    )


def _about_a_line(source: Source, project: Project | None, traceback: Traceback, seen: Evidence) -> Problem | None:
    """Return what is wrong with a line of the conversation, where the error is about one."""
    at, is_text = traceback.at, STRING_RAISED in traceback.message
    if at is not None and (is_text or at.text.lstrip().startswith("raise")):
        return unexpected_line(source, spoken_text(source, project), seen, at.place)
    if traceback.kind == "KeyError":
        return unknown_speaker(spoken_text(source, project), traceback.message.strip("'\""), seen)
    return None


def _explanation(traceback: Traceback) -> str:
    if "'NoneType' object is not" in traceback.message:
        return ": what stands before the bracket is None, because a look-up found nothing or a function returns nothing"
    if "outside of application context" in traceback.message:
        return ": Flask's current_app is there only while the application runs; a script has to do without it"
    return ""


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(" .")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
