"""Sort keys that are timestamps: one format, so that text sorts as time does."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.conversations import read_conversations
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.place import Place
from harness.project.seed_code import spoken_text
from harness.project.stamps import made_stamps, moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.instants import Stamp
    from harness.project.source import Source

_UTC = frozenset({"+00:00", "Z", "z", "+0000", "+00", "-00:00"})
_MOST_PREFIX_LETTERS = 3


def _stamped(facts: Facts) -> list[tuple[Entry, Stamp]]:
    entries = (entry for each in read_conversations(facts.held) for entry in each.entries)
    return [(entry, entry.stamp) for entry in entries if entry.stamp is not None]


@check(
    "SEED203",
    severity="warning",
    example="""
    sk = 2026-11-20T12:00:00.000001+00:00    of the group rows
    sk = 2026-11-20T12:00:00.000001          of the messages
    """,
)
def stamps_have_one_format(facts: Facts) -> Iterator[Problem]:
    """All sort keys are timestamps of one format.

    DynamoDB sorts text. Make every timestamp with one function, such as
    datetime.now(timezone.utc).isoformat(timespec="microseconds").
    """
    stamped = _stamped(facts)
    if len({(stamp.offset, stamp.separator) for _, stamp in stamped}) > 1:
        yield _several(facts, stamped, "offsets", lambda stamp: stamp.format)
    elif len({stamp.digits for _, stamp in stamped}) > 1 and _needs_fraction(facts) and not _misordered(stamped):
        yield _several(facts, stamped, "fractions of a second", lambda stamp: stamp.format)


@check(
    "SEED204",
    severity="warning",
    requires={"SEED203", "SEED205"},
    example="""created_at = now - timedelta(minutes=i)    # the last line of the conversation becomes the oldest message""",
)
def messages_sort_as_they_were_said(facts: Facts) -> Iterator[Problem]:
    """Messages sort in the order in which the conversation has them.

    Let the time grow with the number of the line: begin in the past and add.
    """
    if not finished(facts):
        return
    for source in seed_sources(facts):
        spoken = spoken_text(source)
        texts = Counter(_said(line) for _, line in spoken.said) if spoken else Counter()
        order = {_said(line): index for index, (_, line) in enumerate(spoken.said)} if spoken else {}
        for each in read_conversations(facts.held):
            for messages in each.messages_by_group.values():
                said = [order[text] for m in messages if texts[text := (m.text("message") or "").strip()] == 1]
                if len(said) > _MOST_PREFIX_LETTERS and said == sorted(said, reverse=True):
                    yield _reversed(source, messages)


def _reversed(source: Source, messages: list[Entry]) -> Problem:
    moment = next((moment for moment in moments(source) if moment.slope < 0), None)
    why = f": line {moment.line} takes more away for each line" if moment else ""
    return Problem(
        cause=f"the conversation of {source.path} is in the table the other way round, its last line as the oldest{why}",
        place=Place(path=source.path, line=moment.line) if moment else Place(path=source.path),
        evidence=(
            *([Evidence(text=line_at(source, moment.line).strip())] if moment else []),
            Evidence(text=f"oldest: {messages[0]}: {messages[0].text('message')}"),
            Evidence(text=f"newest: {messages[-1]}: {messages[-1].text('message')}"),
        ),
    )


@check(
    "SEED205",
    example="""
    2026-11-20T12:00:00Z          sorts behind
    2026-11-20T12:00:00.500Z      because "Z" sorts behind "."
    """,
)
def fractions_keep_the_order(facts: Facts) -> Iterator[Problem]:
    """A fraction of a second that is left out does not turn the order round.

    Write all digits every time: isoformat(timespec="microseconds"). Plain isoformat() leaves the fraction out where the
    microseconds are 0.
    """
    stamped = _stamped(facts)
    if len({(stamp.offset, stamp.separator) for _, stamp in stamped}) == 1 and (pair := _misordered(stamped)):
        first, second = pair
        yield Problem(
            cause=f"{first.sk} is later than {second.sk} and sorts before it, because their fractions differ in length",
            place=_place_of_stamps(facts),
            evidence=(Evidence(text=str(first)), Evidence(text=str(second))),
        )


@check(
    "SEED206",
    severity="note",
    requires={"SEED203"},
    example="""sk = 2026-11-20T17:30:00.123456+05:30    # and a server elsewhere writes +00:00""",
)
def offset_is_utc(facts: Facts) -> Iterator[Problem]:
    """Timestamps are in UTC.

    astimezone() without an argument takes the offset of the machine it runs on; another machine writes another one, and
    text of two offsets does not sort. Write datetime.now(timezone.utc).isoformat().
    """
    stamped = _stamped(facts)
    local = [entry for entry, stamp in stamped if stamp.offset and stamp.offset not in _UTC]
    if local and len(local) == len(stamped):
        yield Problem(
            cause=f"all {len(local)} sort keys have the offset of one place, such as {local[0].sk}",
            place=_place_of_stamps(facts),
            evidence=(Evidence(text=str(local[0])),),
        )


@check(
    "SEED207",
    example="""sk = 1763640000    or    sk = 20/11/2026 12:00    or    sk = None""",
)
def sort_keys_are_timestamps(facts: Facts) -> Iterator[Problem]:
    """The sort key of messages and group rows is a timestamp in ISO 8601.

    Write isoformat(): year first, every part with all its digits. Reads by begins_with(sk, year) and the order of the
    list go by it.
    """
    for each in read_conversations(facts.held):
        unread = [entry for entry in each.entries if entry.stamp is None]
        if unread and (len(unread) < len(each.entries) or _is_read_by_time(facts)):
            yield Problem(
                cause=f"{len(unread)} of {len(each.entries)} sort keys are no timestamp in ISO 8601, "
                f"such as {unread[0].sk!r}",
                place=_place_of_stamps(facts),
                evidence=tuple(Evidence(text=str(entry)) for entry in unread[:3]),
            )


def _is_read_by_time(facts: Facts) -> bool:
    """Whether the project's reads compare sort keys; without a project, the application is the harness's own."""
    if facts.project is None:
        return True
    readers = facts.project.with_role("table-library", "pattern-messages", "pattern-groups")
    return any("begins_with" in source.text or "strptime" in source.text for source in readers)


def _needs_fraction(facts: Facts) -> bool:
    """Whether the project reads timestamps by a format that demands a fraction."""
    readers = facts.project.with_role("table-library", "pattern-messages", "pattern-groups") if facts.project else ()
    return any("strptime" in source.text and ".%f" in source.text for source in readers)


def _several(facts: Facts, stamped: list[tuple[Entry, Stamp]], what: str, form: Callable[[Stamp], str]) -> Problem:
    groups = _by_format(stamped, form)
    counted = "; ".join(f"{len(entries)} such as {entries[0].sk}" for entries in groups.values())
    pair = _misordered(stamped)
    wrong = f"; {pair[0].sk} is later than {pair[1].sk} and sorts before it" if pair else ""
    return Problem(
        cause=f"sort keys have different {what}: {counted}{wrong}",
        place=_place_of_stamps(facts),
        evidence=tuple(Evidence(text=f"{shape}: {entries[0]}") for shape, entries in groups.items()),
    )


def _by_format(stamped: Iterable[tuple[Entry, Stamp]], form: Callable[[Stamp], str]) -> dict[str, list[Entry]]:
    pairs = sorted(stamped, key=lambda pair: form(pair[1]))
    return {shape: [entry for entry, _ in some] for shape, some in groupby(pairs, key=lambda pair: form(pair[1]))}


def _misordered(stamped: list[tuple[Entry, Stamp]]) -> tuple[Entry, Entry] | None:
    """Return two neighbours of one partition whose text sorts unlike their time, the later one first."""
    ordered = sorted(stamped, key=lambda pair: (pair[0].pk, pair[0].sk))
    for (one, first), (other, second) in pairwise(ordered):
        if one.pk == other.pk and first.instant > second.instant:
            return one, other
    return None


def _place_of_stamps(facts: Facts) -> Place | None:
    for source in seed_sources(facts):
        if made := made_stamps(source):
            naive = [each for each in made if not each.moment.aware]
            return Place(path=source.path, line=(naive or list(made))[0].line)
    return None


def _said(line: str) -> str:
    return line.partition(":")[2].strip()
