"""A trigger: a handler's function and mapping, put on the stream of a table that runs."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

from harness.environment import variables
from harness.errors import UsageError
from harness.loading import load_attribute
from harness.streams.caution import Caution
from harness.streams.clock import SystemClock
from harness.streams.destination.registry import SERVICES, open_destination
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.filters.advice import advise
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.inline import InlineFunction
from harness.streams.inline_calls import watch_this_process
from harness.streams.mapping import rules
from harness.streams.mapping.files import MappingFile, read_mapping
from harness.streams.mapping.names import FunctionReference, mapping_uuid
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.runtime.configuration import Credentials, FunctionConfiguration
from harness.streams.runtime.function import LambdaFunction
from harness.streams.runtime.handler_code import HandlerCode
from harness.streams.workers import Inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.config import Config
    from harness.endpoint import Endpoints
    from harness.handler_config import HandlerConfig
    from harness.stores.streams_api import StreamsApi
    from harness.streams.clock import Clock
    from harness.streams.inline import Handler
    from harness.streams.invocation import Function
    from harness.streams.journal import Entry
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.reading.position import Checkpoints

log = logging.getLogger(__name__)
#: What Lambda itself writes around each call.
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_")


def log_line(line: str) -> None:
    """Show what a handler prints; what Lambda writes around it is for those who ask for more."""
    log.log(logging.DEBUG if line.startswith(_PLATFORM) else logging.INFO, "%s", line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a trigger is put together, beyond what the project's files say."""

    #: Parameters of CreateEventSourceMapping that go before the mapping file's.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    emulation: Emulation = field(default_factory=Emulation)
    clock: Clock = field(default_factory=SystemClock)
    checkpoints: Checkpoints = field(default_factory=MemoryCheckpoints)
    #: Is told everything as it happens.
    watch: Callable[[Entry], object] = lambda _: None
    #: Gets the function's log, line by line.
    log: Callable[[str], None] = log_line
    #: Lets a test put something between the trigger and its function.
    around: Callable[[Function], Function] = lambda function: function
    #: Whether a handler may talk to the world, whatever its configuration says.
    unconfined: bool = False
    #: Is called instead of the code that the project names.
    function: Function | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where triggers are put: a project, and the stream of its table on a stack that runs."""

    config: Config
    endpoints: Endpoints
    api: StreamsApi
    #: As the engine names it.
    stream_arn: str

    def source(self, account: str) -> Source:
        """Return the stream as handlers are shown it."""
        return Source(arn=self.stream_arn, region=self.config.region, account=account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A poller that is attached, and what was read to make it."""

    poller: Poller
    said: MappingFile
    #: What is strange about the mapping before any record came.
    cautions: tuple[Caution, ...] = ()


def read_trigger(config: Config, name: str, *, stream_arn: str, terms: Terms) -> tuple[MappingFile, EventSourceMapping]:
    """Read the mapping of a handler: the terms' parameters, on top of its file's, on top of AWS's defaults.

    `stream_arn` is the one that handlers are shown.
    """
    said = config.handlers[name]
    defaults = {"EventSourceArn": stream_arn, "FunctionName": name, "StartingPosition": "TRIM_HORIZON"}
    file = MappingFile(source="the defaults", request=defaults)
    if said.mapping is not None:
        file = read_mapping(said.mapping, defaults=defaults, project=config.project, region=config.region)
    # Where the stream is, the stack knows: a file's ARN is the deployed one.
    request = {**file.request, "EventSourceArn": stream_arn, **terms.parameters}
    mapping = rules.create(request, uuid="")
    reference = FunctionReference.of(mapping.function_name, region=config.region, account=terms.emulation.account)
    return replace(file, request=request), replace(mapping, uuid=mapping_uuid(reference, stream_arn))


def make_function(site: Site, name: str, file: MappingFile, mapping: EventSourceMapping, terms: Terms) -> Function:
    """Return the handler as a Lambda function: in a process of its own, or in ours where it says so."""
    config, endpoints = site.config, site.endpoints
    said = overlaid(config.handlers[name], file)
    reference = FunctionReference.of(mapping.function_name, region=config.region, account=terms.emulation.account)
    code = handler_code(config, name, file)
    if said.isolation == "none":
        return InlineFunction(
            handler=load_handler(code, name),
            name=reference.name,
            region=config.region,
            account=terms.emulation.account,
        )
    dynamodb = endpoints.dynamodb
    application = {
        key: value for key, value in variables(endpoints, config.table).items() if not key.startswith("AWS_")
    }
    configuration = FunctionConfiguration(
        name=reference.name,
        code=code.folder,
        handler=code.handler,
        runtime=file.function.runtime if file.function else None,
        timeout=said.timeout,
        memory=said.memory,
        variables={**application, **said.environment},
        qualifier=reference.qualifier,
        region=dynamodb.region,
        account=terms.emulation.account,
        endpoints=service_urls(endpoints, said),
        credentials=Credentials(
            access_key_id=dynamodb.access_key_id,
            secret_access_key=dynamodb.secret_access_key,
            session_token=dynamodb.session_token,
        ),
        confined=said.confined and not terms.unconfined,
        reachable=(endpoints.postgres.host,),
    )
    return LambdaFunction(configuration, log=terms.log)


def service_urls(endpoints: Endpoints, said: HandlerConfig) -> dict[str, str]:
    """Return where AWS's services have a stand-in: DynamoDB here, others where the project names one."""
    return {"dynamodb": endpoints.dynamodb.url, **said.endpoints}


@contextmanager
def open_trigger(site: Site, name: str, terms: Terms) -> Iterator[Trigger]:
    """Attach a handler to the stream until the block ends."""
    source, said = site.source(terms.emulation.account), site.config.handlers[name]
    file, mapping = read_trigger(site.config, name, stream_arn=source.shown_arn, terms=terms)
    stream = site.api.describe_stream(StreamArn=source.arn, Limit=1)["StreamDescription"]
    criteria = FilterCriteria.of(mapping.filter_patterns)
    with ExitStack() as stack:
        plain = terms.function or make_function(site, name, file, mapping, terms)
        function = terms.around(plain)
        stack.enter_context(closing(function))
        lanes = mapping.parallelization_factor * terms.emulation.virtual_shards
        workers = stack.enter_context(ThreadPoolExecutor(lanes) if lanes > 1 else Inline())
        reader = StreamReader(
            site.api,
            source,
            starting_position=mapping.starting_position,
            uuid=mapping.uuid,
            checkpoints=terms.checkpoints,
            emulation=terms.emulation,
            clock=terms.clock,
        )
        reader.attach()
        poller = Poller(
            mapping=mapping,
            function=function,
            reader=reader,
            destination=open_destination(
                mapping,
                endpoints={service: url for service, url in said.endpoints.items() if service in SERVICES},
                file=site.config.state_folder / "discarded" / f"{name}.jsonl",
            ),
            emulation=terms.emulation,
            clock=terms.clock,
            criteria=criteria,
            partition_key=_partition_key(stream),
            workers=workers,
            watch=terms.watch,
            random=Random(terms.emulation.seed),  # noqa: S311 - disturbs tests, keeps no secret
        )
        view = stream.get("StreamViewType")
        odd = (*file.cautions, *rules.cautions(mapping), *advise(criteria, view_type=view), *_other_python(plain))
        yield Trigger(poller=poller, said=file, cautions=odd)


def handler_code(config: Config, name: str, file: MappingFile, *, hint: str = "") -> HandlerCode:
    """Return where a handler's code is: what the project names, or else what the mapping's template says."""
    said = config.handlers[name]
    hint = hint or f'write handler = "path/to/file.py:function" in [handlers.{name}] of harness.toml'
    if said.handler is not None:
        return HandlerCode.of_reference(said.handler, project=config.project, name=name)
    if file.function is None:
        raise UsageError(f"{name}: no code is named, and {file.source} defines no function", hint=hint)
    return HandlerCode.of_template(file.function, name=name, hint=hint)


def load_handler(code: HandlerCode, name: str) -> Handler:
    """Import a handler into this process, with its own folder and its deployment's on the path; its clients are heard."""
    watch_this_process()
    if str(code.folder) not in sys.path:
        sys.path.append(str(code.folder))
    handler: Handler = load_attribute(code.reference, code.folder, what=f"handler {name}")
    return handler


def overlaid(said: HandlerConfig, file: MappingFile) -> HandlerConfig:
    """Return what the project says of a handler, on top of what its template says."""
    template = file.function
    if template is None:
        return said
    return said.over(timeout=template.timeout, memory=template.memory_size, environment=template.environment)


def _other_python(function: Function) -> Iterator[Caution]:
    if isinstance(function, LambdaFunction) and (warning := function.configuration.warning):
        yield Caution(code="other-python", text=warning)


def _partition_key(stream: Mapping[str, Any]) -> str | None:
    return next((key["AttributeName"] for key in stream.get("KeySchema", ()) if key["KeyType"] == "HASH"), None)
