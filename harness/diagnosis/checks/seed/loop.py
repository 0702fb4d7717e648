"""The seed writes a message for each line of its conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import puts, refused_writes, seed_runs, seed_sources
from harness.project.place import Place
from harness.project.seed.item_writes import leaves_loop, loops, message_writes, writes_what_loop_sets
from harness.project.seed.spoken_text import prefix_tests, spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.seed.item_writes import Write
    from harness.project.seed.spoken_text import Spoken
    from harness.project.source import Source

_OTHER_WAYS = frozenset({"UpdateItem", "ExecuteStatement", "BatchExecuteStatement"})


@check(
    "SEED103",
    requires={"SEED102"},
    example="""
    for i in range(len(lines)):
      message = lines[i]
    create_message(client=ddb, message=message)    <- beside the loop, not in it: one message
    """,
)
def write_stands_in_the_loop(facts: Facts) -> Iterator[Problem]:
    """The line that writes a message is reached once for each line of the conversation.

    Indent the write so that it stands in the loop, behind the if/else that picks the sender.
    """
    for source in seed_sources(facts):
        written = _messages_written(facts, source)
        spoken = spoken_text(source, facts.project)
        lines = len(spoken.said) if spoken else None
        if written is not None and written >= (lines or 2):
            continue
        if written is None and (
            any(len(each.messages) > 1 for each in facts.conversations)
            or any(write.of_many for write in message_writes(source))
        ):
            continue  # it works, or it gathers in its loop what is written at once behind it
        problem = next(_causes(source, spoken, written), None)
        if problem is not None:
            yield problem


def _messages_written(facts: Facts, source: Source) -> int | None:
    """Return how many messages the seed put; None where it was not run to its end, was refused, or wrote in another way."""
    run = next((run for run in seed_runs(facts) if run.path == source.path and run.ok), None)
    if run is None or not run.calls or refused_writes(run) or any(call.operation in _OTHER_WAYS for call in run.calls):
        return None
    return sum(1 for put in puts(run) if (entry := put.entry) is not None and entry.kind == "message")


def _causes(source: Source, spoken: Spoken | None, written: int | None) -> Iterator[Problem]:
    lines = len(spoken.said) if spoken else None
    writes = message_writes(source)
    if not writes:
        return
    first = writes[0]
    if all(write.unreachable_after for write in writes) and not written:
        left = line_at(source, first.unreachable_after or 0).strip()
        yield _problem(source, first, written, lines, f"it stands behind `{left}` and is never reached")
    outside = [loop for loop in loops(source) if loop < first.line]
    many = (lines or 0) > 1 or (
        written == 1 and bool(outside) and writes_what_loop_sets(source, first.line, outside[-1])
    )
    if outside and all(write.loop is None for write in writes) and (written or 0) <= 1 and many:
        loop = line_at(source, outside[-1]).strip()
        why = f"it stands outside of `{loop}` in line {outside[-1]}, so it runs once, with the last line"
        yield _problem(source, first, written, lines, why)
    if written is None or lines is None:
        return
    if (end := leaves_loop(source, first.loop or 0)) is not None and written <= 1:
        yield _problem(
            source, first, written, lines, f"`{line_at(source, end).strip()}` ends its loop in the first round"
        )
    if all(write.branch and write.loop for write in writes) and written < lines:
        branch = line_at(source, first.branch or 0).strip()
        why = f"it stands in the branch of `{branch}` in line {first.branch}, so it runs for some of the lines only"
        yield _problem(source, first, written, lines, why)
    if spoken is not None:
        yield from _tested_for_others(source, spoken, first, written)


def _tested_for_others(source: Source, spoken: Spoken, write: Write, written: int) -> Iterator[Problem]:
    """Yield that the script tests for a prefix that no line has, and so passes lines over."""
    tests, said = prefix_tests(source), [line for _, line in spoken.said]
    prefixes = tuple(dict.fromkeys(each.prefix for each in tests))
    passed = [line for line in said if not line.startswith(prefixes)]
    odd = [test for test in tests if not any(line.startswith(test.prefix) for line in said)]
    if not passed or not odd or written != len(said) - len(passed):
        return
    begin = " or ".join(map(repr, prefixes))
    none = f"no line begins with {begin}; the first is" if len(passed) == len(said) else f"not all begin with {begin}:"
    place = Place(path=source.path, line=odd[0].line)
    yield replace(
        _problem(source, write, written, len(said), f"{none} {passed[0]!r}"),
        place=place,
        advice=f"Let {place} test for what the lines begin with, in place of {odd[0].prefix!r}.",
    )


def _problem(source: Source, write: Write, written: int | None, lines: int | None, why: str) -> Problem:
    place = Place(path=source.path, line=write.line)
    said = f"the {lines} lines of the conversation" if lines else "its lines"
    were = "message is" if written == 1 else "messages are"
    count = f"{written} {were} written of {said}" if written is not None else f"not all of {said} are written"
    marked = [write.line, write.unreachable_after, write.loop, write.branch]
    return Problem(
        cause=f"{count}: the write in line {write.line} of {source.path} is to run for each, but {why}",
        place=place,
        evidence=tuple(
            Evidence(text=line_at(source, line).strip(), place=Place(path=source.path, line=line))
            for line in sorted({line for line in marked if line})
        ),
    )
