"""What the verbs that work on a running stack share: finding its stream, attaching a handler, and telling of it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, UsageError
from harness.render.delivery import delivery_lines
from harness.render.words import printable
from harness.streams.journal import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.journal import Entry
    from harness.trigger import Site, Terms, Trigger


def add_from_start(parser: Parser) -> None:
    """Add --from-start."""
    parser.add_argument(
        "--from-start",
        action="store_true",
        help="forget how far this mapping came, and begin where its StartingPosition says",
    )


@contextmanager
def open_site(config: Config, *, writes: str = "") -> Iterator[Site]:
    """Find the stream of the project's table on the stack that is up; `writes` names a verb that lets a handler write."""
    from harness import workflow
    from harness.stores.clients import make_client
    from harness.stores.collections import stream_arn
    from harness.stores.streams_api import StreamGone, Unreachable
    from harness.stores.streams_wire import StreamsWire
    from harness.trigger import Site

    with workflow.attached(config) as (stack, _):
        if writes:
            stack.require_writable(writes)
        endpoint = stack.endpoints.dynamodb
        with closing(make_client(endpoint)) as client:
            arn = stream_arn(client, config.table)
        if arn is None:
            raise UsageError(
                f"{config.table} has no stream, or it is switched off",
                hint="let the table's schema file say StreamSpecification with StreamEnabled, then: harness schema load",
            )
        try:
            with closing(StreamsWire(endpoint)) as api:
                yield Site(config=config, endpoints=stack.endpoints, api=api, stream_arn=arn)
        except Unreachable as exc:
            raise EnvironmentFailure(
                f"DynamoDB at {endpoint.url} does not answer: {exc}", hint="harness status"
            ) from exc
        except StreamGone as exc:
            raise EnvironmentFailure(f"the stream {arn} is gone: {exc}", hint="harness status; harness up") from exc


@contextmanager
def attached_handler(site: Site, name: str, terms: Terms, *, from_start: bool) -> Iterator[Trigger]:
    """Attach a handler with checkpoints on disk, which no other process may use meanwhile."""
    from harness.logs import make_state_folder
    from harness.streams.reading.checkpoints import FileCheckpoints
    from harness.trigger import open_trigger, read_trigger

    make_state_folder(site.config.state_folder)
    with closing(FileCheckpoints(site.config.state_folder / "checkpoints")) as checkpoints:
        if from_start:
            shown = site.source(terms.emulation.account).shown_arn
            _, mapping = read_trigger(site.config, name, stream_arn=shown, terms=terms)
            checkpoints.forget(mapping.uuid, site.stream_arn)
        with open_trigger(site, name, replace(terms, checkpoints=checkpoints)) as trigger:
            yield trigger


class Teller:
    """Adds up what happens, and prints it at once unless it is to be quiet."""

    def __init__(self, *, quiet: bool, keep: bool = False) -> None:
        """`keep` keeps each entry: not for those who follow a stream for days."""
        self._quiet, self._keep = quiet, keep
        self._entries: list[Entry] = []
        self._total = Delivery()

    def __call__(self, entry: Entry) -> None:
        """Take the next one."""
        if self._keep:
            self._entries.append(entry)
        else:
            self._total += replace(Delivery.of([entry]), entries=())
        if not self._quiet:
            for line in delivery_lines(entry):
                say(line)

    @property
    def delivery(self) -> Delivery:
        """What it came to."""
        return Delivery.of(self._entries) if self._keep else self._total


def say(line: str) -> None:
    """Print it now, also into a pipe."""
    print(printable(line), flush=True)


def attachment(trigger: Trigger, name: str) -> Iterator[str]:
    """Yield what is attached to what, and what is strange about that."""
    mapping = trigger.poller.mapping
    yield f"{name} on {mapping.event_source_arn}"
    yield (
        f"  mapping {mapping.uuid} ({trigger.said.source}), from {mapping.starting_position}, "
        f"batches of up to {mapping.batch_size}"
    )
    for caution in trigger.cautions:
        yield f"  note      {caution.text} [{caution.code}]"
