"""Where there are no namespaces: what is led and refused by nothing but what runs inside the scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.sandbox.model import Isolation
from harness.sandbox.sandbox import Sandbox
from tests.integration.rehearsal.projects import SCHEMA, rehearsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.rehearsal.results import Rehearsal, ScriptRun
    from tests.integration.rehearsal.projects import Files

PINNED = """\
import psycopg

for host in ("localhost", "db.example.org"):
    with psycopg.connect(f"postgresql://postgres:password@{host}:5432/cruddur") as connection:
        print(connection.execute("SELECT count(*) FROM users").fetchone())
"""
POOL = """\
from psycopg_pool import ConnectionPool

with ConnectionPool("host=localhost port=5432 user=postgres password=password dbname=cruddur") as pool:
    with pool.connection() as connection:
        print(connection.info.port)
"""
FILES: Files = {
    "db/schema.sql": ("sql-schema", SCHEMA),
    "db/seed.sql": ("sql-seed", "\\! touch mine\nSELECT 1;\n"),
    "bin/pinned.py": ("table-seed", PINNED),
    "bin/pool.py": ("table-seed", POOL),
    "bin/here.py": ("table-seed", "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)\n"),
    "bin/process.py": ("table-seed", "import subprocess\nsubprocess.run(['curl', 'http://example.org'])\n"),
    "bin/scratch.py": ("table-seed", "import tempfile\nwith tempfile.NamedTemporaryFile() as file:\n    file.write(b'x')\nprint('fine')\n"),
    "bin/shell.sh": ("table-seed", "#!/bin/bash\ntouch mine\necho\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(needs_embedded: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:  # noqa: ARG001 - skips
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "_probe", lambda _: Isolation(kind="guard", why="a test"))
        yield rehearsed(tmp_path_factory.mktemp("guard"), FILES)


def script(found: Rehearsal, name: str) -> ScriptRun:
    return next(run for run in found.scripts if run.path == f"bin/{name}.py" and run.pass_ == 1)


def test_connections_to_postgres_are_led_to_the_scratch_server(found: Rehearsal) -> None:
    assert found.isolation == "guard"
    pinned = script(found, "pinned")
    assert (pinned.stdout, pinned.stderr) == ("(0,)\n(0,)\n", "")
    pool = script(found, "pool")
    assert pool.exit_code == 0
    assert pool.stdout.strip().isdigit()
    assert pool.stdout != "5432\n"


def test_other_services_of_this_machine_are_refused(found: Rehearsal) -> None:
    run = script(found, "here")
    assert [(each.kind, each.what, str(each.place)) for each in run.refused] == [
        ("connect", "127.0.0.1:22", "bin/here.py:2")
    ]
    assert run.traceback is not None


def test_no_process_is_started(found: Rehearsal) -> None:
    run = script(found, "process")
    assert [(each.kind, each.what) for each in run.refused] == [("process", "curl http://example.org")]


def test_temporary_files_are_fine(found: Rehearsal) -> None:
    run = script(found, "scratch")
    assert (run.stdout, run.refused) == ("fine\n", ())


def test_what_only_a_wall_could_hold_is_not_run(found: Rehearsal) -> None:
    assert {"db/seed.sql", "bin/shell.sh"} <= {each.what for each in found.not_done}
    assert [run.path for run in found.sql] == ["db/schema.sql", "db/schema.sql"]
    assert not any(run.path == "bin/shell.sh" for run in found.scripts)
