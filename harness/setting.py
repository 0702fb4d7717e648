"""Sets the stage: target, handler, recorder and readers, on a stack that is loaded."""

from __future__ import annotations

import inspect
import os
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from harness.adapters import lib_ddb
from harness.adapters.calling import meaning
from harness.capacity.cost import Ledger
from harness.capacity.image import TableImage
from harness.endpoint import is_loopback
from harness.environment import applied, variables
from harness.errors import UsageError
from harness.guest import attempt
from harness.http_target.client import Client
from harness.http_target.credentials import Credentials, from_template
from harness.http_target.target import HttpTarget
from harness.loading import load_attribute
from harness.spelling import did_you_mean
from harness.stage.expectation import Expectation
from harness.stage.setting import Setting
from harness.stores.clients import make_client
from harness.stores.collections import item_collection, stream_arn
from harness.stores.connections import application_connection
from harness.stores.recorder import Call, Recorder
from harness.stores.sessions import recorded_sessions
from harness.stores.streams_wire import StreamsWire
from harness.streams.clock import HurriedClock
from harness.streams.faults import Circumstances, under
from harness.streams.journal import Delivery, Invoked
from harness.streams.permissions.needs import function_identity
from harness.streams.permissions.recorded import Recorded, recorded_path, remember
from harness.target import Target, TargetContext
from harness.trigger import Site, Terms, handler_code, open_trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.config import Config
    from harness.dataset import Dataset, User
    from harness.endpoint import Endpoints
    from harness.streams.invocation import AwsCall
    from harness.streams.journal import Entry
    from harness.streams.poller import Poller
    from harness.trigger import Trigger

#: Items that are kept in mind to know what requests cost; more would take seconds and much memory.
_LARGEST_LEDGER = 20_000
_CALLS = ("list_messages", "list_message_groups", "create_message", "create_message_group")
#: The bearer token that an HTTP API is shown, with a user's fields in braces.
_TOKEN_VARIABLE = "HARNESS_TARGET_TOKEN"  # noqa: S105 - the name of a variable
#: What it is shown else: for applications that take a user's cognito id for a token.
_DEFAULT_TOKEN = "{cognito_user_id}"  # noqa: S105 - a template, not a password


@contextmanager
def open_setting(  # noqa: PLR0913 - the stage's whole input
    config: Config,
    dataset: Dataset,
    endpoints: Endpoints,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    me: User | None = None,
    credentials: Credentials | None = None,
) -> Iterator[Setting]:
    """Make what scenarios are played on, for a stack that is loaded; `me` is who acts where they have a choice.

    While it is open, the environment is the one that `harness env` prints, for code that makes its own clients.
    """
    recorder = Recorder()
    environment = variables(endpoints, config.table)
    with ExitStack() as stack:
        # Made before anybody listens: what the harness reads for itself is no part of a measurement.
        reader = stack.enter_context(closing(make_client(endpoints.dynamodb)))
        stack.enter_context(applied(environment))
        stack.enter_context(recorded_sessions(recorder))
        http = http_target(config, dataset, credentials) if config.over_http else None
        context = TargetContext(
            dynamodb=stack.enter_context(closing(make_client(endpoints.dynamodb))),
            postgres=stack.enter_context(application_connection(endpoints.postgres)),
            table=config.table,
            clock=clock,
            environment=environment,
        )
        target = http or load_target(config, context)
        arn = stream_arn(reader, config.table)
        heard: dict[str, list[AwsCall]] = {name: [] for name in config.handlers}
        triggers = open_triggers(config, endpoints, arn, partial(tell, recorder, heard), stack)
        pollers = [trigger.poller for trigger in triggers.values()]
        ledger = None if http else open_ledger(reader, config.table, dataset)
        yield Setting(
            dataset=dataset,
            target=target,
            expected=Expectation(dataset=dataset),
            recorder=None if http else recorder,
            ledger=ledger,
            items=lambda pk: item_collection(reader, config.table, pk),
            deliver=(lambda faced=None: deliver(pollers, faced or Circumstances())) if pollers else None,
            no_delivery="no handler is configured" if not config.handlers else f"{config.table} has no stream",
            clock=clock,
            http=http,
            me=me,
            needs=lambda: {name: needs_of(config, name, trigger, heard[name]) for name, trigger in triggers.items()},
        )


def open_ledger(reader: Any, table: str, dataset: Dataset) -> Ledger | None:
    """Return what knows the cost of requests to the seeded table, and to those that are made from now on."""
    counts = dataset.counts()
    if 2 * counts["message_groups"] + counts["messages"] > _LARGEST_LEDGER:
        return None
    description = reader.describe_table(TableName=table)["Table"]
    return Ledger({table: TableImage.of(description, dataset.items())})


def open_triggers(
    config: Config, endpoints: Endpoints, arn: str | None, watch: Callable[[str, Entry], None], stack: ExitStack
) -> dict[str, Trigger]:
    """Attach every handler to the table's stream until the stack is closed; `watch` is told what each of them does."""
    if arn is None:
        return {}
    api = stack.enter_context(closing(StreamsWire(endpoints.dynamodb)))
    site = Site(config=config, endpoints=endpoints, api=api, stream_arn=arn)
    return {
        name: stack.enter_context(open_trigger(site, name, Terms(watch=partial(watch, name), clock=HurriedClock())))
        for name in config.handlers
    }


def tell(recorder: Recorder, heard: Mapping[str, list[AwsCall]], name: str, entry: Entry) -> None:
    """Take down what a handler has asked of AWS, and let the recorder know."""
    heard[name] += entry.result.calls if isinstance(entry, Invoked) else ()
    tell_recorder(recorder, entry)


def tell_recorder(recorder: Recorder, entry: Entry) -> None:
    """Let the recorder know what a handler in a process of its own has asked of DynamoDB."""
    for call in entry.result.calls if isinstance(entry, Invoked) else ():
        if call.service == "dynamodb":
            request = dict(call.parameters)
            recorder.add(Call(operation=call.operation, request=request, capacity=call.capacity, error=call.error))


def needs_of(config: Config, name: str, trigger: Trigger, calls: list[AwsCall]) -> Recorded:
    """Return the permissions that a handler was seen to need."""
    file = handler_code(config, name, trigger.said).file
    return Recorded.of(calls, function_identity(trigger.poller.mapping), file)


def remember_needs(config: Config, setting: Setting) -> None:
    """Keep the permissions that handlers were seen to need: `harness template` makes their roles of them."""
    for name, recorded in setting.needs().items():
        if recorded.permissions:
            remember(recorded_path(config.state_folder, name), recorded)


def load_target(config: Config, context: TargetContext) -> Target:
    """Return what the target's name stands for: called with the context if it takes one, else just called.

    A reference application's own `Ddb` is spoken to through its adapter.
    """
    made = load_attribute(config.target, config.project, what="target")
    if lib_ddb.fits(made):
        return lib_ddb.adapt(made, context)
    if callable(made) and (isinstance(made, type) or _missing_calls(made)):
        outcome = attempt(lambda: made(context) if inspect.signature(made).parameters else made())
        if outcome.error is not None:
            raise meaning(outcome.error, config.target) from outcome.error
        made = outcome.value
    missing = _missing_calls(made)
    if missing:
        raise UsageError(
            f"target: what {config.target} makes lacks {', '.join(missing)} (it is a {type(made).__name__})",
            hint="give it the four calls of harness.target.Target; scenarios/messaging shows how",
        )
    return cast("Target", made)


def http_target(config: Config, dataset: Dataset, credentials: Credentials | None = None) -> HttpTarget:
    """Return a target that speaks to an HTTP API for every seeded user. UsageError for one on another machine."""
    if not is_loopback(urlsplit(config.target).hostname or "") and not config.allow_remote_writes:
        raise UsageError(
            f"target {config.target} is on another machine, and scenarios write messages there",
            hint="if that is wanted: --allow-remote-writes",
        )
    template = os.environ.get(_TOKEN_VARIABLE)
    shown = credentials if credentials is not None and not template else from_template(template or _DEFAULT_TOKEN)
    return HttpTarget(
        client=Client(base_url=config.target), users={user.uuid: user for user in dataset.users}, credentials=shown
    )


def user_named(dataset: Dataset, handle: str | None) -> User | None:
    """Return the user whom `--as` names; UsageError if the dataset has none of that handle."""
    wanted = None if handle is None else handle.removeprefix("@")
    found = next((user for user in dataset.users if user.handle == wanted), None)
    if wanted is not None and found is None:
        known = [user.handle for user in dataset.users]
        raise UsageError(
            f"--as {handle}: the seed has no such user",
            hint=did_you_mean(wanted, known, otherwise="harness users lists them"),
        )
    return found


def deliver(pollers: list[Poller], faced: Circumstances) -> Delivery:
    """Drain every poller under these circumstances."""
    with ExitStack() as stack:
        for poller in pollers:
            stack.enter_context(under(poller, faced))
        return drain(pollers)


def drain(pollers: list[Poller]) -> Delivery:
    """Drain every poller, again and again while what one handler writes is news to another."""
    total = Delivery()
    while True:
        round_ = sum((poller.drain() for poller in pollers), Delivery())
        total += round_
        if not round_.records or len(pollers) == 1:
            return total


def _missing_calls(target: object) -> list[str]:
    return [name for name in _CALLS if not callable(getattr(target, name, None))]
