"""What a project says of one of its handlers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Isolation = Literal["process", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerConfig:
    """`[handlers] NAME`: a text that names the function, or a table. Defaults are those of AWS Lambda."""

    #: `path/to/file.py:function`, the path counted from the project's folder; None takes the mapping's template's.
    handler: str | None = None
    #: A file in the shape of CreateEventSourceMapping, or `template.yaml#LogicalId`; None takes the defaults.
    mapping: str | None = None
    #: Seconds that one call may take.
    timeout: int = 3
    #: MB that its process may use.
    memory: int = 128
    environment: dict[str, str] = field(default_factory=dict)
    #: `process`: one of its own, with AWS's runtime client. `none`: called inside the harness, for a debugger.
    isolation: Isolation = "process"
    #: Whether its way out of the machine is shut.
    confined: bool = True
    #: URLs of services that have a local stand-in, by botocore's name of the service.
    endpoints: dict[str, str] = field(default_factory=dict)
    #: Which of these keys the project itself sets.
    stated: frozenset[str] = frozenset()

    @staticmethod
    def of(value: str | Mapping[str, Any]) -> HandlerConfig:
        """Take what stands in the file, checked already: a text, or a table."""
        return (
            HandlerConfig(handler=value) if isinstance(value, str) else HandlerConfig(**value, stated=frozenset(value))
        )

    def over(self, *, timeout: int, memory: int, environment: Mapping[str, str]) -> HandlerConfig:
        """Return it on top of what a template says: the project's own word goes first, variable by variable."""
        return replace(
            self,
            timeout=self.timeout if "timeout" in self.stated else timeout,
            memory=self.memory if "memory" in self.stated else memory,
            environment={**environment, **self.environment},
        )
