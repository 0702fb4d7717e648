"""The embedded engine by itself: what its two programs are like from outside."""

from __future__ import annotations

import subprocess
import uuid
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from harness.engines import binaries, postgres_process
from harness.engines.cache import enterable
from harness.engines.embedded import EmbeddedEngine
from harness.errors import EnvironmentFailure
from harness.service import Service

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config import Config
    from harness.endpoint import Endpoints

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("needs_embedded")]


def test_everything_listens_on_loopback_only(embedded_pair: Endpoints) -> None:
    port = int(embedded_pair.dynamodb.url.rpartition(":")[2])
    listening = [found for found in psutil.net_connections("tcp") if found.status == "LISTEN" and found.laddr]
    addresses = {found.laddr.ip for found in listening if found.laddr.port in {port, embedded_pair.postgres.port}}  # type: ignore[union-attr]
    assert addresses == {"127.0.0.1"}


def test_postgres_is_the_same_on_every_machine(embedded_pair: Endpoints) -> None:
    expected = {
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "fsync": "off",
        "password_encryption": "scram-sha-256",
        "dynamic_shared_memory_type": "mmap",
        "unix_socket_directories": "",
    }
    with psycopg.connect(embedded_pair.postgres.dsn) as connection:
        found = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in expected}
        assert {name: row and row[0] for name, row in found.items()} == expected
        words = [
            row[0] for row in connection.execute("SELECT w FROM (VALUES ('é'), ('z'), ('B'), ('a')) v(w) ORDER BY w")
        ]
    assert words == ["B", "a", "z", "é"]


def test_a_schema_that_asks_for_uuid_ossp_gets_it(embedded_pair: Endpoints) -> None:
    with psycopg.connect(embedded_pair.postgres.dsn) as connection:
        connection.execute('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')
        row = connection.execute(
            "SELECT uuid_generate_v4()::text, uuid_generate_v3(uuid_ns_dns(), 'é.org')::text"
        ).fetchone()
        assert row is not None
        assert uuid.UUID(row[0]).version == 4
        assert row[1] == str(uuid.uuid3(uuid.NAMESPACE_DNS, "é.org"))
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="uuid_generate_v5"):
            connection.execute("SELECT uuid_generate_v5(uuid_nil(), 'x')")
        connection.rollback()


def test_postgres_wants_the_password(embedded_pair: Endpoints) -> None:
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(embedded_pair.postgres.dsn.replace("password", "another"), connect_timeout=5)


def test_programs_that_another_user_cannot_reach_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = postgres_process.account()
    if user is None:
        pytest.skip("only root runs PostgreSQL as somebody else")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = binaries.find()
    install = found.folder.parent
    closed = tmp_path / "site-packages" / install.parent.name / install.name
    closed.parent.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(install), str(closed)], check=True)
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.is_dir():
        subprocess.run(["cp", "-a", str(libraries), str(tmp_path / "site-packages" / libraries.name)], check=True)
    tmp_path.chmod(0o700)
    copied = binaries.readable_by(binaries.Binaries(folder=closed / "bin", version=found.version), user)
    try:
        assert copied.folder != closed / "bin"
        assert enterable(copied.folder, user)
        for program in ("postgres", "initdb"):
            subprocess.run(
                [copied.folder / program, "--version"],
                check=True,
                user=user.pw_uid,
                group=user.pw_gid,
                extra_groups=[],
                cwd="/",
            )
        assert binaries.readable_by(binaries.Binaries(folder=closed / "bin", version=found.version), user) == copied
    finally:
        subprocess.run(["rm", "-rf", str(copied.folder.parents[2])], check=True)


def test_without_postgres_the_reason_lists_what_was_checked(project: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.engines.binaries._candidates", lambda: iter([project.project]))
    reason = EmbeddedEngine(home=project.project, region="us-east-1").check()
    assert reason is not None
    assert f"  - {project.project}: no postgres" in reason


def test_without_ministack_the_reason_names_it(project: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.engines.ministack_process.importlib.util.find_spec", lambda _: None)
    reason = EmbeddedEngine(home=project.project, region="us-east-1").check()
    assert reason is not None
    assert "pip install ministack" in reason


def test_process_that_dies_is_told_with_its_code_and_log(project: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EmbeddedEngine(home=project.project, region="us-east-1")
    service = Service(name="postgres", port=project.ports["postgres"])
    monkeypatch.setitem(postgres_process._SETTINGS, "no_such_setting", "1")
    assert engine.alive(service) == "was never started"
    try:
        engine.start(service)
        with pytest.raises(EnvironmentFailure, match="postgres exited with code 1 before it answered") as failure:
            _wait(engine, service)
        assert "no_such_setting" in failure.value.message
    finally:
        engine.stop()


def _wait(engine: EmbeddedEngine, service: Service) -> None:
    from harness.engines.readiness import wait_until

    def probe() -> None:
        raise ConnectionError("nothing yet")

    wait_until(
        service.name, probe, timeout=60, alive=lambda: engine.alive(service), logs=lambda: engine.logs(service, 10)
    )
