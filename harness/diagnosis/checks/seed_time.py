"""When the messages were sent: in the past, and said with an offset."""

from __future__ import annotations

import re
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.conversations import read_conversations
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.place import Place
from harness.project.seed_code import spoken_text
from harness.project.stamps import made_stamps, moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.source import Source
    from harness.project.stamps import Moment

#: Between a run and the look at what it wrote; clocks of two machines may differ by some seconds, too.
_TOLERANCE = timedelta(minutes=1)
_DAY = 86400.0
_PLAIN = re.compile(
    r"\b(?P<base>[A-Za-z_]\w*)\s*\+\s*(?P<delta>(?:datetime\.)?timedelta\((?:minutes|hours|seconds|days)=)"
)
_NAIVE_CALL = re.compile(r"\bdatetime\.(now\(\)|utcnow\(\))")


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
    entries = [entry for each in read_conversations(facts.held) for entry in each.entries if entry.stamp]
    ahead = [entry for entry in entries if entry.stamp and entry.stamp.instant > facts.now + _TOLERANCE]
    written = any(entry.kind == "message" for entry in entries)
    if ahead:
        yield _future(facts, ahead, sum(entry.kind == "message" for entry in entries))
    elif not written and not finished(facts):
        yield from _will_be_future(facts)


def _future(facts: Facts, ahead: list[Entry], messages: int) -> Problem:
    ahead.sort(key=lambda entry: entry.stamp.instant if entry.stamp else facts.now)
    said = [entry for entry in ahead if entry.kind == "message"]
    rows = len(ahead) - len(said)
    what = f"{len(said)} of {messages} messages" if said else f"{rows} group rows"
    also = f" and {rows} group rows" if said and rows else ""
    shown = said or ahead
    source, moment = _ahead_of_clock(facts)
    line = line_at(source, moment.line).strip() if source and moment else ""
    why = f", because line {moment.line} of {source.path} adds to the present: `{line}`" if source and moment else ""
    return Problem(
        cause=f"{what}{also} lie in the future of {facts.now.isoformat(timespec='seconds')}{why}",
        place=Place(path=source.path, line=moment.line) if source and moment else None,
        evidence=(Evidence(text=f"first: {shown[0]}"), Evidence(text=f"last: {shown[-1]}")),
        edits=_back_edits(source, moment),
    )


def _will_be_future(facts: Facts) -> Iterator[Problem]:
    """Tell from the code alone, where the seed did not get as far as writing."""
    source, moment = _ahead_of_clock(facts)
    if source is None or moment is None or abs(moment.slope) < _UNIT_THAT_MATTERS:
        return
    line = line_at(source, moment.line).strip()
    yield Problem(
        cause=f"the messages will lie in the future: line {moment.line} of {source.path} adds to the present: `{line}`",
        place=Place(path=source.path, line=moment.line),
        evidence=(Evidence(text=line, place=Place(path=source.path, line=moment.line)),),
        edits=_back_edits(source, moment),
    )


_UNIT_THAT_MATTERS = 30.0


def _ahead_of_clock(facts: Facts) -> tuple[Source | None, Moment | None]:
    """Return the line of the seed that adds to the present more than it takes away."""
    for source in seed_sources(facts):
        lines = len(spoken.said) if (spoken := spoken_text(source)) else 2
        for moment in moments(source):
            if moment.clock and moment.slope > 0 and moment.shift + moment.slope * (lines - 1) > 0:
                return source, moment
        for made in made_stamps(source):
            if made.moment.clock and made.moment.shift > 0:
                return source, made.moment
    return None, None


def _back_edits(source: Source | None, moment: Moment | None) -> tuple[Edit, ...]:
    if source is None or moment is None:
        return ()
    line = line_at(source, moment.line)
    found = list(_PLAIN.finditer(line))
    if len(found) != 1 or moment.shift:
        return ()
    lines = len(spoken.said) if (spoken := spoken_text(source)) else 0
    days = max(1, ceil(moment.slope * lines / _DAY))
    base, begin = found[0]["base"], found[0].start("delta")
    taken = f"{'datetime.' if found[0]['delta'].startswith('datetime.') else ''}timedelta(days={days})"
    return (replace_line(source, moment.line, f"{line[: found[0].start()]}{base} - {taken} + {line[begin:]}"),)


@check(
    "SEED202",
    severity="warning",
    example="""created_at = datetime.now().isoformat()    # 2026-11-20T12:00:00.123456: of which time zone?""",
)
def instants_have_an_offset(facts: Facts) -> Iterator[Problem]:
    """Every timestamp says its offset from UTC.

    Write datetime.now(timezone.utc).isoformat(), in the seed and wherever else the application makes a timestamp. A
    front end takes a timestamp without an offset for UTC, so it is right only while the server's clock is UTC.
    """
    stamps = [entry for each in read_conversations(facts.held) for entry in each.entries if entry.stamp]
    naive = [entry for entry in stamps if entry.stamp and not entry.stamp.offset]
    source, lines = _naive_lines(facts)
    if stamps and len(naive) == len(stamps):
        cause = f"all {len(naive)} sort keys are timestamps without an offset, such as {naive[0].sk}"
        evidence = [Evidence(text=str(naive[0]))]
    elif not stamps and not finished(facts) and source is not None:
        cause, evidence = "the sort keys will be timestamps without an offset", []
    else:
        return
    made = f"; {source.path} makes them in line {', '.join(map(str, lines))}" if source and lines else ""
    yield Problem(
        cause=cause + made,
        place=Place(path=source.path, line=lines[0]) if source and lines else None,
        evidence=(*evidence, *_evidence(source, lines)),
        edits=_aware_edits(facts, source, lines),
    )


def _naive_lines(facts: Facts) -> tuple[Source | None, tuple[int, ...]]:
    """Return where the seed takes an instant without an offset that it makes into text."""
    for source in seed_sources(facts):
        lines = {made.moment.begin for made in made_stamps(source) if not made.moment.aware}
        if lines:
            return source, tuple(sorted(lines))
    return None, ()


def _evidence(source: Source | None, lines: tuple[int, ...]) -> Iterator[Evidence]:
    for line in lines if source else ():
        if source is not None:
            yield Evidence(text=line_at(source, line).strip(), place=Place(path=source.path, line=line))


def _aware_edits(facts: Facts, source: Source | None, lines: tuple[int, ...]) -> tuple[Edit, ...]:
    """Edit the seed where the name `timezone` is at hand; unsafe where other files go by the old format."""
    if source is None or not re.search(r"^from datetime import [^\n]*\btimezone\b", source.text, re.MULTILINE):
        return ()
    if not all(_NAIVE_CALL.search(line_at(source, line)) for line in lines):
        return ()
    safe = not any("strptime" in other.text or _is_naive(other) for other in _others(facts))
    return tuple(
        replace_line(source, line, _NAIVE_CALL.sub("datetime.now(timezone.utc)", line_at(source, line)), safe=safe)
        for line in lines
    )


def _others(facts: Facts) -> tuple[Source, ...]:
    roles = facts.project.with_role("table-library", "pattern-messages", "pattern-groups") if facts.project else ()
    return tuple(source for source in roles if "table-seed" not in source.roles)


def _is_naive(source: Source) -> bool:
    return any(not made.moment.aware for made in made_stamps(source))
