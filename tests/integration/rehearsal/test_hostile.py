"""Scripts that try what they may not, or that fail in ways that must not keep the rest from being examined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.rehearsal.projects import PATHS, SCHEMA, rehearsed

if TYPE_CHECKING:
    from harness.rehearsal.results import Rehearsal, ScriptRun
    from tests.integration.rehearsal.projects import Files

NETWORK = """\
import socket, urllib.request

for attempt in (
    lambda: socket.create_connection(("198.51.100.7", 443), 1),
    lambda: urllib.request.urlopen("http://example.org/", timeout=1),
):
    try:
        attempt()
    except OSError as error:
        print("no", type(error).__name__)
"""
FILES: Files = {
    "db/schema.sql": ("sql-schema", SCHEMA),
    "db/seed.sql": (
        "sql-seed",
        "COPY users FROM PROGRAM 'touch /tmp/from-the-server';\nSELECT pg_read_file('/etc/passwd');\nSELECT 1 +;\n",
    ),
    "lib/__init__.py": (None, ""),
    "lib/far.py": (None, "import momento.auth\nfrom honeycomb import beeline as bee\n\n\nclass Client(momento.Base):\n    pass\n"),
    "bin/network.py": ("table-seed", NETWORK),
    "bin/write.py": (
        "table-seed",
        "open('mine.txt', 'w').close()\nopen('/etc/evil', 'w')\n",
    ),
    "bin/forever.py": ("table-seed", "print('begun', flush=True)\nwhile True: pass\n"),
    "bin/server.py": (
        "table-seed",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\nprint('left')\n",
    ),
    "bin/nolib.py": ("table-seed", "from lib import far\n"),
    "bin/standin.py": ("table-seed", PATHS.replace('"..", "..")', '"..")') + "from lib import far\nprint('here')\nfar.bee.init()\n"),
    "bin/zone.py": (
        "table-seed",
        "from dotenv import load_dotenv\nload_dotenv()\nimport pytz_of_old as pytz\nfrom datetime import datetime\nprint(datetime.now(pytz.utc))\n",
    ),
    "bin/optional.py": (
        "table-seed",
        "try:\n    import orjson2 as json\nexcept ImportError:\n    import json\nprint(json.dumps(1))\n",
    ),
    "bin/painted.py": (
        "table-seed",
        ("import colorama\nfrom colorama import Fore, Style\nfrom termcolor import colored\ncolorama.init(autoreset=True)\n"
        "print(Fore.RED + 'a' + f'{Style.RESET_ALL}b', colored('c', 'red'))\n"),
    ),
    "bin/cognito.py": (
        "table-seed",
        "import boto3\nboto3.Session(profile_name='work').client('cognito-idp').list_users(UserPoolId='us-east-1_x')\n",
    ),
    "bin/none.py": ("table-seed", "def find():\n    return None\n\n\nprint(find()['uuid'])\n"),
    "bin/syntax.py": ("table-seed", "import os\nprint 'x'\n"),
    "bin/exit.py": ("table-seed", "import sys\nprint([name for name in sys.modules if 'harness' in name])\nsys.exit('no user')\n"),
    "bin/shell.sh": (
        "table-seed",
        '#!/bin/bash\npython3 -c \'import boto3; boto3.client("dynamodb").list_tables()\'\npsql "$CONNECTION_URL" -tAc "SELECT 7"\n',
    ),
    "deep/bin/relative.py": ("table-seed", "print(open('db/seed.sql').readline())\n"),
    ".env": ("environment", "CONNECTION_URL=postgresql://postgres:password@localhost:5432/cruddur\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(needs_embedded: None, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:  # noqa: ARG001 - skips
    return rehearsed(tmp_path_factory.mktemp("hostile"), FILES, timeout=4)


def script(found: Rehearsal, name: str) -> ScriptRun:
    return next(run for run in found.scripts if run.path.endswith(name) and run.pass_ == 1)


def test_the_server_runs_and_reads_nothing_for_them(found: Rehearsal) -> None:
    program, file, syntax = next(run for run in found.sql if run.path == "db/seed.sql").errors
    assert (program.sqlstate, file.sqlstate) == ("42501", "42501")
    assert syntax.at is not None
    assert (syntax.sqlstate, syntax.at.line) == ("42601", 3)


def test_the_network_is_refused_with_the_line(found: Rehearsal) -> None:
    run = script(found, "network.py")
    assert run.stdout.count("no") == 2
    assert [(each.kind, each.what, str(each.place)) for each in run.refused] == [
        ("connect", "198.51.100.7:443", "bin/network.py:4"),
        ("look-up", "example.org", "bin/network.py:5"),
    ]


def test_writing_outside_is_refused(found: Rehearsal) -> None:
    run = script(found, "write.py")
    assert [(each.kind, each.what, str(each.place)) for each in run.refused] == [
        ("write", "/etc/evil", "bin/write.py:2")
    ]
    assert run.traceback is not None
    assert run.traceback.kind == "PermissionError"


def test_what_never_ends_is_stopped(found: Rehearsal) -> None:
    run = script(found, "forever.py")
    assert (run.stopped, run.stdout, run.exit_code) == ("time", "begun\n", None)


def test_what_is_left_running_is_ended_and_told(found: Rehearsal) -> None:
    run = script(found, "server.py")
    assert run.stdout == "left\n"
    assert any("signal.pause()" in line for line in run.left_running)


def test_a_module_of_the_project_is_never_stood_in(found: Rehearsal) -> None:
    run = script(found, "nolib.py")
    assert run.missing == ()
    assert run.traceback is not None
    assert run.traceback.message == "No module named 'lib'"


def test_a_package_that_is_missing_is_stood_in_until_it_is_needed(found: Rehearsal) -> None:
    run = script(found, "standin.py")
    assert run.stdout == "here\n"
    assert [(each.name, str(each.place)) for each in run.missing] == [
        ("momento", "lib/far.py:1"),
        ("honeycomb", "lib/far.py:2"),
    ]
    assert run.traceback is not None
    assert (run.traceback.kind, run.traceback.message) == ("ModuleNotFoundError", "No module named 'honeycomb'")
    assert run.traceback.at is not None
    assert run.traceback.at.place.path == "bin/standin.py"
    assert "honeycomb" in next(each.why for each in found.not_done if each.what == "bin/standin.py")


def test_what_is_only_handed_on_is_known_too(found: Rehearsal) -> None:
    run = script(found, "zone.py")
    assert run.traceback is not None
    assert "'pytz_of_old (not installed)'" in run.traceback.message
    assert "pytz_of_old" in next(each.why for each in found.not_done if each.what == "bin/zone.py")


def test_colours_are_not_missed(found: Rehearsal) -> None:
    run = script(found, "painted.py")
    assert (run.ok, run.stdout) == (True, "ab c\n")
    assert [each.name for each in run.missing] == ["colorama", "termcolor"]


def test_a_script_that_can_do_without_is_let_do_without(found: Rehearsal) -> None:
    run = script(found, "optional.py")
    assert (run.ok, run.missing, run.stdout) == (True, (), "1\n")


def test_other_services_fail_with_a_word_about_the_call(found: Rehearsal) -> None:
    run = script(found, "cognito.py")
    (call,) = run.calls
    assert (call.service, call.operation, call.error) == ("cognito-idp", "ListUsers", "NoLocalEndpoint")
    assert "cognito-idp.ListUsers has no local endpoint" in run.stderr
    assert run.refused == ()


def test_tracebacks_are_data(found: Rehearsal) -> None:
    none = script(found, "none.py").traceback
    assert none is not None
    assert (none.kind, none.message) == ("TypeError", "'NoneType' object is not subscriptable")
    assert none.at is not None
    assert (str(none.at.place), none.at.text) == ("bin/none.py:5", "print(find()['uuid'])")
    syntax = script(found, "syntax.py").traceback
    assert syntax is not None
    assert syntax.at is not None
    assert (syntax.kind, str(syntax.at.place)) == ("SyntaxError", "bin/syntax.py:2")


def test_leaving_with_a_word_is_no_traceback_and_we_are_not_seen(found: Rehearsal) -> None:
    run = script(found, "exit.py")
    assert (run.exit_code, run.traceback, run.stdout, run.stderr) == (1, None, "[]\n", "no user\n")


def test_shell_scripts_find_python_and_psql(found: Rehearsal) -> None:
    run = script(found, "shell.sh")
    assert (run.exit_code, run.stdout, run.stderr) == (0, "7\n", "")
    assert [call.operation for call in run.calls] == ["ListTables"]


def test_a_script_that_misses_a_file_is_tried_from_the_root(found: Rehearsal) -> None:
    run = script(found, "relative.py")
    assert (run.ok, run.cwd, run.command) == (True, ".", "python deep/bin/relative.py")


def test_what_is_not_there_is_not_done(found: Rehearsal) -> None:
    assert "the schema of the table" in {each.what for each in found.not_done}
