"""Why a trigger does not fire: what is known of table, stream, mapping and handler, and what follows from it.

No part of this looks anything up; see `harness.commands.stream.explain` for who does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.facts import IMAGES, Facts, Reading, Reason
from harness.streams.mapping.names import table_of_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NO_RECORD_CAN_PASS = frozenset({"filter-passes-nothing", "filter-view-type"})
_CHANGE_STREAM = "let the table's schema file say StreamSpecification with {}, then: harness schema load"


def explain(facts: Facts) -> tuple[Reason, ...]:
    """Return what keeps the trigger from firing, the most decisive first, then what else is worth knowing.

    Where nothing does, the first says so and what would happen next.
    """
    found = [reason for check in _CHECKS for reason in check(facts)]
    stops = [reason for reason in found if reason.stops]
    notes = [reason for reason in found if not reason.stops]
    return (*stops, *notes) if stops else (_fires(facts), *notes)


def _fires(facts: Facts) -> Reason:
    reading = facts.reading or Reading()
    if facts.attached is not None:
        evidence, advice = facts.attached, "look at what that process prints; harness stream drain works once it ended"
    else:
        evidence = f"{reading.waiting} of {reading.records} records in the stream wait for {facts.handler}"
        advice = f"harness stream drain {facts.handler}"
    return Reason(code="fires", title="nothing keeps it from firing", evidence=evidence, advice=advice, stops=False)


def _table(facts: Facts) -> Iterator[Reason]:
    if not facts.table_exists:
        yield Reason(
            code="table-missing",
            title=f"there is no table {facts.table}",
            evidence=f"DescribeTable knows no {facts.table}",
            advice="`table` in harness.toml names it; harness schema load makes the tables of the schema files",
        )


def _stream(facts: Facts) -> Iterator[Reason]:
    if facts.table_exists and not facts.stream_enabled:
        last = f"; its last one was {facts.stream_arn}" if facts.stream_arn else ""
        yield Reason(
            code="stream-off",
            title=f"{facts.table} has no stream, or it is switched off",
            evidence=f"DescribeTable shows no StreamSpecification with StreamEnabled true{last}",
            advice=_CHANGE_STREAM.format("StreamEnabled true"),
        )


def _handler(facts: Facts) -> Iterator[Reason]:
    if facts.handler is None:
        yield Reason(
            code="no-handler",
            title="the project has no handler",
            evidence="harness.toml has nothing under [handlers]",
            advice='write NAME = "path/to/file.py:function" under [handlers] in harness.toml',
        )


def _mapping(facts: Facts) -> Iterator[Reason]:
    if facts.refused is not None:
        yield Reason(
            code="mapping-refused",
            title="there is no mapping: it can't be created",
            evidence=facts.refused.text,
            advice=facts.refused.hint,
        )
    if not facts.enabled:
        yield Reason(
            code="mapping-disabled",
            title="the mapping is disabled",
            evidence="Enabled is false: the stream is not read, the function not called",
            advice=f"take Enabled out of the mapping's file, or: harness stream drain {facts.handler} --set Enabled=true",
        )


def _arn(facts: Facts) -> Iterator[Reason]:
    if facts.named_table not in (None, facts.table):
        yield Reason(
            code="other-table",
            title="the mapping's template means another table",
            evidence=f"there it is {facts.named_table}; `table` in harness.toml says {facts.table}, which is read here",
            advice="where both are one table under two names all is well; else name another mapping of the template",
            # A table may well have another name where it is deployed.
            stops=False,
        )
    if facts.named_arn is None or facts.named_arn == facts.stream_arn:
        return
    table = table_of_stream(facts.named_arn)
    if table != facts.table:
        yield Reason(
            code="other-table",
            title=f"the mapping's EventSourceArn is not the stream of {facts.table}",
            evidence=f"its file names {facts.named_arn}, a stream of {table or 'no table'}",
            advice=f"name the LatestStreamArn of {facts.table}, or leave EventSourceArn out",
        )
    elif facts.stream_arn:
        yield Reason(
            code="other-label",
            title="the mapping's file names another stream of this table",
            evidence=f"{facts.named_arn}; the latest is {facts.stream_arn}, which is read here in its place",
            advice="a stream that is switched off and on, or a table made anew, has a new label. Where it is deployed: "
            f"aws dynamodb describe-table --table-name {facts.table} --query Table.LatestStreamArn",
            stops=False,
        )


def _code(facts: Facts) -> Iterator[Reason]:
    if facts.failure is None:
        return
    loaded = facts.failure.kind not in _NOT_LOADED and not facts.failure.at_import
    yield Reason(
        code="handler-fails-when-empty" if loaded else "handler-not-loaded",
        title=f"{facts.handler} {'fails on an event with no records' if loaded else 'can not be called'}",
        evidence=f"{facts.code}: {facts.failure.kind}{': ' if facts.failure.kind else ''}{facts.failure.text}",
        advice=facts.failure.hint or f"harness stream invoke {facts.handler} --sample insert",
        stops=not loaded,
    )


#: Of these the handler's own code had no part, or it did not get beyond its import.
_NOT_LOADED = frozenset(
    {
        "",
        "Runtime.ExitError",
        "Runtime.HandlerNotFound",
        "Runtime.ImportModuleError",
        "Runtime.MalformedHandlerName",
        "Runtime.OutOfMemory",
        "Runtime.UserCodeSyntaxError",
        "Sandbox.Timedout",
    }
)


def _images(facts: Facts) -> Iterator[Reason]:
    carried = IMAGES.get(facts.view_type or "")
    if carried is None or not (missing := facts.images - carried):
        return
    names = " and ".join(sorted(missing))
    yield Reason(
        code="view-type",
        title=f"no record has the {names} that the handler reads",
        evidence=f"{facts.code} names {names}; the stream's StreamViewType is {facts.view_type}",
        advice=_CHANGE_STREAM.format("StreamViewType NEW_AND_OLD_IMAGES")
        + ". A stream keeps its type for life: it will be a new one",
        # A handler that also reads an image that is there may well do without the other one.
        stops=missing == facts.images,
    )


def _filters(facts: Facts) -> Iterator[Reason]:
    reading = facts.reading or Reading()
    example = f"; the newest that is dropped: {reading.dropped}" if reading.dropped else ""
    impossible = any(caution.code == "filter-passes-nothing" for caution in facts.cautions)
    if impossible:
        texts = [caution.text for caution in facts.cautions if caution.code in _NO_RECORD_CAN_PASS]
        yield Reason(
            code="filter-impossible",
            title="no record can pass the mapping's filters",
            evidence=" ".join(texts) + example,
            advice="mend the Pattern in the mapping's FilterCriteria",
        )
    elif reading.records and not reading.passing:
        yield Reason(
            code="filter-drops-all",
            title="the mapping's filters let none of the stream's records through",
            evidence=f"0 of {reading.records} pass{example}",
            advice="compare the Pattern in the mapping's FilterCriteria with that record: harness stream events --json",
        )
    elif reading.ahead and not reading.waiting:
        yield Reason(
            code="filter-drops-new",
            title="the mapping's filters let none of the new records through",
            evidence=f"0 of {reading.ahead} that were not looked at yet pass{example}",
            advice="write something that the filters let through, or mend them; harness stream events --json",
        )


def _records(facts: Facts) -> Iterator[Reason]:
    reading = facts.reading
    if reading is None or reading.ahead is None:
        return
    if not reading.records:
        yield Reason(
            code="nothing-written",
            title="nothing was written since the stream was made",
            evidence=f"{facts.stream_arn} holds no record; loading the seed makes a new stream",
            advice="write to the table while the stack is up, then: harness stream events",
        )
    elif not reading.ahead and not reading.begun:
        yield Reason(
            code="latest-after-write",
            title="the mapping begins at LATEST, after all that was written",
            evidence=f"StartingPosition is {facts.starting_position} and it was never attached; the newest of "
            f"{reading.records} records was made at {reading.newest}, before",
            advice=f"harness stream drain {facts.handler} --from-start --set StartingPosition=TRIM_HORIZON, or attach "
            f"first and write after: harness stream run {facts.handler}",
        )
    elif not reading.ahead:
        begin = " (where it began at LATEST)" if facts.starting_position == "LATEST" else ""
        yield Reason(
            code="all-handled",
            title="the mapping is at the stream's end: nothing is new",
            evidence=f"its checkpoint{begin} is behind all {reading.records} records, the newest of {reading.newest}",
            advice=f"write something new, or: harness stream drain {facts.handler} --from-start",
        )


_CHECKS: tuple[Callable[[Facts], Iterator[Reason]], ...] = (
    _table,
    _stream,
    _handler,
    _mapping,
    _arn,
    _code,
    _images,
    _filters,
    _records,
)
