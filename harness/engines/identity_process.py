"""The identity service: a part of MiniStack, which the embedded engine runs anyway; beside others, a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.endpoint import LOOPBACK, IdentityEndpoint
from harness.engines import ministack_process, ports, processes

if TYPE_CHECKING:
    from pathlib import Path

    from harness.endpoint import DynamoDBEndpoint

#: The process's name in its stack's home, and its log's.
NAME = "identity"
#: Where it answers if nobody else does there: applications learn it from `harness env`.
_PORT = 9229


def serve(
    home: Path,
    engine: str,
    dynamodb: DynamoDBEndpoint,
    *,
    known: IdentityEndpoint | None = None,
    passing: bool = False,
) -> IdentityEndpoint:
    """Return where the identity service of a stack answers; unless the `known` one runs, it is recorded and started.

    It need not answer yet. What was started ends with `end`. One that is `passing` leaves the usual port to who stays, and is
    beside its like: test runs begin several in one moment.
    """
    if engine == "embedded":
        return IdentityEndpoint(url=dynamodb.url, region=dynamodb.region)
    if known is not None and processes.became(home, NAME) is None:
        return known
    end(home)  # one that was started for nobody, by a command that was killed
    port = _PORT if not passing and ports.is_free(_PORT) else ports.free_port()
    ministack_process.spawn(NAME, port, services="cognito-idp", home=home, region=dynamodb.region)
    return IdentityEndpoint(url=f"http://{LOOPBACK}:{port}", region=dynamodb.region)


def end(home: Path) -> tuple[str, ...]:
    """End the process of a stack of another engine than the embedded one, and name it."""
    if not (home / f"{NAME}.json").exists():
        return ()
    return tuple(processes.stop_all(home, data=()))


def became(home: Path, engine: str) -> str | None:
    """None while it runs, else what became of it."""
    return processes.became(home, _name(engine))


def logs(home: Path, engine: str, lines: int) -> str:
    """Return the last lines that it wrote."""
    return processes.last_lines(home, _name(engine), lines)


def _name(engine: str) -> str:
    return "dynamodb" if engine == "embedded" else NAME


def key_folder(home: Path) -> Path:
    """Where MiniStack keeps the private keys of its pools: `<pool id>-access.pem` and `<pool id>-id.pem`."""
    return ministack_process.state_folder(home) / "cognito-pool-keys"
