"""What there is to know of a trigger on a running stack, for the question why it does not fire."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFailure, HarnessError
from harness.instant import to_text
from harness.logs import make_state_folder
from harness.stores.clients import make_client
from harness.stores.streams_api import Unreachable
from harness.stores.streams_wire import StreamsWire
from harness.streams.delivery.first_event import first_event
from harness.streams.facts import Facts, Failure, Reading
from harness.streams.filters.advice import advise
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.mapping import rules
from harness.streams.mapping.files import read_mapping
from harness.streams.reading.checkpoints import FileCheckpoints
from harness.streams.reading.whole_stream import whole_stream
from harness.streams.record import compact
from harness.trigger import Site, handler_code, make_function, read_trigger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.config import Config
    from harness.stack import Stack
    from harness.streams.mapping.files import MappingFile
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.record import Record
    from harness.trigger import Terms

#: Stands in where a table has no stream, so that mapping and handler can be looked at all the same.
_NO_STREAM = "arn:aws:dynamodb:ddblocal:000000000000:table/{}/stream/none"


def trigger_facts(config: Config, stack: Stack, name: str | None, terms: Terms) -> Facts:
    """Look at table, stream, mapping and handler. Calls the handler once with no records; moves no checkpoint."""
    try:
        return _of_table(config, stack, name, terms)
    except Unreachable as error:
        raise EnvironmentFailure(f"DynamoDB does not answer: {error}", hint="harness status") from error


def _of_table(config: Config, stack: Stack, name: str | None, terms: Terms) -> Facts:

    endpoint = stack.endpoints.dynamodb
    table = _describe(stack, config.table)
    arn = str(table.get("LatestStreamArn", ""))
    said = table.get("StreamSpecification", {})
    with closing(StreamsWire(endpoint)) as api:
        site = Site(
            config=config,
            endpoints=stack.endpoints,
            api=api,
            stream_arn=arn or _NO_STREAM.format(config.table),
        )
        facts = Facts(
            table=config.table,
            handler=name,
            table_exists=bool(table),
            stream_enabled=bool(said.get("StreamEnabled")),
            stream_arn=site.source(terms.emulation.account).shown_arn if arn else "",
            view_type=said.get("StreamViewType"),
        )
        if name is None:
            return facts
        stack.require_writable("stream explain")
        return _of_handler(facts, site, name, terms)


def _describe(stack: Stack, table: str) -> Mapping[str, Any]:

    with closing(make_client(stack.endpoints.dynamodb)) as client:
        try:
            description: dict[str, Any] = client.describe_table(TableName=table)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return {}
    return description


def _of_handler(facts: Facts, site: Site, name: str, terms: Terms) -> Facts:
    """Add what there is to know of a handler and its mapping."""
    config = site.config
    shown = site.source(terms.emulation.account).shown_arn
    said = config.handlers[name]
    if said.handler is not None:
        facts = replace(facts, code=said.handler, images=_images(config.project / said.handler.rpartition(":")[0]))
    try:
        file, mapping = read_trigger(config, name, stream_arn=shown, terms=terms)
        named = _named_arn(config, name)
    except HarnessError as refused:
        return replace(facts, refused=_failure(refused))
    criteria = FilterCriteria.of(mapping.filter_patterns)
    if said.handler is None:
        facts = _of_template(facts, config, name, file)
    facts = replace(
        facts,
        named_arn=named,
        named_table=file.table,
        enabled=mapping.enabled,
        starting_position=mapping.starting_position,
        cautions=(*file.cautions, *rules.cautions(mapping), *advise(criteria, view_type=facts.view_type)),
    )
    try:
        with closing(make_function(site, name, file, mapping, terms)) as function:
            result = function.invoke(first_event(mapping, at=datetime.now(UTC).timestamp()))
    except HarnessError as error:
        facts = replace(facts, failure=_failure(error))
    else:
        facts = replace(facts, failure=None if result.ok else _of_result(result.error, result.reason))
    return _with_reading(facts, site, mapping, criteria.matches, terms) if facts.stream_enabled else facts


def _of_template(facts: Facts, config: Config, name: str, file: MappingFile) -> Facts:
    """Add where the template has the code; where it has none, making the function tells why."""
    try:
        code = handler_code(config, name, file)
    except HarnessError:
        return replace(facts, code=file.source)
    return replace(facts, code=code.reference, images=_images(code.file))


def _images(path: Path) -> frozenset[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(image for image in ("NewImage", "OldImage") if image in text)


def _named_arn(config: Config, name: str) -> str | None:
    """Return the EventSourceArn that the mapping's file itself has."""
    path = config.handlers[name].mapping
    if path is None:
        return None
    defaults = {"EventSourceArn": None, "FunctionName": name, "StartingPosition": "TRIM_HORIZON"}
    named = read_mapping(path, defaults=defaults, project=config.project, region=config.region).request
    return named.get("EventSourceArn")


def _failure(error: HarnessError) -> Failure:

    return Failure(kind="", text=error.message, hint=error.hint)


def _of_result(error: Mapping[str, Any] | None, reason: str | None) -> Failure:

    if error is None:
        return Failure(kind="", text=reason or "it was not called")
    # The frame of a file's own level, which is there only while it is imported.
    at_import = any("in <module>" in str(frame) for frame in error.get("stackTrace") or ())
    return Failure(
        kind=str(error.get("errorType", "")), text=str(error.get("errorMessage", "")).strip(), at_import=at_import
    )


def _with_reading(facts: Facts, site: Site, mapping: EventSourceMapping, passes: Any, terms: Terms) -> Facts:

    records = whole_stream(site.api, site.source(terms.emulation.account), terms.emulation)
    make_state_folder(site.config.state_folder)
    with closing(FileCheckpoints(site.config.state_folder / "checkpoints")) as checkpoints:
        try:
            known = checkpoints.load(mapping.uuid, site.stream_arn)
        except EnvironmentFailure as held:
            reading = replace(_reading(records, None, passes), ahead=None)
            return replace(facts, attached=held.message, reading=reading)
    if known:
        places = {shard: int(each.sequence_number or 0) for shard, each in known.items()}
        done = {shard for shard, each in known.items() if each.finished}
        ahead = [
            record
            for record in records
            if record.shard_id not in done and record.position > places.get(record.shard_id, 0)
        ]
    else:
        ahead = [] if mapping.starting_position == "LATEST" else records
    return replace(facts, reading=replace(_reading(records, ahead, passes), begun=bool(known)))


def _reading(records: list[Record], ahead: list[Record] | None, passes: Any) -> Reading:

    dropped = next((record for record in reversed(records) if not passes(record.data)), None)
    return Reading(
        records=len(records),
        newest=to_text(datetime.fromtimestamp(records[-1].created_at, UTC)) if records else "",
        passing=sum(passes(record.data) for record in records),
        ahead=len(ahead or ()),
        waiting=sum(passes(record.data) for record in ahead or ()),
        dropped=compact(dropped.data) if dropped else None,
    )
