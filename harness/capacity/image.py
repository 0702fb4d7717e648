"""A table as its acknowledged writes left it, with its item collections and index entries; kept to know their sizes."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harness.streams.size import attributes_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.dataset import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a table or an index is ordered, and what it holds of an item."""

    #: Attributes of the key: one or two.
    keys: tuple[str, ...]
    #: Attributes that are projected; None: all.
    projected: frozenset[str] | None = None

    def entry(self, item: Item | None) -> Item | None:
        """Return what it holds of an item; None where the item lacks a key: then it holds nothing."""
        if item is None or not item.keys() >= set(self.keys):
            return None
        return item if self.projected is None else {name: item[name] for name in item.keys() & self.projected}


#: The table itself, beside its indexes.
TABLE = ""


@dataclass(kw_only=True)
class TableImage:
    """One table."""

    shapes: dict[str, Shape]
    #: By shape's name, then by partition key value, then by the table's key.
    _collections: dict[str, dict[str, dict[str, Item]]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, definition: Mapping[str, Any], items: Iterable[Item] = ()) -> TableImage:
        """Make the image of a table from its CreateTable parameters and what it holds."""
        own = _keys(definition)
        shapes = {TABLE: Shape(keys=own)}
        for index in [*definition.get("GlobalSecondaryIndexes", ()), *definition.get("LocalSecondaryIndexes", ())]:
            keys, projection = _keys(index), index.get("Projection", {})
            named = frozenset({*own, *keys, *projection.get("NonKeyAttributes", ())})
            everything = projection.get("ProjectionType", "ALL") == "ALL"
            shapes[index["IndexName"]] = Shape(keys=keys, projected=None if everything else named)
        image = cls(shapes=shapes)
        for item in items:
            image.write(item, item)
        return image

    def get(self, key: Item) -> Item | None:
        """Return the item of this key (or of an item with this key)."""
        return self._collections[TABLE].get(_text(key[self._own[0]]), {}).get(self._name(key))

    def write(self, key: Item, after: Item | None) -> None:
        """Put `after` in the place of this key's item; None: delete it."""
        name, before = self._name(key), self.get(key)
        for shape_name, shape in self.shapes.items():
            collections = self._collections[shape_name]
            if (entry := shape.entry(before)) is not None:
                del collections[_text(entry[shape.keys[0]])][name]
            if (entry := shape.entry(after)) is not None:
                collections.setdefault(_text(entry[shape.keys[0]]), {})[name] = entry

    def collection(self, shape_name: str, partition: Mapping[str, Any]) -> list[Item]:
        """Return what lies under one partition key value, in order."""
        shape = self.shapes[shape_name]
        found = list(self._collections[shape_name].get(_text(partition), {}).values())
        return sorted(found, key=lambda entry: order(entry[shape.keys[1]])) if len(shape.keys) > 1 else found

    def everything(self, shape_name: str) -> list[Item]:
        """Return all there is."""
        return [entry for entries in self._collections[shape_name].values() for entry in entries.values()]

    def same(self, one: Item, other: Item) -> bool:
        """Whether both have the same key of the table."""
        return self._name(one) == self._name(other)

    @property
    def _own(self) -> tuple[str, ...]:
        return self.shapes[TABLE].keys

    def _name(self, item: Item) -> str:
        return _text([item[attribute] for attribute in self._own])


def order(value: Mapping[str, Any]) -> Any:
    """Return what key values of one type are sorted by."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content.encode() if isinstance(content, str) else content


def size(items: Iterable[Item | None]) -> int:
    """Return how many bytes DynamoDB counts for these items."""
    return sum(attributes_size(item) for item in items if item is not None)


def _keys(definition: Mapping[str, Any]) -> tuple[str, ...]:
    ordered = sorted(definition["KeySchema"], key=lambda key: str(key["KeyType"]))
    return tuple(key["AttributeName"] for key in ordered)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
