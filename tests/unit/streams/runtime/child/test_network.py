from __future__ import annotations

from typing import Any

import pytest

from harness.streams.runtime.child.network import gate, is_here

GATE = gate(frozenset({"db.internal", "10.1.2.3"}), "f")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "bucket.localhost", "0.0.0.0", ""],
)
def test_here(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "169.254.169.254", "::2", "::ffff:192.0.2.1", "localhost.example.com", "2130706433", "0x7f.1"]
)
def test_elsewhere(host: str) -> None:
    assert not is_here(host)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 8000))),
        ("socket.connect", (None, ("::1", 8000, 0, 0))),
        ("socket.connect", (None, "/run/postgresql/.s.PGSQL.5432")),
        ("socket.connect", (None, b"\0abstract")),
        ("socket.connect", (None, ("db.internal", 5432))),
        ("socket.connect", (None, ("10.1.2.3", 5432))),
        ("socket.connect", (None, (0, 0))),
        ("socket.sendmsg", (None, None)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("192.0.2.1", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (b"db.internal", 80, 0, 0, 0)),
        ("socket.gethostbyname", ("192.0.2.1",)),
        ("socket.bind", (None, ("192.0.2.1", 80))),
        ("open", ("/etc/hosts", "r", 0)),
    ],
)
def test_what_stays_here_may_pass(event: str, arguments: tuple[Any, ...]) -> None:
    GATE(event, arguments)


@pytest.mark.parametrize(
    ("event", "arguments", "what"),
    [
        ("socket.connect", (None, ("192.0.2.1", 443)), "connect to 192.0.2.1:443"),
        ("socket.connect", (None, (b"192.0.2.1", 443)), "connect to 192.0.2.1:443"),
        ("socket.connect", (None, ("2001:db8::1", 443, 0, 0)), "connect to 2001:db8::1:443"),
        ("socket.sendto", (None, ("192.0.2.1", 53)), "connect to 192.0.2.1:53"),
        ("socket.sendmsg", (None, ("192.0.2.1", 53)), "connect to 192.0.2.1:53"),
        ("socket.getnameinfo", (("192.0.2.1", 80),), "connect to 192.0.2.1:80"),
        ("socket.getaddrinfo", ("example.com", 443, 0, 0, 0), "look up example.com:443"),
        ("socket.getaddrinfo", (b"example.com", b"https", 0, 0, 0), "look up example.com:https"),
        ("socket.gethostbyname", ("example.com",), "look up example.com."),
        ("socket.gethostbyaddr", ("192.0.2.1",), "look up 192.0.2.1."),
    ],
)
def test_what_would_leave_is_refused_by_name(event: str, arguments: tuple[Any, ...], what: str) -> None:
    with pytest.raises(PermissionError) as refused:
        GATE(event, arguments)
    assert what in str(refused.value)
    assert "confined = false" in str(refused.value)
    assert "--unconfined" in str(refused.value)
