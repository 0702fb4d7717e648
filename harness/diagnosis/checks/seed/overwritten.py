"""Items of the seed that take each other's place in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.seed_places import write_place
from harness.diagnosis.seed_runs import puts, seed_runs
from harness.diagnosis.shared_keys import shared_keys
from harness.project.place import Place
from harness.project.seed.item_writes import leaves_loop, message_writes
from harness.project.seed.spoken_text import spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.seed_runs import Put
    from harness.diagnosis.shared_keys import SharedKey
    from harness.rehearsal.results import ScriptRun

#: The parameter of boto3's batch_writer by which it removes items of one key from its buffer.
_DROPPING = "overwrite_by_pkeys"


@check(
    "SEED305",
    example="""
    created_at = now.isoformat()      # before the loop: every message has the same key, and the last one stays
    """,
)
def no_item_overwrites_another(facts: Facts) -> Iterator[Problem]:
    """No two items of the seed have the same key.

    Let the sort key differ for each item: work created_at out inside the loop, with the number of the line in it, and
    write each group row under its own person's uuid.
    """
    for run in seed_runs(facts):
        every = shared_keys(facts, run)
        for kind in ("message", "group row"):
            shared = [each for each in every if each.kind == kind]
            refused = [each for each in shared if each.refused]
            if refused:
                yield _refused(facts, refused, run.path)
            elif shared:
                yield _overwritten(shared, run.path)
        yield from _dropped(facts, run)


def _dropped(facts: Facts, run: ScriptRun) -> Iterator[Problem]:
    """Yield that a batch_writer itself leaves out, of all messages of the conversation, all but the last one."""
    source = facts.project.find(run.path) if facts.project is not None else None
    spoken = spoken_text(source, facts.project) if source is not None and run.ok else None
    if source is None or spoken is None or _DROPPING not in source.text:
        return
    writes = message_writes(source)
    each_line = writes and all(
        write.loop and not (write.branch or write.unreachable_after or leaves_loop(source, write.loop))
        for write in writes
    )
    left = [put for put in puts(run) if put.entry is not None and put.entry.kind == "message"]
    if each_line and len(left) == 1 and len(spoken.said) > 1:
        yield Problem(
            cause=f"of {len(spoken.said)} messages one is written: all have the key {left[0].entry}, and {_DROPPING} lets the "
            "batch_writer drop all but the last item of a key",
            place=Place(path=source.path, line=writes[0].line),
            evidence=(Evidence(text=str(_shown(left[0])), place=left[0].place),),
        )


def _refused(facts: Facts, shared: list[SharedKey], path: str) -> Problem:
    some = max(shared, key=lambda each: len(each.puts))
    return Problem(
        cause=f"{path} makes a request that is refused, with all that is in it: {len(some.puts)} {_called(some)} in it have "
        f"the key {some.entry}, and one request takes one item of each key",
        place=write_place(facts, some.kind) or Place(path=path),
        evidence=_first_and_last(some),
    )


def _overwritten(shared: list[SharedKey], path: str) -> Problem:
    some = max(shared, key=lambda each: len(each.puts))
    lost = sum(len(each.puts) - 1 for each in shared)
    return Problem(
        cause=f"{lost} {_called(some)} are overwritten: {len(some.puts)} are put with the key {some.entry}, and only the "
        "last stays",
        place=some.puts[-1].place or Place(path=path),
        evidence=_first_and_last(some),
    )


def _called(some: SharedKey) -> str:
    return "messages" if some.kind == "message" else "group rows"


def _first_and_last(some: SharedKey) -> tuple[Evidence, ...]:
    return tuple(Evidence(text=str(_shown(put)), place=put.place) for put in (some.puts[0], some.puts[-1]))


def _shown(put: Put) -> dict[str, object]:
    return {name: next(iter(value.values()), None) for name, value in put.item.items()}
