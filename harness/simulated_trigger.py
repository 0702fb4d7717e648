"""A trigger on recorded records: no engine, no network, and a clock that only moves when somebody waits."""

from __future__ import annotations

from contextlib import closing, contextmanager
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from harness.streams.event import Source
from harness.streams.filters.advice import advise
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.inline import InlineFunction
from harness.streams.mapping import rules
from harness.streams.mapping.names import FunctionReference
from harness.streams.poller import Poller
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.runtime.configuration import FunctionConfiguration
from harness.streams.runtime.function import LambdaFunction
from harness.streams.simulation.lambda_shape import to_stream_record
from harness.streams.simulation.stream import SimulatedStream
from harness.trigger import Terms, Trigger, handler_code, load_handler, overlaid, read_trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.config import Config
    from harness.streams.invocation import Function
    from harness.streams.mapping.files import MappingFile
    from harness.streams.mapping.model import EventSourceMapping

    Make = Callable[[MappingFile, EventSourceMapping], Function]

_REQUESTS = UUID("0b7a7f0c-7a44-5a0e-8c55-0d9f6c1e2b34")


@contextmanager
def open_simulated_trigger(
    config: Config, name: str, records: Sequence[Mapping[str, Any]], terms: Terms, *, make: Make | None = None
) -> Iterator[Trigger]:
    """Attach a handler to a stream in memory that then gets these records, in Lambda's shape and of one stream.

    `make` makes the function, for one that works on a stack; without it the function has none.

    The stream is attached first, so that a mapping that starts at LATEST sees them too. Nobody is told of discards;
    calls come one after another, whatever the ParallelizationFactor, so that each run is like the last.
    """
    recorded, view_type = records[0]["eventSourceARN"], records[0]["dynamodb"]["StreamViewType"]
    stream = SimulatedStream(terms.clock, view_type=view_type)
    stream.arn = recorded
    source = Source(arn=recorded, region=config.region, account=terms.emulation.account)
    file, mapping = read_trigger(config, name, stream_arn=source.shown_arn, terms=terms)
    criteria = FilterCriteria.of(mapping.filter_patterns)
    made = make(file, mapping) if make else make_lone_function(config, name, file, terms)
    with closing(terms.around(made)) as function:
        reader = StreamReader(
            stream,
            source,
            starting_position=mapping.starting_position,
            uuid=mapping.uuid,
            checkpoints=terms.checkpoints,
            emulation=terms.emulation,
            clock=terms.clock,
        )
        reader.attach()
        for record in records:
            stream.put(to_stream_record(record))
        poller = Poller(
            mapping=mapping,
            function=function,
            reader=reader,
            destination=None,
            emulation=terms.emulation,
            clock=terms.clock,
            criteria=criteria,
            watch=terms.watch,
            random=Random(terms.emulation.seed),  # noqa: S311 - disturbs tests, keeps no secret
        )
        odd = (*file.cautions, *rules.cautions(mapping), *advise(criteria, view_type=view_type))
        yield Trigger(poller=poller, said=file, cautions=odd)


def make_lone_function(config: Config, name: str, file: MappingFile, terms: Terms) -> Function:
    """Return a handler as a Lambda function without a stack; the ids of its calls are the same in every run."""
    said = overlaid(config.handlers[name], file)
    function_name = str(file.request["FunctionName"])
    reference = FunctionReference.of(function_name, region=config.region, account=terms.emulation.account)
    code = handler_code(config, name, file, hint="name it: --handler FILE:FUNCTION")
    if said.isolation == "none":
        return InlineFunction(
            handler=load_handler(code, name),
            name=reference.name,
            region=config.region,
            account=terms.emulation.account,
            new_id=numbered_ids(),
        )
    configuration = FunctionConfiguration(
        name=reference.name,
        code=code.folder,
        handler=code.handler,
        timeout=said.timeout,
        memory=said.memory,
        variables=said.environment,
        qualifier=reference.qualifier,
        region=config.region,
        account=terms.emulation.account,
        endpoints=said.endpoints,
        confined=said.confined and not terms.unconfined,
    )
    return LambdaFunction(configuration, log=terms.log, new_id=numbered_ids())


def numbered_ids() -> Callable[[], str]:
    """Return a source of UUIDs that gives the same ones each time."""
    numbers = count(1)
    return lambda: str(uuid5(_REQUESTS, str(next(numbers))))
