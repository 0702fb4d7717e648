"""Which items a block wrote, and whether they are the expected ones."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.writes import table_name, written
from harness.testing.typed import canonical, plain, typed_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.dataset import Item
    from harness.stores.dynamodb_wire import Wire
    from harness.stores.recorder import Call, Recorder

#: A table's name, and an item's key as canonical JSON.
Where = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How to ask a table what is there by now."""

    #: The attributes of a table's primary key.
    key_of: Callable[[str], Sequence[str]]
    #: An item by its place; None where there is none.
    item: Callable[[str, str], Item | None]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Entry:
    """Something that was, or was to be, written: compared with types, shown without."""

    what: str
    typed: str
    shown: str

    @classmethod
    def of(cls, what: str, item: Item) -> _Entry:
        shown = {name: plain(item[name]) for name in sorted(item)}
        return cls(what=what, typed=json.dumps(item, sort_keys=True), shown=f"{what} {shown}")


def changed_keys(calls: Iterable[Call], key_of: Callable[[str], Sequence[str]]) -> dict[Where, Item]:
    """Return the keys of all items that these requests wrote or deleted, each once, in the order of the first write."""
    found: dict[Where, Item] = {}
    names: dict[str, Sequence[str]] = {}
    for call in calls:
        for table, attributes in written(call.operation, call.request) if call.error is None else ():
            name = table_name(table)
            if name not in names:
                names[name] = key_of(name)
            key = {each: canonical(attributes[each]) for each in names[name]}
            found.setdefault((name, json.dumps(key, sort_keys=True)), key)
    return found


def compare_written(
    there: Mapping[Where, Item | None],
    keys: Mapping[Where, Item],
    items: Sequence[Mapping[str, Any]],
    deleted: Sequence[Mapping[str, Any]],
) -> tuple[str, str] | None:
    """None when what was written is what was expected; else (expected, actual) as text. Pure."""
    actual = [_Entry.of("wrote", item) for item in there.values() if item is not None]
    actual += [_Entry.of("deleted", keys[where]) for where, item in there.items() if item is None]
    expected = [_Entry.of("wrote", typed_item(item)) for item in items]
    expected += [_Entry.of("deleted", typed_item(key)) for key in deleted]
    missing, unexpected = sorted(set(expected) - set(actual)), sorted(set(actual) - set(expected))
    if not missing and not unexpected:
        return None
    same = len(set(expected) & set(actual))
    told = f"{same} as expected, and " if same else ""
    return told + _lines(missing), told + _lines(unexpected)


def wire_lookup(wire: Wire) -> Lookup:
    """Ask past all clients."""

    def key_of(table: str) -> list[str]:
        return _key(wire.call("DescribeTable", {"TableName": table})["Table"])

    def item(table: str, key: str) -> Item | None:
        asked = {"TableName": table, "Key": json.loads(key), "ConsistentRead": True}
        return _canonical(wire.call("GetItem", asked).get("Item"))

    return Lookup(key_of=key_of, item=item)


def client_lookup(client: Any, recorder: Recorder) -> Lookup:
    """Ask a boto3 client, or the one of a resource or table, and let the recorder forget it."""
    high = hasattr(client.meta, "client")
    low = client.meta.client if high else client

    def forget(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        with recorder.deaf():
            return ask()

    def key_of(table: str) -> list[str]:
        return _key(forget(lambda: low.describe_table(TableName=table))["Table"])

    def item(table: str, key: str) -> Item | None:
        asked = {name: _decoded(value) for name, value in json.loads(key).items()}
        if high:
            asked = {name: _python(value) for name, value in asked.items()}
        answer = forget(lambda: low.get_item(TableName=table, Key=asked, ConsistentRead=True)).get("Item")
        return None if answer is None else typed_item(answer) if high else _canonical(answer)

    return Lookup(key_of=key_of, item=item)


def _key(described: Mapping[str, Any]) -> list[str]:
    return [each["AttributeName"] for each in described["KeySchema"]]


def _canonical(item: Item | None) -> Item | None:
    return None if item is None else {name: canonical(value) for name, value in item.items()}


def _decoded(value: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: base64.b64decode(inner) if kind == "B" else inner for kind, inner in value.items()}


def _python(value: Mapping[str, Any]) -> Any:
    [inner] = value.values()
    return plain(value) if "N" in value else inner


def _lines(entries: Sequence[_Entry]) -> str:
    return "\n          ".join(entry.shown for entry in entries) or "nothing else"
