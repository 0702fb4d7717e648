"""What a stream handler is tried with: events as Lambda gives them, and the items that the table holds then."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.streams.clock import SimulatedClock
from harness.streams.event import Source, to_lambda_event
from harness.streams.simulation.table import TableSimulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from harness.dataset import Item
    from harness.streams.simulation.records import ViewType

_NAMESPACE = uuid.UUID("6f1d6c1e-7a64-4a52-9d7b-3a0b1f0f5d11")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the project's items look."""

    table: str
    #: Names of the key attributes.
    pk: str = "pk"
    sk: str = "sk"
    view_type: ViewType = "NEW_IMAGE"
    #: Whether its instants tell their offset.
    aware: bool = True
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One thing to try."""

    name: str
    event: Mapping[str, Any]
    #: What the table holds before, group items and messages.
    items: tuple[Item, ...]
    #: Message groups that it is about.
    groups: frozenset[str]
    #: How often the event comes.
    times: int = 1


def trials(shape: Shape, now: datetime) -> tuple[Trial, ...]:
    """Return all trials. Each has groups and users of its own, so that they can share a table."""
    return tuple(_trials(_Story(shape=shape, now=now)))


def is_about(item: Mapping[str, Mapping[str, Any]], trial: Trial, shape: Shape) -> bool:
    """Whether an item is a group item of the trial."""
    if item.get("message_group_uuid", {}).get("S") in trial.groups:
        return True
    owners = {f"GRP#{_person(group, side)['user_uuid']['S']}" for group in trial.groups for side in (0, 1)}
    return item.get(shape.pk, {}).get("S") in owners


def _trials(story: _Story) -> Iterator[Trial]:
    """Tell what happens: in each message group, known by a word, there is an older and a newer message."""
    older, newer, rows = story.older, story.newer, story.rows
    before = [*rows("insert", older), older("insert"), newer("insert")]
    yield story.trial("insert", before, story.put(newer("insert")), "insert")

    both = [*rows("one", older), *rows("two", older), newer("one"), newer("two")]
    yield story.trial("batch-of-two", both, story.put(newer("one"), newer("two")), "one", "two")

    before = [*rows("late", newer), older("late"), newer("late")]
    yield story.trial("late-record", before, story.put(older("late")), "late")

    # An older message is left: the group may go back to it.
    before = [*rows("remove", newer), older("remove")]
    yield story.trial("remove", before, story.removed(newer("remove")), "remove")

    before = [*rows("again", older), older("again"), newer("again")]
    yield story.trial("redelivery", before, story.put(newer("again")), "again", times=2)

    yield story.trial("unknown-group", [newer("unknown")], story.put(newer("unknown")), "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """Items and events about message groups."""

    shape: Shape
    now: datetime

    def older(self, group: str) -> Item:
        return self._message(group, self.now - timedelta(hours=2), "the older message")

    def newer(self, group: str) -> Item:
        return self._message(group, self.now - timedelta(hours=1), "the newer message")

    def rows(self, group: str, last: Callable[[str], Item]) -> tuple[Item, ...]:
        """Return both group items, each under one participant and showing the other one."""
        shape, message, key = self.shape, last(group), _uuid(group)
        return tuple(
            {
                shape.pk: {"S": f"GRP#{_person(key, side)['user_uuid']['S']}"},
                shape.sk: message[shape.sk],
                "message_group_uuid": {"S": key},
                "message": message["message"],
                **_person(key, 1 - side),
            }
            for side in (0, 1)
        )

    def put(self, *items: Item) -> dict[str, Any]:
        """Return the event of items that were put."""
        table = self._table()
        for item in items:
            table.put_item(item)
        return self._event(table.records)

    def removed(self, item: Item) -> dict[str, Any]:
        """Return the event of an item that was deleted."""
        table = self._table()
        table.put_item(item)
        table.delete_item({name: item[name] for name in table.keys})
        return self._event(table.records[1:])

    def trial(self, name: str, items: Sequence[Item], event: dict[str, Any], *groups: str, times: int = 1) -> Trial:
        return Trial(name=name, event=event, items=tuple(items), groups=frozenset(map(_uuid, groups)), times=times)

    def _message(self, group: str, at: datetime, text: str) -> Item:
        key = _uuid(group)
        written = (at if self.shape.aware else at.replace(tzinfo=None)).isoformat(timespec="microseconds")
        return {
            self.shape.pk: {"S": f"MSG#{key}"},
            self.shape.sk: {"S": written},
            "message": {"S": text},
            "message_uuid": {"S": _uuid(key + text)},
            **_person(key, 0),
        }

    def _table(self) -> TableSimulation:
        shape, clock = self.shape, SimulatedClock(at=self.now.timestamp())
        return TableSimulation(keys=(shape.pk, shape.sk), view_type=shape.view_type, clock=clock, region=shape.region)

    def _event(self, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
        label = self.now.strftime("%Y-%m-%dT00:00:00.000")
        arn = f"arn:aws:dynamodb:{self.shape.region}:123456789012:table/{self.shape.table}/stream/{label}"
        return to_lambda_event(records, Source(arn=arn), seen_at=self.now)


def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))


def _person(group: str, side: int) -> Item:
    """Return the one who writes the messages (0) or the other one."""
    handle = ("ada", "grace")[side]
    return {
        "user_uuid": {"S": _uuid(f"{group} {handle}")},
        "user_display_name": {"S": handle.title()},
        "user_handle": {"S": handle},
    }
