"""What runs: the two services of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ServiceName = Literal["dynamodb", "postgres"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service to be started by an engine."""

    name: ServiceName
    #: The port on 127.0.0.1 to publish it at.
    port: int


#: The conventional ports, so that scripts with hard-coded endpoints work.
DEFAULT_PORTS: dict[ServiceName, int] = {"dynamodb": 8000, "postgres": 5432}
