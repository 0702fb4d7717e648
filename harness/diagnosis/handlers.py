"""Stream handlers with what came of trying them; and one problem for all copies of a handler."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.stored_items import MESSAGE
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import HandlerTrial, Traceback


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A handler's file, and its trials by name."""

    source: Source
    trials: Mapping[str, HandlerTrial]

    @property
    def works(self) -> bool:
        """Whether it was tried and moves a group for a new message."""
        insert = self.trials.get("insert")
        return insert is not None and not failed(insert) and all(moved(insert, m) for m in messages(insert))

    def trial(self, name: str) -> HandlerTrial | None:
        """Return what came of an event; None where the handler does not even work for a new message: its text must tell."""
        return self.trials.get(name) if self.works else None

    def lines_of(self, *methods: str) -> list[int]:
        """Return the lines that call any of these methods."""
        return sorted(
            node.lineno
            for node in ast.walk(self.source.tree or ast.Module(body=[], type_ignores=[]))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
        )

    def line_with(self, text: str) -> int:
        """Return the first line that has a text; 0 where none has it."""
        return next((number for number, line in enumerate(self.source.lines, 1) if text in line), 0)

    def at(self, line: int) -> Place:
        """Return a place in it."""
        return Place(path=self.source.path, line=line)

    def line(self, number: int) -> Evidence:
        """Return a line of it as evidence."""
        place = Place(path=self.source.path, line=number)
        return Evidence(text=code_line(self.source, number), place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A record about a message."""

    group: str
    sk: str
    event_name: str


def handlers(facts: Facts) -> tuple[Handler, ...]:
    """Return the project's handlers in Python."""
    sources = facts.project.with_role("stream-handler") if facts.project else ()
    trials = facts.rehearsal.trials if facts.rehearsal else ()
    return tuple(
        Handler(source=source, trials={trial.name: trial for trial in trials if trial.path == source.path})
        for source in sources
        if source.language == "python"
    )


def failed(trial: HandlerTrial) -> bool:
    """Tell whether it raised, or could not be called."""
    return trial.traceback is not None or trial.stopped is not None


def messages(trial: HandlerTrial) -> list[Message]:
    """Return the records that are about messages."""
    found = []
    for record in trial.event.get("Records", ()):
        stream_record = record.get("dynamodb", {})
        keys = stream_record.get("Keys", {})
        pk, sk = keys.get("pk", {}).get("S", ""), keys.get("sk", {}).get("S", "")
        if pk.startswith(MESSAGE):
            found.append(Message(group=pk.removeprefix(MESSAGE), sk=sk, event_name=record.get("eventName", "")))
    return found


def rows(items: Sequence[Mapping[str, Mapping[str, Any]]], group: str) -> list[Mapping[str, Mapping[str, Any]]]:
    """Return the rows of a group."""
    return [item for item in items if item.get("message_group_uuid", {}).get("S") == group]


def sort_keys(items: Sequence[Mapping[str, Mapping[str, Any]]], group: str) -> list[str]:
    """Return the sort keys of a group's rows."""
    return sorted(str(row.get("sk", {}).get("S", "")) for row in rows(items, group))


def went_back(trial: HandlerTrial) -> list[str]:
    """Return the groups whose rows stand earlier than before."""
    return [
        message.group
        for message in messages(trial)
        if (before := sort_keys(trial.before, message.group))
        and (after := sort_keys(trial.after, message.group))
        and after[0] < before[0]
    ]


def moved(trial: HandlerTrial, message: Message) -> bool:
    """Tell whether every row of the message's group stands at its instant, or a later one; without rows nothing moves."""
    before, after = sort_keys(trial.before, message.group), sort_keys(trial.after, message.group)
    return not before or (bool(after) and all(sk >= message.sk for sk in after))


def told(crash: Traceback) -> str:
    """Return the last line of a traceback."""
    return f"{crash.kind}: {' '.join(crash.message.split())[:300]}"


def together(found: Sequence[tuple[Handler, Problem]]) -> Iterator[Problem]:
    """Make one problem of the same one in several copies of a handler."""
    if not found:
        return
    first = found[0][1]
    others = [handler.source.path for handler, _ in found[1:]]
    also = f"; the same in {', '.join(others)}" if others else ""
    yield replace(
        first,
        cause=first.cause + also,
        evidence=tuple(each for _, problem in found for each in problem.evidence),
        edits=tuple(edit for _, problem in found for edit in problem.edits),
    )
