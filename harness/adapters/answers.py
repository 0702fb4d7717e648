"""What a lib/ddb.py answers, read: with faults noted under the clause that they break, so that the rest can still be compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from harness.instant import from_text, to_text
from harness.target import Kept, MessageGroupView, MessageView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

View = TypeVar("View", MessageView, MessageGroupView)

SHAPE = "answers have their call's shape"
STAMPS = "stamps are UTC, with six digits and an offset"
ORDER = "a conversation is told oldest first"
OWN_UUID = "a message has a uuid of its own"
_MUST = {
    SHAPE: "a list of dicts with uuid, display_name, handle, message and created_at, all of them plain text",
    STAMPS: "created_at such as 2026-03-02T12:00:00.000000+00:00: DynamoDB sorts it as text, so all must be written alike",
    ORDER: "list_messages reads the newest and turns them round",
    OWN_UUID: "`uuid` of a created message is the message's, not its sender's or its group's",
}
_KEYS = ("uuid", "display_name", "handle", "message", "created_at")
_SHOWN = 200
_MOST = 5


@dataclass(frozen=True, slots=True)
class Ledger:
    """Breaches since the last time, by clause; a clause that something was held against and that was kept has none."""

    _found: dict[str, list[str]] = field(default_factory=dict)

    def note(self, clause: str, *breaches: str) -> None:
        """Hold something against a clause."""
        self._found.setdefault(clause, []).extend(breaches)

    def take(self) -> list[Kept]:
        """Return the clauses that anything was held against, and forget."""
        kept = [
            Kept(name=name, must=_MUST[name], breaches=_few(self._found[name])) for name in _MUST if name in self._found
        ]
        self._found.clear()
        return kept


def listed(answer: Any, call: str, ledger: Ledger) -> list[Mapping[str, Any]]:
    """Return the entries of an answer that should be a list of dicts."""
    if not isinstance(answer, list | tuple):
        ledger.note(SHAPE, f"{call} answers {_short(answer)}, not a list")
        return []
    odd = [entry for entry in answer if not isinstance(entry, dict)]
    ledger.note(SHAPE, *(f"{call}: an entry is {_short(entry)}, not a dict" for entry in odd))
    return [entry for entry in answer if isinstance(entry, dict)]


def message_view(entry: Mapping[str, Any], message_group_uuid: str, call: str, ledger: Ledger) -> MessageView:
    """Read a message; what it lacks is empty."""
    texts = {key: _text(entry, key, call, ledger) for key in _KEYS[:-1]}
    return MessageView(message_group_uuid=message_group_uuid, created_at=_instant(entry, call, ledger), **texts)


def group_view(entry: Mapping[str, Any], call: str, ledger: Ledger) -> MessageGroupView:
    """Read a message group; what it lacks is empty."""
    texts = {key: _text(entry, key, call, ledger) for key in _KEYS[:-1]}
    return MessageGroupView(created_at=_instant(entry, call, ledger), **texts)


def newest_first(views: Sequence[MessageView], call: str, ledger: Ledger) -> tuple[MessageView, ...]:
    """Turn a conversation round."""
    instants = [view.created_at for view in views]
    ledger.note(ORDER, *([f"{call} answers {_span(instants)}"] if instants != sorted(instants) else []))
    return tuple(sorted(views, key=lambda view: view.created_at, reverse=True))


def _span(instants: list[datetime]) -> str:
    if instants == sorted(instants, reverse=True):
        return f"the newest first: {to_text(instants[0])} before {to_text(instants[-1])}"
    return f"in no order: {', '.join(map(to_text, instants[:_MOST]))} …"


def _text(entry: Mapping[str, Any], key: str, call: str, ledger: Ledger) -> str:
    ledger.note(SHAPE)
    value = entry.get(key)
    if isinstance(value, str):
        return value
    if key not in entry:
        ledger.note(SHAPE, f"{call}: an entry has no `{key}`: {_short(entry)}")
        return ""
    if isinstance(value, dict) and isinstance(value.get("S"), str):
        ledger.note(SHAPE, f"{call}: `{key}` is {_short(value)}, as DynamoDB writes it, and not the text in it")
        return str(value["S"])
    ledger.note(SHAPE, f"{call}: `{key}` is {_short(value)}, not a text")
    return "" if value is None else str(value)


def _instant(entry: Mapping[str, Any], call: str, ledger: Ledger) -> datetime:
    value = entry.get("created_at")
    if isinstance(value, datetime):
        ledger.note(SHAPE, f"{call}: `created_at` is {_short(value)}, not a text")
        value = value.isoformat()
        entry = {**entry, "created_at": value}
    text = _text(entry, "created_at", call, ledger)
    try:
        instant = from_text(text)
    except ValueError:
        ledger.note(STAMPS, *([f"{call}: {text!r} is no timestamp"] if text else []))
        return datetime.min.replace(tzinfo=UTC)
    ledger.note(STAMPS, *([f"{call}: {text}, and it should be {to_text(instant)}"] if text != to_text(instant) else []))
    return instant


def _few(breaches: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(breaches))
    more = len(distinct) - _MOST
    return (*distinct[:_MOST], *([f"… and {more} more"] if more > 0 else []))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
