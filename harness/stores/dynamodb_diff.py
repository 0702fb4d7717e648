"""What of a live DynamoDB table isn't as its file says, and whether that can be changed in place. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.schema import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.schema import TableSchema

_GSIS = "GlobalSecondaryIndexes"
_LSIS = "LocalSecondaryIndexes"


def compare(table: TableSchema, live: dict[str, Any] | None, ttl: str | None) -> tuple[Difference, ...]:
    """Compare a file's table with DescribeTable's answer (None: no such table) and its time-to-live attribute."""
    if live is None:
        return (Difference(where=table.name, what="table", wanted="exists", found="does not exist", remedy="in place"),)
    return tuple(
        Difference(where=table.name, what=what, wanted=wanted, found=found, remedy=remedy)
        for what, wanted, found, remedy in _pairs(table, live, ttl)
        if wanted != found
    )


def keys_text(definition: Mapping[str, Any], keys: list[dict[str, str]]) -> str:
    """Spell a key schema out: `pk HASH (S), sk RANGE (S)`."""
    types = {each["AttributeName"]: each["AttributeType"] for each in definition["AttributeDefinitions"]}
    return ", ".join(f"{key['AttributeName']} {key['KeyType']} ({types[key['AttributeName']]})" for key in keys)


def view_type(definition: Mapping[str, Any]) -> str:
    """Return the stream's view type, or `off`."""
    stream = definition.get("StreamSpecification") or {}
    return str(stream.get("StreamViewType")) if stream.get("StreamEnabled") else "off"


def billing_mode(definition: Mapping[str, Any]) -> str:
    """Of a definition or of DescribeTable's answer; without a word about it, it is PROVISIONED."""
    summary = definition.get("BillingModeSummary") or {}
    return str(definition.get("BillingMode") or summary.get("BillingMode") or "PROVISIONED")


def _pairs(table: TableSchema, live: dict[str, Any], ttl: str | None) -> Iterator[tuple[str, str, str, Any]]:
    """Yield (what, wanted, found, remedy) of everything that can be compared, equal or not."""
    wanted = table.definition
    yield "KeySchema", keys_text(wanted, wanted["KeySchema"]), keys_text(live, live["KeySchema"]), "recreate"
    for kind, remedy in ((_LSIS, "recreate"), (_GSIS, "in place")):
        ours, theirs = _indexes(wanted, kind), _indexes(live, kind)
        for name in sorted(ours.keys() | theirs.keys()):
            yield f"{kind}.{name}", ours.get(name, "none"), theirs.get(name, "none"), remedy
    yield "BillingMode", billing_mode(wanted), billing_mode(live), "in place"
    if billing_mode(wanted) == billing_mode(live) == "PROVISIONED":
        yield "ProvisionedThroughput", _capacity(wanted), _capacity(live), "in place"
        theirs_by_name = {index["IndexName"]: index for index in live.get(_GSIS) or ()}
        for index in wanted.get(_GSIS) or ():
            if (name := index["IndexName"]) in theirs_by_name:
                capacity = _capacity(index if "ProvisionedThroughput" in index else wanted)
                yield f"ProvisionedThroughput.{name}", capacity, _capacity(theirs_by_name[name]), "in place"
    yield "TimeToLiveSpecification", table.ttl_attribute or "off", ttl or "off", "in place"
    yield "StreamSpecification", view_type(wanted), view_type(live), "in place"


def _indexes(definition: Mapping[str, Any], kind: str) -> dict[str, str]:
    # DynamoDB Local forgets the key types of an index that it is about to delete.
    return {
        index["IndexName"]: f"{keys_text(definition, index['KeySchema'])}; {_projection(index['Projection'])}"
        for index in definition.get(kind) or ()
        if index.get("IndexStatus") != "DELETING"
    }


def _projection(projection: Mapping[str, Any]) -> str:
    names = ", ".join(sorted(projection.get("NonKeyAttributes") or ()))
    return f"{projection.get('ProjectionType', 'ALL')}{f' {names}' if names else ''}"


def _capacity(definition: Mapping[str, Any]) -> str:
    units = definition.get("ProvisionedThroughput") or {}
    return f"{units.get('ReadCapacityUnits', 0)} read, {units.get('WriteCapacityUnits', 0)} write"
