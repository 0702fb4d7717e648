"""The machine that the harness runs on, as far as checks look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port that the project wants on this machine."""

    number: int
    #: What for: `dynamodb`, `postgres`.
    service: str
    #: Who listens there, `postgres (pid 812)`; None where nobody does.
    holder: str | None
    #: Whether that is our own stack.
    ours: bool
    #: Addresses it listens on: `127.0.0.1`, `::1`, `0.0.0.0`, `::`.
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was seen of it."""

    #: Engine name to None where it can be used, or why not.
    engines: Mapping[str, str | None]
    ports: tuple[Port, ...]
    #: What `localhost` resolves to, in order.
    localhost: tuple[str, ...]
    #: Names of variables of the caller that matter here, with values; secrets masked.
    environment: Mapping[str, str]
    #: Why the stack that is recorded does not answer; None where it does, or none is up.
    stack_trouble: str | None = None
