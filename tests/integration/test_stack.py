"""A stack's life: brought up, found again, killed at any moment, and gone without a trace."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from harness import stack
from harness.engines.ports import free_port, is_free
from harness.engines.readiness import wait_until
from harness.errors import EnvironmentFailure, UsageError
from harness.stores.probe import probe_dynamodb, probe_postgres
from tests.integration.leftovers import KEPT, RUN, STUCK, UP, Before, containers_of, drive, processes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.config import Config

ENGINES = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("docker", marks=pytest.mark.docker),
]
#: Where a harness that brings a stack up is killed: `module:function` and at which of its calls.
MOMENTS = [
    ("harness.stack.lifecycle:select_engine", 1, ("embedded",)),
    ("harness.stack.lifecycle:write_intent", 1, ("embedded",)),
    ("harness.stack.lifecycle:start_side_by_side", 1, ("embedded",)),
    ("harness.engines.processes:_write", 1, ("embedded",)),
    ("harness.engines.processes:_write", 2, ("embedded",)),
    ("harness.engines.processes:_write", 4, ("embedded",)),
    ("harness.engines.postgres_process:_clone", 1, ("embedded",)),
    ("harness.engines.postgres_process:processes.spawn", 1, ("embedded",)),
    ("harness.engines.docker:DockerEngine._start", 1, ("docker",)),
    ("harness.engines.docker:DockerEngine._start", 2, ("docker",)),
    ("harness.stack.lifecycle:write_state", 1, ("embedded", "docker")),
    ("harness.state:os.fdopen", 2, ("embedded",)),
]
SIGNALS = [
    pytest.param("embedded", signal.SIGINT, marks=pytest.mark.embedded),
    pytest.param("embedded", signal.SIGTERM, marks=pytest.mark.embedded),
    pytest.param("embedded", signal.SIGHUP, marks=pytest.mark.embedded),
    pytest.param("docker", signal.SIGINT, marks=pytest.mark.docker),
]


@pytest.fixture
def before() -> Before:
    return Before.now()


@pytest.fixture(autouse=True)
def tidy(project: Config) -> Iterator[None]:
    """Whatever a failing test left is removed all the same."""
    yield
    stack.down(project)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    request.getfixturevalue(f"needs_{name}")
    return name


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""

    def probe() -> None:
        if not condition():
            raise ConnectionError("not yet")

    wait_until(what, probe, timeout=60, alive=lambda: None, logs=str)


def proves_service(found: stack.Stack) -> None:
    probe_dynamodb(found.endpoints.dynamodb)
    probe_postgres(found.endpoints.postgres)
    assert found.status() == {"dynamodb": None, "postgres": None}


def test_up_answers_is_found_again_and_goes_without_a_trace(project: Config, engine: str, before: Before) -> None:
    config = replace(project, engine=engine)  # type: ignore[arg-type]
    assert stack.attach(config) is None
    found, started = stack.up(config)
    assert started
    assert found.engine == engine
    assert not found.ephemeral
    proves_service(found)
    again, started = stack.up(replace(config, engine="auto"))
    assert not started
    assert again.endpoints == found.endpoints
    attached = stack.attach(config)
    assert attached is not None
    assert attached.endpoints == found.endpoints
    assert attached.started_at == found.started_at
    assert "PostgreSQL" in attached.logs("postgres", 200) or "database system" in attached.logs("postgres", 200)
    assert len(attached.logs("postgres", 2).splitlines()) <= 2
    removed = stack.down(config)
    assert str(config.state_folder / "state.json") in removed
    before.nothing_new(config)
    assert stack.attach(config) is None
    assert stack.down(config) == ()


def test_shown_hides_the_password(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    found, _ = stack.up(project)
    assert "password" not in str(found.shown())
    assert found.shown()["dynamodb"] == found.endpoints.dynamodb.url


@pytest.mark.parametrize(
    ("engine_name", "deadly", "count"),
    [
        pytest.param(
            name, deadly, count, id=f"{name}-{deadly.rpartition(':')[2]}-{count}", marks=getattr(pytest.mark, name)
        )
        for deadly, count, engines in MOMENTS
        for name in engines
    ],
)
def test_harness_killed_during_up_leaves_nothing_that_down_cannot_clean(  # noqa: PLR0913, PLR0917
    project: Config, before: Before, request: pytest.FixtureRequest, engine_name: str, deadly: str, count: int
) -> None:
    request.getfixturevalue(f"needs_{engine_name}")
    config = replace(project, engine=engine_name)  # type: ignore[arg-type]
    with drive(UP, config, deadly=deadly, count=count) as harness:
        _, complaint = harness.communicate(timeout=120)
    assert harness.returncode == -signal.SIGKILL, complaint
    stack.down(config)
    before.nothing_new(config)
    found, started = stack.up(config)
    assert started
    proves_service(found)
    stack.down(config)
    before.nothing_new(config)


@pytest.mark.embedded
def test_up_after_a_killed_up_needs_no_down(project: Config, needs_embedded: None, before: Before) -> None:  # noqa: ARG001
    with drive(UP, project, deadly="harness.stack.lifecycle:write_state") as harness:
        harness.communicate(timeout=120)
    found, started = stack.up(project)
    assert started
    proves_service(found)
    stack.down(project)
    before.nothing_new(project)


@pytest.mark.embedded
def test_harness_killed_during_initdb_leaves_a_cache_that_works(
    project: Config,
    needs_embedded: None,  # noqa: ARG001
    before: Before,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = Path(tempfile.mkdtemp())  # tmp_path is closed to the user that PostgreSQL runs as
    cache.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    try:
        # The first two programs that are run to the end are `postgres --version`; the third is initdb.
        with drive(UP, project, deadly="subprocess:Popen.communicate", count=3) as harness:
            harness.communicate(timeout=120)
        assert harness.returncode == -signal.SIGKILL
        assert list(cache.rglob("making-*")), "it was not killed in the middle of initdb"
        stack.down(project)
        before.nothing_new(project)
        until(lambda: processes_of(cache) == [], "initdb's own children")
        stack.up(project)
        kept = sorted(path.name.partition("-")[0] for path in (cache / "access-pattern-harness").iterdir())
        assert kept in (["cluster"], ["cluster", "extensions"])
        stack.down(project)
        before.nothing_new(project)
    finally:
        shutil.rmtree(cache)


def kill_embedded(config: Config, service: str) -> None:
    pid = json.loads((config.state_folder / "stack" / f"{service}.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: is_free(config.ports[service]), f"the end of {service}")  # type: ignore[index]


@pytest.mark.embedded
@pytest.mark.parametrize("service", ["dynamodb", "postgres"])
def test_service_killed_is_noticed_and_up_starts_it_again(
    project: Config,
    needs_embedded: None,  # noqa: ARG001
    before: Before,
    service: str,
) -> None:
    found, _ = stack.up(project)
    kill_embedded(project, service)
    trouble = found.status()[service]
    assert trouble is not None
    with pytest.raises(EnvironmentFailure, match=f"does not answer: {service}") as failure:
        stack.attach(project)
    assert "harness up" in failure.value.hint
    again, started = stack.up(project)
    assert started
    proves_service(again)
    kill_embedded(project, service)
    stack.down(project)
    before.nothing_new(project)


@pytest.mark.docker
def test_container_killed_is_noticed_and_up_starts_it_again(
    project: Config,
    needs_docker: None,  # noqa: ARG001
    before: Before,
) -> None:
    config = replace(project, engine="docker")
    found, _ = stack.up(config)
    name = next(name for name in containers_of(config) if name.endswith("postgres"))
    subprocess.run(["docker", "kill", name], check=True, capture_output=True)
    trouble = found.status()["postgres"]
    assert trouble is not None
    assert "exit code 137" in trouble
    again, started = stack.up(config)
    assert started
    proves_service(again)
    stack.down(config)
    before.nothing_new(config)


@pytest.mark.embedded
def test_down_leaves_a_process_alone_that_got_a_recorded_pid(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    stack.up(project)
    record = project.state_folder / "stack" / "dynamodb.json"
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as bystander:
        record.write_text(json.dumps(json.loads(record.read_text()) | {"pid": bystander.pid}))
        stack.down(project)
        assert bystander.poll() is None
        assert bystander.stdin is not None
        bystander.stdin.close()
    assert bystander.returncode == 0


@pytest.mark.embedded
def test_down_works_without_any_record(project: Config, needs_embedded: None, before: Before) -> None:  # noqa: ARG001
    stack.up(project)
    shutil.rmtree(project.state_folder)
    stack.down(project)
    before.nothing_new(project)


def test_corrupt_state_is_refused_and_down_clears_it(project: Config, engine: str, before: Before) -> None:
    config = replace(project, engine=engine)  # type: ignore[arg-type]
    stack.up(config)
    (config.state_folder / "state.json").write_text("{")
    (config.state_folder / "stack" / "stack.json").write_text("{")
    for use in (stack.attach, stack.up):
        with pytest.raises(EnvironmentFailure, match=r"state\.json") as failure:
            use(config)
        assert "harness down" in failure.value.hint
    stack.down(config)
    before.nothing_new(config)


@pytest.mark.embedded
def test_copied_project_neither_uses_nor_stops_the_original(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    original = project.project / "original"
    original.mkdir()
    config = replace(project, project=original)
    found, _ = stack.up(config)
    copy = replace(config, project=project.project / "copy")
    shutil.copytree(original, copy.project, ignore=shutil.ignore_patterns("stack"))
    with pytest.raises(EnvironmentFailure, match="copied or moved"):
        stack.attach(copy)
    stack.down(copy)
    proves_service(found)
    stack.down(config)


@pytest.mark.embedded
def test_moved_project_can_still_be_taken_down(project: Config, needs_embedded: None, before: Before) -> None:  # noqa: ARG001
    old = replace(project, project=project.project / "old")
    old.project.mkdir()
    stack.up(old)
    new = replace(old, project=project.project / "new")
    old.project.rename(new.project)
    stack.down(new)
    before.nothing_new(new)
    assert processes_of(old.project) == []


def test_two_ups_at_once_start_one_stack(project: Config, engine: str, before: Before) -> None:
    config = replace(project, engine=engine)  # type: ignore[arg-type]
    with drive(UP, config) as one, drive(UP, config) as other:
        told = [harness.communicate(timeout=180) for harness in (one, other)]
    assert sorted(out for out, _ in told) == [f"{engine} False\n", f"{engine} True\n"], told
    stack.down(config)
    before.nothing_new(config)


@pytest.mark.parametrize(("engine_name", "number"), SIGNALS)
def test_interrupted_up_cleans_up(
    project: Config, before: Before, request: pytest.FixtureRequest, engine_name: str, number: signal.Signals
) -> None:
    request.getfixturevalue(f"needs_{engine_name}")
    config = replace(project, engine=engine_name)  # type: ignore[arg-type]
    with drive(STUCK, config) as harness:
        until(lambda: not any(is_free(port) for port in config.ports.values()), "both services to listen")
        harness.send_signal(number)
        _, complaint = harness.communicate(timeout=60)
    assert "KeyboardInterrupt" in complaint
    before.nothing_new(config)


def test_service_that_never_answers_fails_within_the_budget_and_leaves_nothing(
    project: Config, engine: str, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(project, engine=engine, start_timeout=3.0)  # type: ignore[arg-type]
    monkeypatch.setattr("harness.stack.lifecycle.probe", _silence)
    with pytest.raises(EnvironmentFailure, match="did not answer within") as failure:
        stack.up(config)
    assert "last probe: silence" in failure.value.message
    before.nothing_new(config)


def _silence(endpoint: object) -> None:  # noqa: ARG001
    raise ConnectionError("silence")


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("service", ["dynamodb", "postgres"])
def test_port_taken_names_the_holder_and_the_flag(project: Config, engine: str, before: Before, service: str) -> None:
    with listening() as port:
        config = replace(project, engine=engine, ports=project.ports | {service: port})  # type: ignore[arg-type]
        with pytest.raises(EnvironmentFailure, match=f"{service}: port {port} on 127.0.0.1 is taken") as failure:
            stack.up(config)
    assert f"pid {os.getpid()}" in failure.value.message
    assert f"--{service}-port" in failure.value.hint
    before.nothing_new(config)


@pytest.mark.embedded
def test_port_taken_by_another_project_names_it(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    first = replace(project, project=project.project / "first")
    second = replace(project, project=project.project / "second")
    for config in (first, second):
        config.project.mkdir()
    found, _ = stack.up(first)
    try:
        with pytest.raises(EnvironmentFailure, match=f"the stack of {first.project}") as failure:
            stack.up(second)
        assert f"cd {first.project} && harness down" in failure.value.hint
        stack.down(second)
        proves_service(found)
    finally:
        stack.down(first)


@pytest.mark.docker
def test_port_published_by_a_container_names_it(project: Config, needs_docker: None) -> None:  # noqa: ARG001
    first = replace(project, project=project.project / "first", engine="docker")
    second = replace(first, project=project.project / "second")
    for config in (first, second):
        config.project.mkdir()
    stack.up(first)
    try:
        with pytest.raises(EnvironmentFailure, match=f"the container harness-.*the stack of {first.project}"):
            stack.up(second)
        with pytest.raises(EnvironmentFailure, match="is taken by a container"):
            stack.up(replace(second, engine="embedded"))
    finally:
        stack.down(first)


@pytest.mark.docker
def test_foreign_containers_are_left_alone(project: Config, needs_docker: None) -> None:  # noqa: ARG001
    from harness.engines import docker_client

    config = replace(project, engine="docker")
    with docker_client.connected() as client:
        plain = client.containers.create("postgres:18.6")
        other = client.containers.create(
            "postgres:18.6", labels={"harness.project": "/elsewhere", "harness.stack": "/elsewhere/.harness/stack"}
        )
        try:
            stack.up(config)
            stack.down(config)
            for container in (plain, other):
                container.reload()
                assert container.status == "created"
        finally:
            for container in (plain, other):
                container.remove(force=True, v=True)


@pytest.mark.embedded
def test_auto_without_docker_uses_the_embedded_engine_and_says_why(
    project: Config,
    needs_embedded: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    found, _ = stack.up(replace(project, engine="auto"))
    assert found.engine == "embedded"
    assert found.passed_over == (("docker", "no Docker engine: there is no socket at /nowhere/docker.sock"),)
    attached = stack.attach(replace(project, engine="auto"))
    assert attached is not None
    assert attached.passed_over == found.passed_over


def test_docker_by_name_without_docker_fails_with_a_way_out(project: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as port:
        closed = port
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{closed}")
    with pytest.raises(EnvironmentFailure, match=f"Docker engine at tcp://127.0.0.1:{closed}") as failure:
        stack.up(replace(project, engine="docker"))
    assert "--engine embedded" in failure.value.hint
    assert not (project.state_folder / "stack").exists()


def test_other_engine_than_the_one_that_is_up_is_refused(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    stack.up(project)
    with pytest.raises(EnvironmentFailure, match="runs on the engine embedded, not docker"):
        stack.up(replace(project, engine="docker"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_state_folder_that_cannot_be_made_is_named(project: Config) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    project.project.chmod(0o755)
    os.seteuid(nobody)
    try:
        with pytest.raises(EnvironmentFailure, match=str(project.state_folder)):
            stack.up(project)
    finally:
        os.seteuid(0)


@pytest.mark.embedded
@pytest.mark.skipif(os.geteuid() != 0, reason="is an ordinary user already")
def test_embedded_engine_works_as_an_ordinary_user(project: Config, needs_embedded: None, before: Before) -> None:  # noqa: ARG001
    folder = Path(tempfile.mkdtemp())
    shutil.chown(folder, "nobody")
    config = replace(project, project=folder)
    try:
        environ = {"HOME": str(folder), "XDG_CACHE_HOME": ""}
        with drive(UP, config, user="nobody", environ=environ) as harness:
            out, complaint = harness.communicate(timeout=120)
        if "No module named" in complaint:
            pytest.skip(f"this machine's python3 can't import what ours can: {complaint.splitlines()[-1]}")
        assert out == "embedded True\n", complaint
        found = stack.attach(config)
        assert found is not None
        proves_service(found)
        assert {psutil.Process(pid).username() for pid in pids_of(config)} == {"nobody"}
        assert (folder / ".cache" / "access-pattern-harness").is_dir()
        stack.down(config)
        before.nothing_new(config)
    finally:
        stack.down(config)
        shutil.rmtree(folder)


def pids_of(config: Config) -> list[int]:
    home = config.state_folder / "stack"
    return [json.loads((home / f"{service}.json").read_text())["pid"] for service in ("dynamodb", "postgres")]


def test_ephemeral_stack_goes_with_its_block(project: Config, engine: str, before: Before) -> None:
    with listening() as taken:  # the project's own ports don't matter to it
        config = replace(project, engine=engine, ports={"dynamodb": taken, "postgres": taken})  # type: ignore[arg-type]
        with stack.ephemeral(config) as found:
            assert found.ephemeral
            proves_service(found)
            assert stack.attach(config) is None
            assert stack.down(config) == (), "a living run is not for `down` to remove"
            proves_service(found)
    before.nothing_new(config)


@pytest.mark.embedded
@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_ephemeral_stack_goes_however_its_block_ends(
    project: Config,
    needs_embedded: None,  # noqa: ARG001
    before: Before,
    failure: type[BaseException],
) -> None:
    with pytest.raises(failure), stack.ephemeral(project):
        raise failure
    before.nothing_new(project)


@pytest.mark.parametrize(("engine_name", "number"), SIGNALS)
def test_ephemeral_stack_goes_with_a_signal(
    project: Config, before: Before, request: pytest.FixtureRequest, engine_name: str, number: signal.Signals
) -> None:
    request.getfixturevalue(f"needs_{engine_name}")
    config = replace(project, engine=engine_name)  # type: ignore[arg-type]
    with drive(RUN, config) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline()
        harness.send_signal(number)
        harness.communicate(timeout=60)
    assert harness.returncode != 0
    before.nothing_new(config)


def test_ephemeral_stack_of_a_killed_run_is_cleaned_by_down(project: Config, engine: str, before: Before) -> None:
    config = replace(project, engine=engine)  # type: ignore[arg-type]
    with drive(RUN, config) as harness:
        assert harness.stdout is not None
        home = harness.stdout.readline().strip()
        assert home, harness.stderr and harness.stderr.read()
        assert stack.down(config) == ()
        harness.kill()
    assert Path(home).is_dir()
    assert home in stack.down(config)
    before.nothing_new(config)


@pytest.mark.embedded
def test_ephemeral_stack_tries_other_ports_when_one_is_taken(
    project: Config,
    needs_embedded: None,  # noqa: ARG001
    before: Before,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as taken:
        offered = [free_port(), taken, free_port(), free_port()]
        monkeypatch.setattr("harness.stack.lifecycle.free_port", lambda **_: offered.pop(0))
        with stack.ephemeral(project) as found:
            proves_service(found)
    assert offered == []
    before.nothing_new(project)


@pytest.fixture
def named(project: Config, embedded_pair: object) -> Config:
    """A project that is pointed at services of somebody else."""
    from harness.endpoint import Endpoints

    assert isinstance(embedded_pair, Endpoints)
    return replace(
        project, engine="external", dynamodb_url=embedded_pair.dynamodb.url, postgres_dsn=embedded_pair.postgres.dsn
    )


def test_external_stack_needs_no_up_and_survives_down(named: Config) -> None:
    attached = stack.attach(named)
    assert attached is not None
    assert attached.engine == "external"
    found, started = stack.up(named)
    assert started
    assert stack.up(named)[1] is False
    unnamed = replace(named, engine="auto", dynamodb_url=None, postgres_dsn=None)
    again = stack.attach(unnamed)
    assert again is not None
    assert again.endpoints == found.endpoints
    assert stack.down(unnamed) == (str(named.state_folder / "state.json"),)
    proves_service(found)
    with stack.ephemeral(named) as borrowed:
        proves_service(borrowed)
    proves_service(found)
    assert {path.name for path in named.state_folder.iterdir()} <= KEPT


def test_external_with_a_wrong_password_fails_at_once(named: Config) -> None:
    dsn = (named.postgres_dsn or "").replace("password", "wrong-one")
    with pytest.raises(EnvironmentFailure, match="password authentication failed") as failure:
        stack.up(replace(named, postgres_dsn=dsn))
    assert "wrong-one" not in failure.value.message
    assert "did not answer within" not in failure.value.message
    assert not (named.state_folder / "state.json").exists()


def test_external_that_nobody_serves_says_so(named: Config) -> None:
    with listening() as port:
        closed = port
    config = replace(named, dynamodb_url=f"http://127.0.0.1:{closed}", start_timeout=0.5)
    with pytest.raises(EnvironmentFailure, match="dynamodb did not answer within"):
        stack.up(config)
    with pytest.raises(EnvironmentFailure, match="does not answer: dynamodb"):
        stack.attach(config)


def test_external_on_another_machine_is_refused(named: Config) -> None:
    for use in (stack.up, stack.attach):
        with pytest.raises(UsageError, match="is not this machine"):
            use(replace(named, postgres_dsn="postgresql://u:p@192.0.2.1/d"))
