"""Is this a definition that CreateTable would take? Asked before any engine is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.schema_files.documents import Document

#: What a local table is made from. `TimeToLiveSpecification` stands beside them in our files.
_BUILT_FROM = frozenset(
    {
        "AttributeDefinitions",
        "KeySchema",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
        "BillingMode",
        "ProvisionedThroughput",
        "StreamSpecification",
    }
)
#: Keys that AWS knows and that change nothing about how items are stored and found.
WITHOUT_EFFECT = frozenset(
    {
        "ContributorInsightsSpecification",
        "DeletionProtectionEnabled",
        "GlobalTableSettingsReplicationMode",
        "GlobalTableSourceArn",
        "ImportSourceSpecification",
        "KinesisStreamSpecification",
        "OnDemandThroughput",
        "PointInTimeRecoverySpecification",
        "ResourcePolicy",
        "SSESpecification",
        "TableClass",
        "Tags",
        "WarmThroughput",
    }
)
KNOWN = _BUILT_FROM | WITHOUT_EFFECT | {"TableName", "TimeToLiveSpecification"}
_INDEX = {"IndexName", "KeySchema", "Projection"}
_VIEW_TYPES = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_HINT = "see CreateTable in the DynamoDB API reference"


def built_from(properties: dict[str, Any]) -> dict[str, Any]:
    """Keep what a table and its indexes are made from."""
    definition = {key: value for key, value in properties.items() if key in _BUILT_FROM}
    if isinstance(indexes := definition.get("GlobalSecondaryIndexes"), list):
        definition["GlobalSecondaryIndexes"] = [_without(index, WITHOUT_EFFECT) for index in indexes]
    return definition


def _without(index: Any, keys: frozenset[str]) -> Any:
    return {key: value for key, value in index.items() if key not in keys} if isinstance(index, dict) else index


def check(document: Document, name: str, definition: dict[str, Any]) -> None:
    """Raise UsageError for the first thing in a definition that CreateTable would refuse."""
    try:
        _check_attributes(document, name, definition)
        _check_indexes(document, definition)
        _check_billing(document, name, definition)
        _check_stream(document, definition)
    except (AttributeError, KeyError, TypeError) as exc:
        said = f"has no {exc}" if isinstance(exc, KeyError) else f"is not shaped as CreateTable wants it ({exc})"
        raise document.wrong(f"table {name!r} {said}", near=name, hint=_HINT) from exc


def _indexes(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        for index in definition.get(kind) or ():
            yield kind, index


def _check_attributes(document: Document, name: str, definition: dict[str, Any]) -> None:
    types: dict[str, str] = {}
    for attribute in definition["AttributeDefinitions"]:
        document.refuse_unknown(attribute, {"AttributeName", "AttributeType"}, "an attribute definition")
        types[attribute["AttributeName"]] = attribute["AttributeType"]
        if attribute["AttributeType"] not in {"S", "N", "B"}:
            raise document.wrong(
                f"attribute {attribute['AttributeName']!r} has type {attribute['AttributeType']!r}; keys are S, N or B",
                near=attribute["AttributeName"],
                hint=_HINT,
            )
    used = set()
    for label, keys in [(f"table {name!r}", definition["KeySchema"])] + [
        (f"index {index['IndexName']!r}", index["KeySchema"]) for _, index in _indexes(definition)
    ]:
        used |= _check_keys(document, label, keys, types)
    if unused := sorted(set(types) - used):
        raise document.wrong(
            f"attribute {unused[0]!r} is defined but is the key of neither the table nor an index",
            near=unused[0],
            hint="define only attributes of keys; all others need no definition",
        )


def _check_keys(document: Document, label: str, keys: list[dict[str, str]], types: dict[str, str]) -> set[str]:
    for key in keys:
        document.refuse_unknown(key, {"AttributeName", "KeyType"}, f"the key schema of {label}")
        if key["AttributeName"] not in types:
            raise document.wrong(
                f"key attribute {key['AttributeName']!r} of {label} is not among the AttributeDefinitions "
                f"({', '.join(types)})",
                near=key["AttributeName"],
                hint=f"add it, with its type, to AttributeDefinitions in {document.path.name}",
            )
    if not keys or keys[0]["KeyType"] != "HASH" or any(key["KeyType"] not in {"HASH", "RANGE"} for key in keys):
        kinds = ", ".join(key["KeyType"] for key in keys) or "no key"
        raise document.wrong(f"the key schema of {label} is {kinds}; it starts with a HASH key", hint=_HINT)
    return {key["AttributeName"] for key in keys}


def _check_indexes(document: Document, definition: dict[str, Any]) -> None:
    names: set[str] = set()
    for kind, index in _indexes(definition):
        name = index["IndexName"]
        known = _INDEX if kind == "LocalSecondaryIndexes" else _INDEX | {"ProvisionedThroughput"}
        document.refuse_unknown(index, known, f"index {name!r} in {kind}")
        document.refuse_unknown(index["Projection"], {"ProjectionType", "NonKeyAttributes"}, "a projection")
        if name in names:
            raise document.wrong(f"index {name!r} is there twice", near=name, hint="give each index its own name")
        names.add(name)


def _check_billing(document: Document, name: str, definition: dict[str, Any]) -> None:
    mode = definition.get("BillingMode", "PROVISIONED")
    if mode not in {"PROVISIONED", "PAY_PER_REQUEST"}:
        raise document.wrong(f"BillingMode {mode!r}; it is PROVISIONED or PAY_PER_REQUEST", near=mode, hint=_HINT)
    if mode == "PROVISIONED" and "ProvisionedThroughput" not in definition:
        raise document.wrong(
            f"table {name!r} has neither ProvisionedThroughput nor BillingMode PAY_PER_REQUEST",
            near=name,
            hint='add "BillingMode": "PAY_PER_REQUEST"',
        )


def _check_stream(document: Document, definition: dict[str, Any]) -> None:
    stream = definition.get("StreamSpecification")
    if stream is None:
        return
    document.refuse_unknown(stream, {"StreamEnabled", "StreamViewType", "ResourcePolicy"}, "StreamSpecification")
    if stream.get("StreamEnabled", True) and stream.get("StreamViewType") not in _VIEW_TYPES:
        raise document.wrong(
            f"StreamViewType {stream.get('StreamViewType')!r}; it is one of {', '.join(_VIEW_TYPES)}",
            near="StreamViewType",
            hint=_HINT,
        )
