"""When the messages were sent: in the past."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_places import write_place
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.place import Place
from harness.project.seed.spoken_text import spoken_text
from harness.project.seed.stamps import made_stamps, moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.seed.stamps import Moment
    from harness.project.source import Project, Source

#: Clocks of two machines differ by some seconds, and a rehearsal takes some.
_TOLERANCE = timedelta(minutes=1)
#: Seconds. Less for each line is a way to keep the keys of one moment apart.
_STEP_THAT_MATTERS = 30.0
_DAY = 86400.0
_PLAIN = re.compile(
    r"\b(?P<base>[A-Za-z_]\w*)\s*\+\s*(?P<delta>(?:datetime\.)?timedelta\((?:minutes|hours|seconds|days)=)"
)


@check(
    "SEED201",
    example="""
    now = datetime.now(timezone.utc)
    created_at = (now + timedelta(minutes=i)).isoformat()    <- 103 of 104 messages lie in the future
    """,
)
def instants_are_past(facts: Facts) -> Iterator[Problem]:
    """No message lies in the future.

    Begin the conversation in the past: (now - timedelta(days=1) + timedelta(minutes=i)).isoformat(). A message that
    somebody sends now sorts before those of the future, so it is not among the newest ones.
    """
    entries = [entry for each in facts.conversations for entry in each.entries]
    ahead = [entry for entry in entries if entry.stamp and entry.stamp.instant > facts.now + _TOLERANCE]
    if ahead:
        yield _future(facts, ahead, sum(entry.kind == "message" for entry in entries))
    elif not finished(facts) and not any(entry.kind == "message" for entry in entries):
        yield from _will_be_future(facts)


def _future(facts: Facts, ahead: list[Entry], messages: int) -> Problem:
    ahead.sort(key=lambda entry: entry.stamp.instant if entry.stamp else facts.now)
    said = [entry for entry in ahead if entry.kind == "message"]
    rows = len(ahead) - len(said)
    what = f"{len(said)} of {messages} messages" if said else f"{rows} group rows"
    also = f" and {rows} group rows" if said and rows else ""
    shown = said or ahead
    source, moment = _line_that_leads_there(facts, fixed=bool(said))
    why = f", because {_in_words(source, moment)}" if source and moment else ""
    return Problem(
        cause=f"{what}{also} lie in the future of {facts.now.isoformat(timespec='seconds')}{why}",
        place=Place(path=source.path, line=moment.line) if source and moment else write_place(facts, shown[0].kind),
        evidence=(Evidence(text=f"first: {shown[0]}"), Evidence(text=f"last: {shown[-1]}")),
        edits=_back_edits(source, moment, facts.project) if source and moment else (),
    )


def _will_be_future(facts: Facts) -> Iterator[Problem]:
    """Tell from the code alone, where the seed did not get as far as writing."""
    source, moment = _line_that_leads_there(facts, fixed=False)
    if source is None or moment is None or moment.slope < _STEP_THAT_MATTERS:
        return
    place = Place(path=source.path, line=moment.line)
    yield Problem(
        cause=f"the messages will lie in the future: {_in_words(source, moment)}",
        place=place,
        evidence=(Evidence(text=line_at(source, moment.line).strip(), place=place),),
        edits=_back_edits(source, moment, facts.project),
    )


def _in_words(source: Source, moment: Moment) -> str:
    does = "adds to the present" if moment.clock else "begins at a date of its own"
    return f"line {moment.line} of {source.path} {does}: `{line_at(source, moment.line).strip()}`"


def _line_that_leads_there(facts: Facts, *, fixed: bool) -> tuple[Source | None, Moment | None]:
    """Return the line of the seed that adds to the present more than it takes away; else one with a fixed date."""
    for source in seed_sources(facts):
        lines = len(spoken.said) if (spoken := spoken_text(source, facts.project)) else 2
        for moment in moments(source):
            if moment.clock and moment.slope > 0 and moment.shift + moment.slope * (lines - 1) > 0:
                return source, moment
        for made in made_stamps(source):
            if made.moment.clock and made.moment.shift > 0:
                return source, made.moment
    for source in seed_sources(facts) if fixed else ():
        for made in made_stamps(source):
            if not made.moment.clock:
                return source, replace(made.moment, line=made.moment.begin)
    return None, None


def _back_edits(source: Source, moment: Moment, project: Project | None) -> tuple[Edit, ...]:
    """Take so many days away that the whole conversation is past, where the line is plain."""
    line = line_at(source, moment.line)
    found = list(_PLAIN.finditer(line))
    if len(found) != 1 or moment.shift or not moment.clock:
        return ()
    lines = len(spoken.said) if (spoken := spoken_text(source, project)) else 0
    days = max(1, ceil(moment.slope * lines / _DAY))
    base, begin = found[0]["base"], found[0].start("delta")
    taken = f"{'datetime.' if found[0]['delta'].startswith('datetime.') else ''}timedelta(days={days})"
    return (replace_line(source, moment.line, f"{line[: found[0].start()]}{base} - {taken} + {line[begin:]}"),)
