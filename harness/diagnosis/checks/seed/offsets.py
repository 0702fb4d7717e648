"""Which time zone a timestamp is of: it says so, and it is UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.diagnosis.stamp_lines import stamp_place
from harness.project.place import Place
from harness.project.seed.stamps import made_stamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.source import Source

_UTC = frozenset({"+00:00", "Z", "z", "+0000", "+00", "-00:00"})
_NAIVE_CALL = re.compile(r"\b(?P<owner>(?:datetime\.)?datetime)\.(?:now|utcnow)\(\)")
_IMPORT = re.compile(r"from datetime import (?P<names>[\w, ]*\w)(?P<rest>\s*(?:#.*)?)")


@check(
    "SEED202",
    severity="warning",
    example="""created_at = datetime.now().isoformat()    # 2026-11-20T12:00:00.123456: of which time zone?""",
)
def instants_have_an_offset(facts: Facts) -> Iterator[Problem]:
    """Every timestamp says its offset from UTC.

    Ask the clock by datetime.now(timezone.utc), in the seed and wherever else the application makes a timestamp. A
    front end takes a timestamp without an offset for UTC, so it is right only while the server's clock is UTC.
    """
    stamped = [entry for each in facts.conversations for entry in each.entries if entry.stamp]
    naive = [entry for entry in stamped if entry.stamp and not entry.stamp.offset]
    source, lines = _naive_lines(facts)
    if stamped and len(naive) == len(stamped):
        cause = f"{_all(len(naive))} without an offset, such as {naive[0].sk}"
    elif not stamped and not finished(facts) and source is not None:
        cause = "the sort keys will be timestamps without an offset"
    else:
        return
    made = f"; {source.path} makes them in line {', '.join(map(str, lines))}" if source else ""
    yield Problem(
        cause=cause + made,
        place=Place(path=source.path, line=lines[0]) if source else stamp_place(facts),
        evidence=(*(Evidence(text=str(entry)) for entry in naive[:1]), *_code(source, lines)),
        edits=_aware_edits(facts, source, lines) if source else (),
    )


def _all(count: int) -> str:
    return f"all {count} sort keys are timestamps" if count > 1 else "the one sort key is a timestamp"


@check(
    "SEED206",
    severity="note",
    requires={"SEED203"},
    example="""sk = 2026-11-20T17:30:00.123456+05:30    # and a server elsewhere writes +00:00""",
)
def offset_is_utc(facts: Facts) -> Iterator[Problem]:
    """Timestamps are in UTC.

    astimezone() without an argument takes the offset of the machine it runs on; another machine writes another one, and
    text of two offsets does not sort. Write datetime.now(timezone.utc), without astimezone().
    """
    stamped = [entry for each in facts.conversations for entry in each.entries if entry.stamp]
    local = [entry for entry in stamped if entry.stamp and entry.stamp.offset and entry.stamp.offset not in _UTC]
    if local and len(local) == len(stamped):
        yield Problem(
            cause=f"all {len(local)} sort keys have the offset of one place, such as {local[0].sk}",
            place=stamp_place(facts),
            evidence=(Evidence(text=str(local[0])),),
        )


def _naive_lines(facts: Facts) -> tuple[Source | None, tuple[int, ...]]:
    """Return where the seed takes an instant without an offset that it makes into text."""
    for source in seed_sources(facts):
        lines = {made.moment.begin for made in made_stamps(source) if not made.moment.aware}
        if lines:
            return source, tuple(sorted(lines))
    return None, ()


def _code(source: Source | None, lines: tuple[int, ...]) -> Iterator[Evidence]:
    for line in lines if source else ():
        if source is not None:
            yield Evidence(text=line_at(source, line).strip(), place=Place(path=source.path, line=line))


def _aware_edits(facts: Facts, source: Source, lines: tuple[int, ...]) -> tuple[Edit, ...]:
    """Ask the clock for UTC, where every naive reading of it in the file is one of those lines.

    Unsafe where other files go by the old format: their new timestamps would be of another one.
    """
    read = [number for number, line in enumerate(source.lines, 1) if _NAIVE_CALL.search(line.partition("#")[0])]
    imported = _with_timezone(source)
    if read != list(lines) or imported is None:
        return ()
    safe = not any("strptime" in other.text or _is_naive(other) for other in _others(facts))
    changed = imported | {line: _NAIVE_CALL.sub(_in_utc, line_at(source, line)) for line in lines}
    return tuple(replace_line(source, line, text, safe=safe) for line, text in sorted(changed.items()))


def _in_utc(call: re.Match[str]) -> str:
    return f"{call['owner']}.now({'datetime.' if '.' in call['owner'] else ''}timezone.utc)"


def _with_timezone(source: Source) -> dict[int, str] | None:
    """Return the line of the import with `timezone` in it, none where it is there; None where it can't be put there."""
    if "datetime.datetime." in source.text:
        return {} if re.search(r"^import datetime\b(?! as)", source.text, re.MULTILINE) else None
    for number, line in enumerate(source.lines, 1):
        if found := _IMPORT.fullmatch(line):
            names = [name.strip() for name in found["names"].split(",")]
            if "timezone" in names:
                return {}
            taken = re.search(r"\btimezone\b", source.text) or "datetime" not in names
            return None if taken else {number: f"from datetime import {found['names']}, timezone{found['rest']}"}
    return None


def _others(facts: Facts) -> tuple[Source, ...]:
    roles = facts.project.with_role("table-library", "pattern-messages", "pattern-groups") if facts.project else ()
    return tuple(source for source in roles if "table-seed" not in source.roles)


def _is_naive(source: Source) -> bool:
    return any(not made.moment.aware for made in made_stamps(source))
