"""What partition keys begin with, so that the access patterns find the items."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_places import write_place
from harness.diagnosis.seed_runs import seed_sources
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.roles import Role
    from harness.project.source import Source

_READERS: tuple[Role, ...] = ("table-library", "pattern-messages", "pattern-groups", "stream-handler")
_RIGHT: dict[Kind, str] = {"message": "MSG#", "group row": "GRP#"}
_NAMES: dict[Kind, str] = {"message": "messages", "group row": "group rows"}
_WORDS: dict[Kind, re.Pattern[str]] = {
    "message": re.compile(r"\s*(msgs?|messages?)\W*_*", re.IGNORECASE),
    "group row": re.compile(r"\s*(gro?u?ps?)\W*_*", re.IGNORECASE),
}
#: A text that is all prefix, or that goes on with a value: `"MSG#"`, `f"MSG#{uuid}"`, `"MSG#%s"`.
_QUOTED_PREFIX = re.compile(r"""["'](?P<prefix>[ A-Za-z_]{2,24}[ #\-_:/|.]+)(?=["'{%])""")


@check(
    "SEED310",
    example="""
    bin/ddb/seed:  'pk': {'S': f"MSG-{message_group_uuid}"}
    lib/ddb.py:    ':pk': {'S': f"MSG#{message_group_uuid}"}    <- finds nothing
    """,
)
def keys_begin_as_they_are_read(facts: Facts) -> Iterator[Problem]:
    """Partition keys begin with the prefix that the reads ask for: MSG# for messages, GRP# for group rows.

    Write the same prefix, letter for letter, where the item is written and where it is read.
    """
    for each in facts.conversations:
        groups: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        for entry in each.entries:
            groups[entry.kind, entry.prefix].append(entry)
        for (kind, prefix), entries in groups.items():
            wanted = _prefixes_read(facts, kind)
            if wanted and prefix not in wanted:
                yield _other_prefix(facts, entries, wanted[0])
    if not facts.conversations:
        yield from _will_have_other_prefix(facts)
    yield from _read_otherwise(facts)


def _will_have_other_prefix(facts: Facts) -> Iterator[Problem]:
    """Tell from the code alone, where the seed did not get as far as writing."""
    for kind in _RIGHT:
        wanted = _prefixes_read(facts, kind) if facts.project is not None else []
        written = _prefixes_of_seed(facts, kind)
        if wanted and len(written) == 1 and written[0] not in wanted:
            found = _quoting(facts, written[0])
            place = Place(path=found[0][0].path, line=found[0][1])
            yield Problem(
                cause=f"the partition keys of {_NAMES[kind]} will begin with {written[0]!r}, and they are read by {wanted[0]!r}",
                place=place,
                evidence=(Evidence(text=line_at(*found[0]).strip(), place=place),),
                edits=_prefix_edit(found, written[0], wanted[0]),
            )


def _prefixes_of_seed(facts: Facts, kind: Kind) -> list[str]:
    """Return the prefixes that stand in the seed, such as f"MSG#{uuid}"."""
    found = {each["prefix"] for source in seed_sources(facts) for each in _QUOTED_PREFIX.finditer(source.text)}
    return sorted(prefix for prefix in found if _WORDS[kind].fullmatch(prefix) and "#" in prefix)


def _read_otherwise(facts: Facts) -> Iterator[Problem]:
    """Yield the library's places that ask for a prefix that no item has, where others ask for the one that is stored."""
    entries = [entry for each in facts.conversations for entry in each.entries]
    for kind in _RIGHT:
        stored = sorted({entry.prefix for entry in entries if entry.kind == kind})
        stored = stored if entries else _prefixes_of_seed(facts, kind)
        read = _prefixes_read(facts, kind)
        if facts.project is None or len(stored) != 1 or stored[0] not in read:
            continue
        for source in facts.project.with_role("table-library"):
            found = [
                (number, prefix["prefix"])
                for number, line in enumerate(source.lines, 1)
                for prefix in _QUOTED_PREFIX.finditer(line)
                if _WORDS[kind].fullmatch(prefix["prefix"])
                and "#" in prefix["prefix"]
                and prefix["prefix"] != stored[0]
            ]
            if found and not source.lines[found[0][0] - 1].lstrip().startswith("#"):
                yield _reads_nothing(source, found, stored[0], kind)


def _reads_nothing(source: Source, found: list[tuple[int, str]], stored: str, kind: Kind) -> Problem:
    number, prefix = found[0]
    places = [Place(path=source.path, line=each) for each, _ in found]
    return Problem(
        cause=f"{places[0]} has the prefix {prefix!r}, and the partition keys of the {_NAMES[kind]} begin with {stored!r}: "
        "nothing is found",
        place=places[0],
        evidence=tuple(Evidence(text=line_at(source, each.line).strip(), place=each) for each in places),
        advice=f"Write {stored!r} in {places[0]}.",
        edits=_prefix_edit([(source, number)], prefix, stored) if len(found) == 1 else (),
    )


def _prefixes_read(facts: Facts, kind: Kind) -> list[str]:
    """Return the prefixes by which the project reads a kind of item; none where its files don't tell."""
    if facts.project is None:
        return [_RIGHT[kind]]
    sources = (source for source in facts.project.with_role(*_READERS) if "table-seed" not in source.roles)
    written = {found["prefix"] for source in sources for found in _QUOTED_PREFIX.finditer(source.text)}
    alike = sorted(prefix for prefix in written if _WORDS[kind].fullmatch(prefix))
    # Beside a prefix with its #, words such as `f"message {text}"` are meant for people.
    return [prefix for prefix in alike if "#" in prefix] or alike


def _other_prefix(facts: Facts, entries: list[Entry], wanted: str) -> Problem:
    first = entries[0]
    what = f"begins with {first.prefix!r}" if first.prefix else "has no prefix"
    found = _quoting(facts, first.prefix) if first.prefix else []
    return Problem(
        cause=f"the partition key of {len(entries)} {_NAMES[first.kind]} {what}, and they are read by {wanted!r}",
        place=Place(path=found[0][0].path, line=found[0][1]) if found else write_place(facts, first.kind),
        evidence=(Evidence(text=str(first)),),
        edits=_prefix_edit(found, first.prefix, wanted),
    )


def _quoting(facts: Facts, prefix: str) -> list[tuple[Source, int]]:
    """Return the lines of the seed in which a text begins with the prefix."""
    return [
        (source, number)
        for source in seed_sources(facts)
        for number, line in enumerate(source.lines, 1)
        if re.search(rf"[\"']{re.escape(prefix)}", line)
    ]


def _prefix_edit(found: list[tuple[Source, int]], prefix: str, wanted: str) -> tuple[Edit, ...]:
    if len(found) != 1:
        return ()
    source, number = found[0]
    line = line_at(source, number)
    if len(re.findall(rf"[\"']{re.escape(prefix)}", line)) != 1:
        return ()
    return (replace_line(source, number, re.sub(rf"([\"']){re.escape(prefix)}", rf"\g<1>{wanted}", line)),)
