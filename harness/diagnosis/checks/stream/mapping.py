"""The stream between the table and its handler, and what is known of the running stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.access.names import grouped_by_index
from harness.diagnosis.checks.stream.code import handler_can_be_called
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.handlers import handlers, together
from harness.diagnosis.known_tables import tables_deployed, tables_here
from harness.diagnosis.stream_templates import stream_mappings
from harness.project.table.stream_handlers import image_reads
from harness.streams.facts import IMAGES
from harness.streams.mapping.templates import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.table.declarations import TableShape
    from harness.streams.facts import Reason

#: States of a stack that works, and of a project that has no handler.
_NO_FAULT = frozenset({"nothing-written", "all-handled", "no-handler"})
#: Worth knowing where a record is missed; nothing is broken.
_WORTH_KNOWING = frozenset({"latest-after-write", "filter-drops-new"})


@check(
    "STR204",
    requires={"STR109"},
    example="""
    table:    StreamViewType: KEYS_ONLY
    handler:  record['dynamodb']['NewImage']
    """,
)
def stream_has_what_is_read(facts: Facts) -> Iterator[Problem]:
    """The stream's records carry the image that the handler reads.

    Set `StreamViewType` to NEW_IMAGE, or NEW_AND_OLD_IMAGES. A stream keeps its type for life: it will be a new one.
    """
    for shape in (*tables_deployed(facts).values(), *tables_here(facts).values()):
        carried = IMAGES.get(shape.stream or "")
        found = []
        for handler in handlers(facts) if carried is not None else ():
            read = image_reads(handler.source)
            missing = sorted(set(read) - (carried or frozenset()))
            if missing and (len(missing) == len(read) or "NewImage" in missing):
                line = handler.line(read[missing[0]])
                cause = f"{line.place} reads {missing[0]}, and the stream of {shape.name} is {shape.stream}: no record has it"
                found.append((handler, Problem(cause=cause, place=shape.place or line.place, evidence=(line,))))
        if found:
            yield from together(found)
            return


@check(
    "STR205",
    requires={"ACC201"},
    example="""
    template:  Type: AWS::DynamoDB::Table      # without GlobalSecondaryIndexes
    handler:   IndexName='message-group-sk-index'
    """,
)
def template_has_what_the_handler_needs(facts: Facts) -> Iterator[Problem]:
    """The template's table has the index and the stream that the handler needs.

    Add GlobalSecondaryIndexes and StreamSpecification to the table in the template.
    """
    for source, template, found in stream_mappings(facts):
        shape = tables_deployed(facts).get(table_of(template, found) or "")
        if shape is None:
            continue
        ids = [each for each in template.section("Resources") if template.name(each) == shape.name]
        _, properties = template.resource(ids[0])
        if "StreamSpecification" not in properties:
            yield Problem(
                cause=f"{found.reference} in {source.path} takes the stream of {shape.name}, which has no StreamSpecification",
                place=shape.place,
            )
        yield from _without_index(facts, shape)


def _without_index(facts: Facts, shape: TableShape) -> Iterator[Problem]:
    here = tables_here(facts).values()
    for name, its_uses in grouped_by_index(facts).items():
        by_handler = [use for use in its_uses if "stream-handler" in use.source.roles]
        if by_handler and shape.index(name) is None and (not here or any(each.index(name) for each in here)):
            has = ", ".join(each.name for each in shape.indexes) or "none"
            yield Problem(
                cause=f"{by_handler[0].request.place} queries the index {name}; the table {shape.name} of {shape.place} has {has}",
                place=shape.place,
                evidence=tuple(Evidence(text=use.line, place=use.request.place) for use in by_handler),
            )


@check("STR301", example="""harness stream explain: cruddur-messages has no stream, or it is switched off""")
def trigger_fires(facts: Facts) -> Iterator[Problem]:
    """Nothing keeps the running stack's trigger from firing.

    `harness stream explain` tells more.
    """
    uncallable = any(True for _ in handler_can_be_called.look(facts))
    for reason in facts.reasons:
        follows = reason.code == "handler-not-loaded" and uncallable
        if reason.stops and reason.code not in _NO_FAULT | _WORTH_KNOWING and not follows:
            yield _of_reason(reason)


@check("STR302", severity="note", example="""the mapping begins at LATEST, after all that was written""")
def trigger_gets_the_records(facts: Facts) -> Iterator[Problem]:
    """The running stack's trigger is given the records that were written.

    `harness stream explain` tells more.
    """
    for reason in facts.reasons:
        if reason.stops and reason.code in _WORTH_KNOWING:
            yield _of_reason(reason)


def _of_reason(reason: Reason) -> Problem:
    return Problem(
        cause=f"{reason.title}: {reason.evidence}",
        evidence=(Evidence(text=f"harness stream explain: {reason.code}"),),
        advice=reason.advice,
    )
