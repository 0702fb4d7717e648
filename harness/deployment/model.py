"""What is to be deployed, before it is any template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.schema import TableSchema
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.permissions.least import LeastPolicy
    from harness.streams.permissions.permission import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFunction:
    """A Lambda function, the mapping that feeds it, and what its role has to allow."""

    #: Under [handlers] of the project.
    handler_name: str
    #: FunctionName, without qualifier.
    name: str
    #: What the mapping names of the function: an alias, `$LATEST`, or nothing.
    qualifier: str | None = None
    #: The table whose stream it reads.
    table: str
    #: `module.function`.
    handler: str
    #: The folder that is deployed.
    code: Path
    #: Such as `python3.13`.
    runtime: str
    #: Seconds.
    timeout: int
    #: MB.
    memory: int
    environment: Mapping[str, str] = field(default_factory=dict)
    mapping: EventSourceMapping
    #: The mapping's parameters that the project states, in the shape of CreateEventSourceMapping's request.
    stated: Mapping[str, Any] = field(default_factory=dict)
    #: In ARNs of the `identity`; whoever writes the template makes them the stack's own.
    policy: LeastPolicy
    identity: Identity
    #: Whether the handler's own calls are in the policy; else it holds the trigger's needs alone.
    recorded: bool
    #: Whether its code is another one since.
    changed: bool = False

    @property
    def alias(self) -> str | None:
        """The alias that has to be made; `$LATEST` is there by itself."""
        return None if self.qualifier is None or self.qualifier.startswith("$") else self.qualifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Tables and functions, in the order in which the project names them."""

    tables: tuple[TableSchema, ...]
    functions: tuple[StreamFunction, ...] = ()
    #: What the template can't have, and why.
    notes: tuple[str, ...] = ()
