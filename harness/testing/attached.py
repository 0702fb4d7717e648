"""Handlers that a test attaches to its table's stream, and drains."""

from __future__ import annotations

from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.handler_config import HandlerConfig
from harness.setting import deliver, drain, tell_recorder
from harness.spelling import did_you_mean
from harness.stores.streams_wire import StreamsWire
from harness.streams.clock import HurriedClock
from harness.streams.faults import Circumstances
from harness.streams.inline import InlineFunction
from harness.streams.journal import Delivery
from harness.trigger import Site, Terms, open_trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.config import Config
    from harness.streams.journal import Entry
    from harness.streams.poller import Poller
    from harness.testing.pair import Pair

    Handler = str | Callable[[dict[str, Any], Any], Any]


@dataclass(kw_only=True)
class Attached:
    """One handler on the stream."""

    name: str
    poller: Poller = field(init=False)
    #: Everything that happened, oldest first, also where draining broke off.
    entries: list[Entry] = field(default_factory=list)
    _inside: Callable[[], Any] = nullcontext

    def drain(self, circumstances: Circumstances | None = None) -> Delivery:
        """Hand over everything that the stream holds, at once: windows and back-offs are skipped, not waited for."""
        __tracebackhide__ = True
        with self._inside():
            return deliver([self.poller], circumstances or Circumstances())

    @property
    def delivery(self) -> Delivery:
        """What all of it came to."""
        return Delivery.of(self.entries)


class Streams:
    """What `harness_stream` is: call it to attach a handler; nothing that the seed holds is in the stream."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._open = ExitStack()
        self._site: Site | None = None
        self.attached: list[Attached] = []

    def __repr__(self) -> str:
        return (
            f"<stream of {self._pair.config.table} with {', '.join(each.name for each in self.attached) or 'nothing'}>"
        )

    def __call__(
        self,
        handler: Handler | None = None,
        *,
        mapping: Mapping[str, Any] | str | Path | None = None,
        isolation: str | None = None,
    ) -> Attached:
        """Attach a handler: one of the project's by its name, `path/to/file.py:function`, or a function.

        `mapping`: parameters of CreateEventSourceMapping, or a file with them, instead of the project's.
        """
        names = list(self._pair.config.handlers)
        if handler is None:
            if len(names) != 1:
                raise UsageError(f"which handler? The project has {len(names)}", hint=f"one of: {', '.join(names)}")
            [handler] = names
        name, config, function = self._choose(handler)
        said = config.handlers[name]
        if isinstance(mapping, str | Path):
            said = replace(said, mapping=str(mapping))
        if isolation is not None:
            said = replace(said, isolation=isolation)  # type: ignore[arg-type]
        config = replace(config, handlers={name: said})
        inline = function is not None or said.isolation == "none"
        attached = Attached(name=name, _inside=self._pair.applied if inline else nullcontext)
        terms = Terms(
            parameters={} if mapping is None or isinstance(mapping, str | Path) else dict(mapping),
            clock=HurriedClock(),
            watch=lambda entry: self._heard(attached, entry, inline=inline),
            function=function,
        )
        with attached._inside():  # noqa: SLF001 - it may make its clients when it is loaded
            attached.poller = self._open.enter_context(open_trigger(self._place(config), name, terms)).poller
        self.attached.append(attached)
        return attached

    def drain(self) -> Delivery:
        """Drain every attached handler, again while what one writes is news to another; all of the project's if none is."""
        __tracebackhide__ = True
        for name in self._pair.config.handlers if not self.attached else ():
            self(name)
        with self._pair.applied():
            return drain([each.poller for each in self.attached])

    def close(self) -> None:
        """Detach, and end the handlers' processes."""
        self._open.close()

    def _choose(self, handler: Handler) -> tuple[str, Config, InlineFunction | None]:
        config = self._pair.config
        if not isinstance(handler, str):
            name = getattr(handler, "__name__", "handler").replace("<lambda>", "handler")
            return (
                name,
                _with(config, name, HandlerConfig()),
                InlineFunction(handler=handler, name=name, region=config.region),
            )
        if handler in config.handlers:
            return handler, config, None
        if ":" in handler:
            name = handler.rpartition(":")[2]
            return name, _with(config, name, HandlerConfig(handler=handler)), None
        known = ", ".join(config.handlers) or "none"
        hint = did_you_mean(handler, config.handlers, otherwise=f"known: {known}; or path/to/file.py:function")
        raise UsageError(f"the project has no handler {handler!r}", hint=hint)

    def _place(self, config: Config) -> Site:
        if self._site is None:
            endpoints = self._pair.endpoints
            api = self._open.enter_context(closing(StreamsWire(endpoints.dynamodb)))
            self._site = Site(config=config, endpoints=endpoints, api=api, stream_arn=self._pair.stream_arn())
        return replace(self._site, config=config)

    def _heard(self, attached: Attached, entry: Entry, *, inline: bool) -> None:
        attached.entries.append(entry)
        if not inline:  # whose clients are heard anyway
            tell_recorder(self._pair.recorder, entry)


def _with(config: Config, name: str, said: HandlerConfig) -> Config:
    return replace(config, handlers={name: said})
