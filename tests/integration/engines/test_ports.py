from __future__ import annotations

import os
import socket

import pytest

from harness.engines.ports import PortTaken, free_port, is_free, require_free
from harness.service import Service


def test_free_port_is_free_and_no_outgoing_connection_will_take_it() -> None:
    port = free_port()
    assert is_free(port)
    assert port < 32_768


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_port_that_somebody_listens_on_is_not_free(address: str) -> None:
    with socket.create_server((address, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTaken, match=f"pid {os.getpid()}") as failure:
            require_free(Service(name="postgres", port=port))
        assert "--postgres-port" in failure.value.hint
    require_free(Service(name="postgres", port=port))


def test_port_of_a_closed_connection_is_free_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            accepted.close()
            assert client.recv(1) == b""
    assert is_free(port), "a restarted service must not wait for TIME_WAIT to pass"
