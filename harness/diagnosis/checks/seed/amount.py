"""The seed leaves both messages and group rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import came_to_their_end, finished, is_of_rehearsal, seed_runs, seed_sources
from harness.project.place import Place
from harness.project.seed.uncalled_writers import mistaken_guards, uncalled_writers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source


@check(
    "SEED104",
    requires={"SEED101", "SEED102", "SEED103", "SEED107"},
    example="""
    def main():
      ...                  <- nothing calls main(): exit code 0, empty table
    """,
)
def seed_writes_both_kinds(facts: Facts) -> Iterator[Problem]:
    """After the seed there are messages, and group rows that lead to them.

    See that the functions that write group rows and messages are called, on this table.
    """
    sources = seed_sources(facts)
    if any(run.missing for run in seed_runs(facts)) or any(asks_in_vain(facts, source.path) for source in sources):
        return
    if not facts.conversations:
        yield from _wrote_nothing(facts, sources)
    elif finished(facts) and all(each.is_whole for each in facts.conversations):
        yield from _one_kind_only(facts, sources)


def _wrote_nothing(facts: Facts, sources: tuple[Source, ...]) -> Iterator[Problem]:
    tables = facts.held.tables.values()
    if not (is_of_rehearsal(facts) and came_to_their_end(facts) and tables):
        return
    if not any(table.items or table.count for table in tables):
        guards, uncalled = _guards(sources), _uncalled(sources)
        seen = guards or uncalled
        why = " and made no write that was kept"
        if guards:
            why = f": `{guards[0].text}` in {guards[0].place} is never true, since __name__ is '__main__' there"
        elif uncalled:
            why = f": nothing calls the function of {uncalled[0].place}"
        yield Problem(
            cause=f"{sources[0].path} came to its end without an error{why}; the table is empty",
            place=(seen[0].place if seen else None) or Place(path=sources[0].path),
            evidence=(*guards, *uncalled),
            advice='Write `if __name__ == "__main__":`.' if guards else "",
        )


def _one_kind_only(facts: Facts, sources: tuple[Source, ...]) -> Iterator[Problem]:
    """Yield that one kind is lacking; they may be kept in two tables."""
    messages = sum(len(each.messages) for each in facts.conversations)
    rows = sum(len(each.rows) for each in facts.conversations)
    if bool(messages) == bool(rows):
        return
    each = facts.conversations[0]
    what = (
        f"{messages} messages and no group row: nobody's list leads to them"
        if messages
        else f"{rows} group rows and no message: every conversation is empty"
    )
    uncalled = _uncalled(sources)
    yield Problem(
        cause=f"the table {each.table.name} holds {what}",
        place=next((one.place for one in uncalled), None) or (Place(path=sources[0].path) if sources else None),
        evidence=(*uncalled, Evidence(text=str(each.entries[0]))),
    )


def _guards(sources: tuple[Source, ...]) -> tuple[Evidence, ...]:
    """Return the guards that keep the functions that write from being called."""
    return tuple(
        Evidence(text=line_at(source, guard.lineno).strip(), place=Place(path=source.path, line=guard.lineno))
        for source in sources
        if uncalled_writers(source)
        for guard in mistaken_guards(source)
    )


def _uncalled(sources: tuple[Source, ...]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(text=f"def {function.name}(…)", place=Place(path=source.path, line=function.lineno))
        for source in sources
        for function in uncalled_writers(source)
    )
