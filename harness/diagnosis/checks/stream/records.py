"""Which records of an event a stream handler copes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.handlers import failed, handlers, messages, moved, sort_keys, together, told
from harness.diagnosis.stream_templates import batch_sizes, filters_events
from harness.project.table.stream_handlers import (
    constants,
    ends_at_one_record,
    first_record_only,
    guards_against_removal,
    image_reads,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.handlers import Handler, Message
    from harness.rehearsal.results import HandlerTrial


@check("STR101", severity="warning", example="""record = event['Records'][0]""")
def every_record_is_handled(facts: Facts) -> Iterator[Problem]:
    """A handler handles every record of its event.

    Go through all of them: `for record in event['Records']:`. Inside, `return` becomes `continue`.
    """
    found = []
    for handler in handlers(facts):
        line = first_record_only(handler.source) or 0
        trial = handler.trial("batch-of-two")
        lost = _lost(trial) if trial else ""
        if lost or (line and trial is None):
            evidence = [handler.line(line)] if line else []
            evidence += [Evidence(text=lost)] if lost else []
            for place, size in batch_sizes(facts):
                evidence += [Evidence(text=f"BatchSize {size} hides it so far", place=place)] if size == 1 else []
            cause = f"{handler.at(line)} handles one record of the event; Lambda hands over all that wait, and the others are lost"
            found.append((handler, Problem(cause=cause, place=handler.at(line), evidence=tuple(evidence))))
        elif (end := ends_at_one_record(handler.source)) is not None:
            cause = (
                f"`{handler.line(end).text.strip()}` in {handler.at(end)} ends the loop at the first such record, and those "
                "behind it in the batch are lost"
            )
            advice = "Write `continue` in its place: go on with the next record."
            problem = Problem(cause=cause, place=handler.at(end), evidence=(handler.line(end),), advice=advice)
            found.append((handler, problem))
    yield from together(found)


@check(
    "STR102",
    example="""message = record['dynamodb']['NewImage']['message']['S']      # a REMOVE has no NewImage""",
)
def removal_is_survived(facts: Facts) -> Iterator[Problem]:
    """A handler copes with a REMOVE, which has no NewImage.

    Pass it over before anything reads the image: `if record['eventName'] == 'REMOVE': continue`. A record that fails is
    tried again until it expires, and everything behind it waits.
    """
    found = []
    for handler in handlers(facts):
        line = image_reads(handler.source).get("NewImage", 0)
        trial = handler.trial("remove")
        if trial is not None and trial.traceback is not None:
            place = trial.traceback.at.place if trial.traceback.at else handler.at(line)
            cause = f"{place} fails on a REMOVE with {told(trial.traceback)}"
            evidence = [handler.line(place.line), Evidence(text=told(trial.traceback))]
        elif trial is None and line and not guards_against_removal(handler.source) and not filters_events(facts):
            place = handler.at(line)
            cause = f"{place} reads NewImage of every record, and a REMOVE has none: KeyError: 'NewImage'"
            evidence = [handler.line(line)]
        else:
            continue
        found.append((handler, Problem(cause=cause, place=place, evidence=tuple(evidence))))
    yield from together(found)


@check(
    "STR110",
    severity="note",
    requires={"STR102"},
    example="""if event_name == 'REMOVE': return""",
)
def removal_repairs_the_summary(facts: Facts) -> Iterator[Problem]:
    """When a group's last message is deleted, its rows show the one before.

    On a REMOVE, query the group's newest message (ScanIndexForward False, Limit 1) and write its sk and text to the rows.
    """
    found = []
    for handler in handlers(facts):
        trial = handler.trial("remove")
        stale = _stale(trial) if trial else ""
        if stale or (trial is None and _returns_on_removal(handler)):
            line = handler.line_with("REMOVE") or handler.line_with("INSERT")
            evidence = [handler.line(line)] if line else []
            evidence += [Evidence(text=stale)] if stale else []
            cause = f"{handler.at(line)} passes a deletion over: the group goes on showing a message that is gone"
            found.append((handler, Problem(cause=cause, place=handler.at(line), evidence=tuple(evidence))))
    yield from together(found)


def _lost(trial: HandlerTrial) -> str:
    """Say which record had no effect; "" where each group's newest one had."""
    newest: dict[str, Message] = {}
    for message in messages(trial):
        newest[message.group] = max(message, newest.get(message.group, message), key=lambda each: each.sk)
    lost = [message for message in newest.values() if not moved(trial, message)]
    if failed(trial) or not lost:
        return ""
    rows = " and ".join(sort_keys(trial.after, lost[0].group))
    return f"the record of {lost[0].sk} for group {lost[0].group} had no effect: its rows stay at {rows}"


def _stale(trial: HandlerTrial) -> str:
    for message in messages(trial):
        gone = message.event_name == "REMOVE" and message.sk in sort_keys(trial.before, message.group)
        if gone and not failed(trial) and message.sk in sort_keys(trial.after, message.group):
            return f"the message of {message.sk} is deleted, and the rows of its group still stand there"
    return ""


def _returns_on_removal(handler: Handler) -> bool:
    """Tell whether the code knows of REMOVE and asks for nothing but the group's rows."""
    return "REMOVE" in constants(handler.source) and len(handler.lines_of("query")) <= 1
