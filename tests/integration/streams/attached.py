"""A table with a stream on a real engine, and pollers put on it as the verbs and scenarios do it."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from harness.handler_config import HandlerConfig
from harness.stores.clients import make_client
from harness.stores.streams_wire import StreamsWire
from harness.streams.clock import Clock, HurriedClock
from harness.streams.emulation import Emulation
from harness.streams.inline import InlineFunction
from harness.streams.journal import Cautioned, Checkpointed, Discarded, Invoked
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.trigger import Site, Terms, open_trigger
from tests.integration.conftest import config_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.endpoint import DynamoDBEndpoint, Endpoints
    from harness.streams.invocation import Function
    from harness.streams.journal import Entry
    from harness.streams.poller import Poller
    from harness.streams.reading.position import Checkpoints

NAME = "delivery-cases"
#: A name space of its own for each test.
_ACCESS_KEYS = count(781_000_000_001)
_QUEUE = "arn:aws:sqs:us-east-1:123456789012:discarded"


def key(record: dict[str, Any]) -> str:
    """Return the name of the item that a record tells of."""
    name: str = record["dynamodb"]["Keys"]["pk"]["S"]
    return name


@dataclass
class Handler:
    """Keeps what it is given; what it answers, or raises, a script says."""

    script: Callable[[list[dict[str, Any]]], Any] = lambda _: None
    batches: list[list[str]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, event: dict[str, Any], _context: object) -> Any:
        self.batches.append([key(record) for record in event["Records"]])
        self.records += event["Records"]
        return self.script(event["Records"])

    @property
    def names(self) -> list[str]:
        """What was delivered, batch after batch."""
        return [name for batch in self.batches for name in batch]


class Reads(StreamsWire):
    """A stream that keeps how it was asked, and how much it gave.

    `earlier` says by item how long before the engine's own time its record was made: an engine's clock can't be moved.
    """

    def __init__(self, endpoint: DynamoDBEndpoint, earlier: Mapping[str, timedelta]) -> None:
        super().__init__(endpoint)
        self.limits: list[int] = []
        self.given = 0
        self._earlier = earlier

    def get_records(self, **parameters: Any) -> dict[str, Any]:
        answer = super().get_records(**parameters)
        self.limits.append(parameters.get("Limit", 1000))
        self.given += len(answer["Records"])
        for record in answer["Records"]:
            record["dynamodb"]["ApproximateCreationDateTime"] -= self._earlier.get(key(record), timedelta())
        return answer


@dataclass
class Attached:
    """A poller, and all that it told."""

    poller: Poller
    reads: Reads
    entries: list[Entry]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The records of what was discarded, oldest first."""
        return [entry.given_up.record for entry in self.entries if isinstance(entry, Discarded)]

    @property
    def discarded(self) -> list[list[str]]:
        """The names of the items in each discard."""
        found = [entry.discard.records for entry in self.entries if isinstance(entry, Discarded)]
        return [[key(dict(record.data)) for record in records] for records in found]

    @property
    def attempts(self) -> list[int]:
        """The attempt of each call."""
        return [entry.invocation.attempt for entry in self.entries if isinstance(entry, Invoked)]

    @property
    def checkpoints(self) -> list[str | None]:
        """How far the shard was done, step by step."""
        return [entry.checkpoint.sequence_number for entry in self.entries if isinstance(entry, Checkpointed)]

    @property
    def cautions(self) -> list[str]:
        """The codes of all warnings."""
        return [entry.caution.code for entry in self.entries if isinstance(entry, Cautioned)]


@dataclass
class Table:
    """T(pk S) with a stream."""

    dynamodb: Any
    pair: Endpoints
    arn: str
    folder: Path
    #: See `Reads`.
    earlier: dict[str, timedelta] = field(default_factory=dict)

    def put(self, *names: str, **attributes: dict[str, Any]) -> None:
        """Write items one after the other, so that the stream has them in this order."""
        for name in names:
            self.dynamodb.put_item(TableName=NAME, Item={"pk": {"S": name}} | attributes)

    def delete(self, name: str) -> None:
        """Delete an item, if there is one."""
        self.dynamodb.delete_item(TableName=NAME, Key={"pk": {"S": name}})

    def put_many(self, number: int) -> None:
        """Write so many items in requests of 25."""
        for start in range(0, number, 25):
            names = range(start, min(start + 25, number))
            requests = [{"PutRequest": {"Item": {"pk": {"S": f"r{name}"}}}} for name in names]
            self.dynamodb.batch_write_item(RequestItems={NAME: requests})

    @contextmanager
    def attach(  # noqa: PLR0913 - the terms of a trigger
        self,
        handler: Handler | None,
        *,
        name: str = "mover",
        said: HandlerConfig | None = None,
        around: Callable[[Function], Function] = lambda function: function,
        checkpoints: Checkpoints | None = None,
        clock: Clock | None = None,
        emulation: Emulation | None = None,
        **parameters: Any,
    ) -> Iterator[Attached]:
        """Put a poller on the stream until the block ends; the parameters are those of CreateEventSourceMapping."""
        (self.folder / "app.py").touch()
        config = config_for(self.folder, table=NAME, handlers={name: said or HandlerConfig(handler="app.py:handler")})
        entries: list[Entry] = []
        terms = Terms(
            parameters=parameters,
            emulation=emulation or Emulation(),
            clock=clock or HurriedClock(),
            checkpoints=checkpoints or MemoryCheckpoints(),
            watch=entries.append,
            around=lambda made: around(made if handler is None else InlineFunction(handler=handler, name=name)),
        )
        with closing(Reads(self.pair.dynamodb, self.earlier)) as api:
            site = Site(config=config, endpoints=self.pair, api=api, stream_arn=self.arn)
            with open_trigger(site, name, terms) as trigger:
                yield Attached(trigger.poller, api, entries)

    def deliver(self, handler: Handler, **terms: Any) -> Attached:
        """Attach, drain, and let go."""
        with self.attach(handler, **terms) as attached:
            attached.poller.drain()
        return attached


def to_queue() -> dict[str, Any]:
    """Return a DestinationConfig for which a file stands in."""
    return {"OnFailure": {"Destination": _QUEUE}}


def create(dynamodb: Any, view: str = "NEW_AND_OLD_IMAGES") -> str:
    """Make the table and return its stream's ARN."""
    arn: str = dynamodb.create_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )["TableDescription"]["LatestStreamArn"]
    return arn


@contextmanager
def streamed(pair: Endpoints, folder: Path, *, view: str = "NEW_AND_OLD_IMAGES") -> Iterator[Table]:
    """Make the table until the block ends; nobody else sees it."""
    pair = replace(pair, dynamodb=replace(pair.dynamodb, access_key_id=str(next(_ACCESS_KEYS))))
    with ExitStack() as stack:
        dynamodb = stack.enter_context(closing(make_client(pair.dynamodb)))
        arn = create(dynamodb, view)
        stack.callback(dynamodb.delete_table, TableName=NAME)
        yield Table(dynamodb, pair, arn, folder)
