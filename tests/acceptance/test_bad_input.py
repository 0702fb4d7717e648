"""What people get wrong, and what they are told: an error, a hint, the right exit code, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from harness.engines.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Project

TABLE = "seeds/schema/dynamodb/cruddur-messages.json"
SQL = "seeds/schema/postgres/0001_users_and_activities.sql"
PLAN = "seeds/baseline.toml"


def untouched(project: Project) -> bool:
    """Nothing was started, nothing is left."""
    return "nothing to remove" in project.ok("down").out


def test_no_docker_engine(project: Project) -> None:
    said = project.refused(3, "run", "--engine", "docker", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert "docker" in said
    assert "/nonexistent/docker.sock" in said
    assert untouched(project)


def test_a_port_that_is_taken_names_its_holder_and_the_flag(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = project.refused(3, "up", "--dynamodb-port", str(port))
    assert f"port {port}" in said
    assert re.search(rf"\b{os.getpid()}\b", said)
    assert "--dynamodb-port" in said
    assert untouched(project)


def test_a_file_where_the_folder_should_be(project: Project) -> None:
    project.write(".harness", "in the way")
    said = project.refused(3, "up")
    assert said.startswith(f"error: {project.folder / '.harness'} can't be written: ")
    assert project.ok("seed", "--dry-run").code == 0
    assert project.ok("run", "--help").code == 0


def without_privileges() -> list[str]:
    """Return what makes a command of root's subject to permissions like anybody's."""
    if os.geteuid() != 0:
        return []
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"]
    if shutil.which("setpriv") is None or subprocess.run([*drop, "true"], check=False).returncode:
        pytest.skip("root can write everywhere here")
    return drop


def test_no_permission_in_the_folder(project: Project) -> None:
    def harness(*words: str) -> subprocess.CompletedProcess[str]:
        command = [*without_privileges(), sys.executable, "-m", "harness", *words]
        return subprocess.run(
            command, cwd=project.folder, env=project.environment(None), capture_output=True, text=True, check=False
        )

    project.folder.chmod(0o555)
    try:
        up, dry = harness("up"), harness("seed", "--dry-run", "--json")
    finally:
        project.folder.chmod(0o755)
    assert up.returncode == 3
    assert up.stderr.startswith(f"error: {project.folder}/.harness can't be written: Permission denied")
    assert json.loads(dry.stdout)["counts"]["users"] == 14
    assert untouched(project)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (PLAN, "users = 14", "users = = 14", r"baseline\.toml:\d+:\d+: "),
        (PLAN, "users = 14", "usres = 14", r"baseline\.toml:\d+: unknown key .*\nhint: did you mean `users`"),
        (PLAN, "users = 14", "users = -1", r"baseline\.toml:\d+: users = -1"),
        (PLAN, "messages = 1000", "messages = 900000000000", r"baseline\.toml:\d+: messages = 900000000000"),
        (PLAN, "users = 14", 'users = "many"', r"baseline\.toml:\d+: users = "),
        (
            PLAN,
            "as_of = 2026-03-02T18:30:00Z",
            "as_of = 2999-01-01T00:00:00Z",
            r"baseline\.toml:\d+: as_of .* is in the future",
        ),
        (
            PLAN,
            "as_of = 2026-03-02T18:30:00Z",
            "as_of = 2026-03-02T18:30:00",
            r"baseline\.toml:\d+: as_of .* no offset",
        ),
        ("harness.toml", "[ports]", "[prots]\nx = 1\n[ports]", r"harness\.toml:\d+: unknown key `prots`"),
        ("harness.toml", "[ports]", "[ports", r"harness\.toml:\d+:\d+: Expected '\]'"),
    ],
)
def test_a_broken_file_is_named_with_its_line(project: Project, name: str, old: str, new: str, said: str) -> None:
    project.edit(name, old, new)
    assert re.search(said, project.refused(2, "seed", "--dry-run"))
    assert re.search(said, project.refused(2, "run"))
    assert not (project.folder / ".harness" / "stack").exists()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--users", "-3"], "--users = -3 is out of range"),
        (["--users", "1"], "1 users make 0 pairs, too few for 40 groups"),
        (["--messages", "999999999999"], "--messages = 999999999999 is out of range"),
        (["--users", "ten"], "argument --users: invalid int value: 'ten'"),
        (["--as-of", "2999-01-01T00:00:00Z"], "is in the future"),
        (["--as-of", "yesterday"], "is not an instant"),
    ],
)
def test_a_plan_that_cannot_be_meant(project: Project, flags: list[str], said: str) -> None:
    assert said in project.refused(2, "seed", "--dry-run", *flags)


def test_no_plan_at_all_points_at_init(tmp_path: Path, project: Project) -> None:
    said = project.__class__(folder=tmp_path).refused(2, "seed", "--dry-run")
    assert str(tmp_path / PLAN) in said
    assert "harness init" in said


def test_broken_json_in_a_schema(project: Project) -> None:
    project.edit(TABLE, '"KeySchema"', '"KeySchema" "x"')
    assert re.search(r"cruddur-messages\.json:\d+:\d+: ", project.refused(2, "run"))
    assert untouched(project)


def test_broken_sql_in_a_schema_names_file_and_line(project: Project) -> None:
    project.write(
        "seeds/schema/postgres/0002_more.sql", "-- more\nALTER TABLE public.users\n  ADD COLUM age integer;\n"
    )
    said = project.refused(2, "run")
    assert re.search(r"0002_more\.sql:3:\d+", said)
    assert untouched(project)


def test_a_scenario_that_does_not_import(project: Project) -> None:
    project.edit("scenarios/pattern_c.py", "from __future__ import annotations", "import no_such_module")
    said = project.refused(2, "run", "C")
    assert str(project.folder / "scenarios/pattern_c.py") in said
    assert "no_such_module" in said
    assert untouched(project)


def test_a_target_that_is_not_there(project: Project) -> None:
    project.edit("harness.toml", "[schema]", 'target = "app/dao.py:make"\n[schema]')
    assert str(project.folder / "app/dao.py") in project.refused(2, "run", "A")
    assert untouched(project)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1}', '{"version": 99}', ""])
def test_a_corrupt_state_file(project: Project, text: str) -> None:
    project.write(".harness/state.json", text)
    for verb in (["status"], ["env"], ["scan"]):
        said = project.refused(3, *verb)
        assert str(project.folder / ".harness/state.json") in said
        assert "harness down" in said
    project.ok("down")
    assert "no stack is up" in project.refused(3, "status")


def test_a_stack_that_died_is_told_from_one_that_is_up(project: Project) -> None:
    project.ok("up", "--messages", "100")
    state = project.folder / ".harness" / "state.json"
    kept = state.read_text(encoding="utf-8")
    project.ok("down")
    state.write_text(kept, encoding="utf-8")
    assert "harness up" in project.refused(3, "users", "list")
    status = project("status", "--json")
    assert (status.code, status.json["up"]) == (3, False)
    assert project.ok("up", "--messages", "100", "--json").json["loaded"]["counts"]["messages"] == 100
    assert project.ok("status").code == 0


@pytest.mark.parametrize("verb", [["env"], ["exec", "--", "true"], ["reset"], ["seed"], ["schema", "diff"], ["logs"]])
def test_without_a_stack_the_next_command_is_up(project: Project, verb: list[str]) -> None:
    said = project.refused(3, *verb)
    assert said == f"error: no stack is up in {project.folder}\nhint: harness up"


def external(stack: Project, **changes: str) -> list[str]:
    found = stack.ok("env", "--json").json | changes
    user, password, host, port = (found[name] for name in ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT"))
    dsn = f"postgresql://{user}:{password}@{host}:{port}/{found['PGDATABASE']}"
    return ["--engine", "external", "--dynamodb-url", found["AWS_ENDPOINT_URL"], "--postgres-dsn", dsn]


def test_wrong_credentials_are_said_without_the_password(stack: Project, project: Project) -> None:
    said = project.refused(3, "users", "list", *external(stack, PGPASSWORD="wr0ng-s3cret"))
    assert "password authentication failed" in said
    assert "wr0ng-s3cret" not in said
    log = project.folder / ".harness" / "harness.log"
    assert not log.exists() or "wr0ng-s3cret" not in log.read_text(encoding="utf-8")


def test_a_database_that_is_not_there(embedded_stack: Project, project: Project) -> None:
    assert "nowhere" in project.refused(3, "users", "list", *external(embedded_stack, PGDATABASE="nowhere"))


@pytest.mark.parametrize("which", ["AWS_ENDPOINT_URL", "PGPORT"])
def test_an_unreachable_endpoint_is_named(embedded_stack: Project, project: Project, which: str) -> None:
    port = str(free_port())
    flags = external(embedded_stack, **{which: f"http://127.0.0.1:{port}" if which == "AWS_ENDPOINT_URL" else port})
    said = project.refused(3, "seed", *flags)
    assert f"127.0.0.1:{port}" in said


def test_half_of_an_external_pair(embedded_stack: Project, project: Project) -> None:
    flags = external(embedded_stack)[:4]
    said = project.refused(project("seed", *flags).code, "seed", *flags)
    assert "HARNESS_POSTGRES_DSN" in said or "--postgres-dsn" in said


@pytest.mark.parametrize("verb", [["seed"], ["users", "list"], ["run"]])
def test_an_address_elsewhere_is_refused(project: Project, verb: list[str]) -> None:
    flags = ["--engine", "external", "--dynamodb-url", "http://192.0.2.1:8000"]
    dsn = "postgresql://me:s3cret@192.0.2.1:5432/db"
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret-of-mine"}
    said = project.refused(2, *verb, *flags, "--postgres-dsn", dsn, env=keys)
    assert "--allow-remote" in said
    assert "s3cret" not in said


def test_a_table_with_another_key_is_not_touched(embedded_stack: Project, project: Project) -> None:
    text = (project.folder / TABLE).read_text(encoding="utf-8")
    project.write(TABLE, text.replace('"pk"', '"partition"'))
    said = project.refused(2, "schema", "load", *external(embedded_stack))
    assert "cruddur-messages" in said
    assert "--recreate" in said
    assert "1,080 items" in embedded_stack.ok("scan").out
    differences = project("schema", "diff", "--json", *external(embedded_stack))
    assert differences.code == 1
    assert {"recreate"} <= {difference["remedy"] for difference in differences.json["differences"]}


def test_another_engine_than_the_one_that_is_up(embedded_stack: Project) -> None:
    said = embedded_stack.refused(3, "up", "--engine", "docker")
    assert "the stack that is up runs on the engine embedded, not docker" in said


def test_data_of_others_is_not_replaced_unasked(embedded_stack: Project, project: Project) -> None:
    flags = external(embedded_stack)
    assert urlsplit(flags[3]).hostname == "127.0.0.1"
    assert "--replace" in project.refused(2, "seed", "--messages", "300", *flags)
    assert "1,080 items" in embedded_stack.ok("scan").out
