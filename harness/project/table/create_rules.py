"""What CreateTable refuses, told with the attribute and the index that it is about.

Source: API_CreateTable of the DynamoDB API reference; the limits of "Service, account, and table quotas".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.project.python.expressions import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEY_TYPES = ("S", "N", "B")


def refusals(parameters: Mapping[Any, Any]) -> Iterator[str]:
    """Yield why CreateTable would refuse these parameters; nothing for what the code does not tell."""
    schemas = {"the table": parameters.get("KeySchema")}
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for entry in _objects(parameters.get(kind)):
            schemas[f"the index {entry.get('IndexName')}"] = entry.get("KeySchema")
            if "Projection" not in entry:
                yield f"the index {entry.get('IndexName')} has no Projection"
            if kind == "GlobalSecondaryIndexes":
                yield from _throughput(entry, parameters)
    if not _known(schemas) or not _known(parameters.get("AttributeDefinitions")):
        return
    for owner, schema in schemas.items():
        yield from _key_schema(owner, _objects(schema))
    yield from _definitions(parameters, schemas)
    yield from _local(parameters)
    yield from _billing(parameters)


def _key_schema(owner: str, schema: list[Mapping[Any, Any]]) -> Iterator[str]:
    kinds = [each.get("KeyType") for each in schema]
    if kinds not in (["HASH"], ["HASH", "RANGE"]):
        yield f"the KeySchema of {owner} is {' and '.join(map(str, kinds)) or 'empty'}; it is HASH, or HASH and then RANGE"
    names = [str(each.get("AttributeName")) for each in schema]
    if len(set(names)) < len(names):
        yield f"{owner} has {names[0]} as both of its keys"


def _definitions(parameters: Mapping[Any, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    defined = {
        str(each.get("AttributeName")): each.get("AttributeType")
        for each in _objects(parameters.get("AttributeDefinitions"))
    }
    used = {str(each.get("AttributeName")): owner for owner, schema in schemas.items() for each in _objects(schema)}
    for name, owner in used.items():
        if name not in defined:
            yield f"{name} is a key of {owner} and is not in AttributeDefinitions"
    for name, kind in defined.items():
        if name not in used:
            yield f"{name} is in AttributeDefinitions and is a key of nothing; only keys belong there"
        elif kind not in _KEY_TYPES:
            yield f"{name} has the AttributeType {kind}; a key is S, N or B"


def _local(parameters: Mapping[Any, Any]) -> Iterator[str]:
    hashes = [
        each.get("AttributeName") for each in _objects(parameters.get("KeySchema")) if each.get("KeyType") == "HASH"
    ]
    for entry in _objects(parameters.get("LocalSecondaryIndexes")):
        first = next((each.get("AttributeName") for each in _objects(entry.get("KeySchema"))), None)
        if hashes and first != hashes[0]:
            yield (
                f"the local index {entry.get('IndexName')} has the HASH key {first}; a local index has the table's, "
                f"{hashes[0]}: an index with another one is a GlobalSecondaryIndex"
            )


def _billing(parameters: Mapping[Any, Any]) -> Iterator[str]:
    mode, throughput = parameters.get("BillingMode", "PROVISIONED"), parameters.get("ProvisionedThroughput")
    if mode == "PROVISIONED" and throughput is None:
        yield "BillingMode is PROVISIONED, which needs a ProvisionedThroughput; PAY_PER_REQUEST does without"
    if mode == "PAY_PER_REQUEST" and throughput is not None:
        yield "BillingMode is PAY_PER_REQUEST, which takes no ProvisionedThroughput"


def _throughput(index: Mapping[Any, Any], parameters: Mapping[Any, Any]) -> Iterator[str]:
    mode = parameters.get("BillingMode", "PROVISIONED")
    if mode == "PROVISIONED" and "ProvisionedThroughput" not in index:
        yield f"the index {index.get('IndexName')} has no ProvisionedThroughput, and BillingMode is PROVISIONED"


def _known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(each is not UNKNOWN and _known(part) for each, part in value.items())
    if isinstance(value, list | tuple):
        return all(map(_known, value))
    return value is not UNKNOWN


def _objects(value: Any) -> list[Mapping[Any, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []
