"""Whether a stream handler keeps groups in the order of their newest messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.handlers import handlers, sort_keys, together, went_back
from harness.diagnosis.stream_templates import filters_events
from harness.project.table.stream_handlers import compares_instants, constants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.handlers import Handler

_WRITES = ("put_item", "update_item", "transact_write_items", "batch_write_item")


@check("STR104", severity="warning", example="""row['sk'] = message['sk']      # whichever of the two is newer""")
def late_record_moves_nothing_back(facts: Facts) -> Iterator[Problem]:
    """A record that comes late does not move its message group back.

    Compare before writing: pass the record over where its sk is below the row's, or write with a ConditionExpression. Retries
    and halved batches bring older records after newer ones.
    """
    found = []
    for handler in handlers(facts):
        trial = handler.trial("late-record")
        back = went_back(trial) if trial else []
        line = next(iter(handler.lines_of(*_WRITES)), 0)
        if back or (trial is None and line and not _looks_first(handler)):
            evidence = [handler.line(line)] if line else []
            if trial and back:
                before, after = sort_keys(trial.before, back[0]), sort_keys(trial.after, back[0])
                evidence.append(
                    Evidence(text=f"an older message came for group {back[0]}: sk {before[0]} became {after[0]}")
                )
            cause = f"{handler.at(line)} writes sk and text of any message, also of one that is older than the row"
            found.append((handler, Problem(cause=cause, place=handler.at(line), evidence=tuple(evidence))))
    yield from together(found)


@check(
    "STR107",
    severity="warning",
    example="""if record['eventName'] == 'REMOVE': return      # INSERT and MODIFY are left""",
)
def change_is_no_new_message(facts: Facts) -> Iterator[Problem]:
    """A handler takes an INSERT for a new message, and nothing else.

    Go on only where `record['eventName'] == 'INSERT'`, or let the mapping filter on it. Else editing an old message moves its
    group to that message.
    """
    found = []
    for handler in handlers(facts):
        late = handler.trial("late-record")
        steady = not went_back(late) if late else _looks_first(handler)
        told_apart = bool({"INSERT", "MODIFY"} & constants(handler.source)) or filters_events(facts)
        if steady or told_apart or not handler.lines_of(*_WRITES):
            continue
        line = handler.line_with("eventName")
        cause = (
            f"{handler.at(line)} does not tell a MODIFY from an INSERT: an old message that is edited moves its group"
        )
        evidence = (handler.line(line),) if line else ()
        found.append((handler, Problem(cause=cause, place=handler.at(line), evidence=evidence)))
    yield from together(found)


def _looks_first(handler: Handler) -> bool:
    """Tell whether the code compares instants, or asks for more than the group's rows."""
    return compares_instants(handler.source) or len(handler.lines_of("query", "get_item")) > 1
