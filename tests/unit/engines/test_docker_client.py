from __future__ import annotations

import hashlib
import json
import socket
from typing import TYPE_CHECKING

import pytest

from harness.engines import docker_client

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def context(folder: Path, name: str, host: str) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def test_address_is_the_usual_socket() -> None:
    assert docker_client.address() == "unix:///var/run/docker.sock"


def test_address_follows_the_current_context(tmp_path: Path) -> None:
    context(tmp_path, "desktop-linux", "unix:///home/me/.docker/run/docker.sock")
    assert docker_client.address() == "unix:///home/me/.docker/run/docker.sock"


def test_address_takes_docker_host_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context(tmp_path, "desktop-linux", "unix:///home/me/.docker/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    assert docker_client.address() == "tcp://127.0.0.1:2375"


def test_address_survives_a_broken_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[1")
    assert docker_client.address() == "unix:///var/run/docker.sock"


def test_socket_that_nobody_listens_at_is_a_reason_and_leaks_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    assert docker_client.unreachable() == f"no Docker engine answers at {path}: Connection refused"


def test_socket_without_permission_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Denied(socket.socket):
        def connect(self, _address: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    monkeypatch.setattr(socket, "socket", Denied)
    assert "no permission on Docker's socket" in (docker_client.unreachable() or "")


def test_engine_without_socket_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert docker_client.unreachable() == "no Docker engine: there is no socket at /nowhere/docker.sock"


@pytest.mark.parametrize("host", ["tcp://192.0.2.1:2375", "ssh://me@build.example.com"])
def test_engine_of_another_machine_is_of_no_use(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    reason = docker_client.unreachable()
    assert reason is not None
    assert "another machine" in reason
