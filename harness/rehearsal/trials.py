"""Stream handlers, called with events on tables prepared for them."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.project.table.stream_handlers import entry_of
from harness.rehearsal.ground import GUEST
from harness.rehearsal.results import HandlerTrial, NotDone
from harness.rehearsal.scratch import namespace
from harness.rehearsal.trial_events import is_about, trials
from harness.rehearsal.trial_table import make_table, shape_of
from harness.stores.dynamodb_load import load_items
from harness.stores.dynamodb_wire import ServiceError, Wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.dataset import Item
    from harness.endpoint import DynamoDBEndpoint
    from harness.held import Held
    from harness.project.source import Source
    from harness.rehearsal.ground import Ground
    from harness.rehearsal.trial_events import Shape, Trial
    from harness.sandbox.model import Ran

#: The program that calls the handler.
_CALLER = GUEST / "trials.py"
_WITHOUT_TABLE = "ResourceNotFoundException"
_IMPORT = "it can't be imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What came of trying one handler."""

    trials: tuple[HandlerTrial, ...] = ()
    not_done: tuple[NotDone, ...] = ()


def try_handler(ground: Ground, source: Source, held: Held) -> Trials:
    """Call a handler with each event, on a table like the project's, in a namespace of its own."""
    entry = entry_of(source)
    if entry is None:
        unread = source.syntax_error
        why = f"Python can't read it: {unread}" if unread else "no function in it takes an event and a context"
        return Trials(not_done=(NotDone(what=source.path, why=why),))
    shape, description = shape_of(ground.project, held)
    attempt = _Attempt(ground=ground, source=source, function=entry.name, shape=shape, description=description)
    try:
        done = attempt.on(shape.table)
        # It works on a table of another name: whether that is right is for a check to say.
        other = next(iter(_not_found(done)), None)
        return Trials(trials=done if other is None else attempt.on(other, shape.table))
    except ServiceError as error:
        why = f"no items like the family's can be put in a table like {shape.table}: {error}"
        return Trials(not_done=(NotDone(what=source.path, why=why),))


def _not_found(done: Iterable[HandlerTrial]) -> list[str]:
    calls = [call for trial in done for call in trial.calls if call.error == _WITHOUT_TABLE]
    return [name for call in calls if isinstance(name := call.parameters.get("TableName"), str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was told in one trial."""

    entries: Sequence[Mapping[str, Any]]
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One handler and what it is tried with."""

    ground: Ground
    source: Source
    function: str
    shape: Shape
    description: Mapping[str, Any]

    def on(self, *tables: str) -> tuple[HandlerTrial, ...]:
        """Make all trials; the first table is the one whose items are looked at."""
        wanted = trials(self.shape, self.ground.now)
        endpoint = namespace(self.ground.scratch.dynamodb)
        with closing(Wire(endpoint)) as wire:
            for table in tables:
                make_table(wire, table, self.description)
                for _ in load_items(wire, table, (item for trial in wanted for item in trial.items), workers=1):
                    pass
            told = self._call(wanted, endpoint)
            after = [item for page in wire.pages("Scan", {"TableName": tables[0]}) for item in page["Items"]]
        return tuple(self._trial(trial, told[trial.name], after) for trial in wanted if trial.name in told)

    def _call(self, wanted: Sequence[Trial], endpoint: DynamoDBEndpoint) -> dict[str, _Told]:
        """Return what each trial told; after one that took the process with it, a new process goes on."""
        told: dict[str, _Told] = {}
        goes_on = True
        while goes_on and (rest := [trial for trial in wanted if trial.name not in told]):
            ran = self.ground.sandbox.run(
                [self.ground.python, _CALLER],
                cwd=(self.ground.root / self.source.path).parent,
                env=self.ground.environment(endpoint),
                stdin=self._job(rest),
                timeout=self.ground.timeout,
            )
            more, goes_on = _told(ran, rest[0].name)
            told |= more
        return told

    def _job(self, rest: Sequence[Trial]) -> bytes:
        job = {
            "file": str(self.ground.root / self.source.path),
            "function": self.function,
            "trials": [{"name": trial.name, "event": trial.event, "times": trial.times} for trial in rest],
        }
        return json.dumps(job).encode()

    def _trial(self, trial: Trial, told: _Told, after: Sequence[Item]) -> HandlerTrial:
        heard = self.ground.ear.hear(told.entries)
        printed = next((entry.get("stdout") for entry in told.entries if entry.get("kind") == "end"), "")
        return HandlerTrial(
            path=self.source.path,
            name=trial.name,
            event=trial.event,
            traceback=heard.traceback,
            stopped=told.stopped,
            calls=heard.calls,
            before=tuple(item for item in trial.items if is_about(item, trial, self.shape)),
            after=tuple(item for item in after if is_about(item, trial, self.shape)),
            stdout=self.ground.shown(str(printed)),
        )


def _told(ran: Ran, first: str) -> tuple[dict[str, _Told], bool]:
    """Return what one process told of its trials, and whether it is of use to go on with the rest."""
    parts: dict[str, list[dict[str, Any]]] = {}
    current: list[dict[str, Any]] = []
    for entry in ran.journal:
        if entry.get("kind") == "begin":
            current = parts.setdefault(str(entry.get("name")), [])
        current.append(entry)
    told = {name: _Told(entries=entries) for name, entries in (parts or {first: []}).items()}
    last = [*told][-1]
    kinds = [entry.get("kind") for entry in ran.journal]
    if "loaded" not in kinds:
        told[last] = _Told(entries=told[last].entries, stopped=_IMPORT if ran.stopped is None else ran.stopped)
        return told, False
    if kinds.count("end") < len(told):
        why = ran.stopped or f"its process ended with exit code {ran.exit_code}"
        told[last] = _Told(entries=told[last].entries, stopped=why)
    # One that never ends takes all the time there is: once is enough.
    return told, ran.stopped is None
