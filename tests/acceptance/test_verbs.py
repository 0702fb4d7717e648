"""Every verb, on a stack that is up, on each engine."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import Project, interrupt

if TYPE_CHECKING:
    from pathlib import Path

APP = """
import os, boto3, psycopg
table = boto3.resource("dynamodb", endpoint_url="http://localhost:{port}").Table("cruddur-messages")
print(len(table.scan(Limit=5)["Items"]))
streams = boto3.client("dynamodbstreams").list_streams(TableName=os.environ["DDB_MESSAGE_TABLE"])["Streams"]
print(len(streams))
with psycopg.connect(os.environ["CONNECTION_URL"]) as connection:
    print(connection.execute("SELECT count(*) FROM public.users").fetchone()[0])
"""


def first_group(stack: Project, handle: str = "andrewbrown") -> str:
    return str(stack.ok("conversations", "list", "--user", handle, "--json").json[0]["message_group_uuid"])


def test_up_again_attaches(stack: Project) -> None:
    before = stack.ok("status", "--json").json
    again = stack.ok("up", "--json").json
    assert again["started_at"] == before["started_at"]
    assert again["loaded"] is None


def test_status_says_where_all_three_answer(stack: Project) -> None:
    status = stack.ok("status", "--json").json
    assert status["up"] is True
    assert status["engine"] == stack.environ["HARNESS_ENGINE"]
    assert status["services"] == {"dynamodb": "answers", "postgres": "answers", "identity": "answers"}
    shown = stack.ok("status").out
    assert f"http://127.0.0.1:{stack.environ['HARNESS_DYNAMODB_PORT']} (answers)" in shown
    assert ":***@127.0.0.1" in shown


def test_an_application_finds_both_databases(stack: Project, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(APP.replace("{port}", stack.environ["HARNESS_DYNAMODB_PORT"]), encoding="utf-8")
    done = stack.ok("exec", "--", sys.executable, str(script), env={"AWS_PROFILE": "not-there"})
    items, streams, users = (int(word) for word in done.out.split())
    # A table made anew leaves its old stream readable for a day.
    assert (items, streams >= 1, users) == (5, True, 14)


def test_a_shell_can_take_the_environment_over(stack: Project) -> None:
    lines = stack.ok("env").out
    script = f'{lines}printf "%s %s" "$AWS_ENDPOINT_URL_DYNAMODB_STREAMS" "$CONNECTION_URL"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    found = stack.ok("env", "--json").json
    assert done.stdout == f"{found['AWS_ENDPOINT_URL_DYNAMODB_STREAMS']} {found['CONNECTION_URL']}"
    assert stack.ok("env", "--format", "dotenv").out == "".join(f"{name}={value}\n" for name, value in found.items())


def test_exec_passes_the_exit_code_through(stack: Project) -> None:
    assert stack("exec", "--", sys.executable, "-c", "raise SystemExit(7)").code == 7
    assert stack("exec", sys.executable, "-c", "print(1)", "--", "-v").out == "1\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_exec_passes_signals_through(stack: Project, number: signal.Signals) -> None:
    script = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    with stack.start("exec", "--", sys.executable, "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert interrupt(process, number)[0] == 9


def test_exec_of_nothing_and_of_a_typo(stack: Project) -> None:
    assert "no command given" in stack.refused(2, "exec")
    assert "there is no command `pythn`" in stack.refused(2, "exec", "--", "pythn")


def test_scan_prints_every_item_once_under_its_collection(stack: Project) -> None:
    found = stack.ok("scan", "--json").json
    assert len(found) == len({collection["pk"] for collection in found}) == 50
    keys = {(item["pk"]["S"], item["sk"]["S"]) for collection in found for item in collection["items"]}
    assert len(keys) == sum(len(collection["items"]) for collection in found) == 1080
    text = stack.ok("scan").out.splitlines()
    assert text[-1] == "1,080 items in 50 item collections"
    assert sum(line.startswith(("MSG#", "GRP#")) for line in text) == 50


def test_scan_stops_at_a_limit(stack: Project) -> None:
    assert sum(len(collection["items"]) for collection in stack.ok("scan", "--limit", "7", "--json").json) == 7
    assert "--limit 0" in stack.refused(2, "scan", "--limit", "0")
    assert stack.ok("scan", "--limit", "1").out.splitlines()[-1] == "1 item in 1 item collection"


def test_users_are_listed_by_handle(stack: Project) -> None:
    people = stack.ok("users", "list", "--json").json
    handles = [person["handle"] for person in people]
    assert handles == sorted(handles)
    assert len(handles) == 14
    assert stack.ok("users", "list").out.splitlines()[0].split()[:3] == ["andrewbrown", "Andrew", "Brown"]


def test_conversations_are_listed_newest_first_and_read_oldest_first(stack: Project) -> None:
    groups = stack.ok("conversations", "list", "--user", "@andrewbrown", "--json").json
    stamps = [group["last_message_at"] for group in groups]
    assert stamps == sorted(stamps, reverse=True)
    assert len(stack.ok("conversations", "list", "--user", "andrewbrown").out.splitlines()) == len(groups)
    shown = stack.ok("conversations", "show", groups[0]["message_group_uuid"], "--json").json
    times = [message["sk"] for message in shown["messages"]]
    assert times == sorted(times)
    assert times[-1] == stamps[0]
    assert shown["messages"][-1]["message"] == groups[0]["message"]
    assert "Andrew Brown" in shown["participants"]
    text = stack.ok("conversations", "show", groups[0]["message_group_uuid"]).out
    assert text.startswith(" and ".join(shown["participants"]))
    assert f"{times[-1][11:16]}  {shown['messages'][-1]['user_display_name']}: " in text


def test_an_unknown_handle_or_group_is_a_usage_error_that_helps(stack: Project) -> None:
    assert "hint: did you mean `andrewbrown`?" in stack.refused(2, "conversations", "list", "--user", "andrewbron")
    assert "hint: harness users list" in stack.refused(2, "conversations", "list", "--user", "zzzzzz")
    group = first_group(stack)
    said = stack.refused(2, "conversations", "show", group[:-2] + "zz")
    assert "(it holds 40)" in said
    assert f"hint: did you mean `{group}`?" in said


def test_logs_are_those_of_the_services(stack: Project) -> None:
    assert "database system is ready to accept connections" in stack.ok("logs", "postgres", "-n", "5000").out
    both = stack.ok("logs").out
    assert "== dynamodb ==" in both
    assert "== postgres ==" in both


def test_the_schema_is_as_the_files_say(stack: Project) -> None:
    assert stack.ok("schema", "diff").out == "no difference\n"
    assert stack.ok("schema", "diff", "--json").json == {"differences": []}
    assert "nothing to do" in stack.ok("schema", "load").out


def test_what_an_application_wrote_is_gone_after_reset(stack: Project) -> None:
    planned = stack.ok("seed", "--dry-run", "--json").json
    write = (
        "import boto3\n"
        "boto3.resource('dynamodb').Table('cruddur-messages').put_item(Item={'pk': 'MSG#x', 'sk': '2026'})\n"
    )
    stack.ok("exec", "--", sys.executable, "-c", write)
    assert "1,081 items" in stack.ok("scan").out
    again = stack.ok("reset", "--json").json
    assert again["digest"] == planned["digest"]
    assert again["changed"] is True
    assert "1,080 items" in stack.ok("scan").out


def test_seeding_twice_writes_nothing_and_another_size_is_loaded(stack: Project) -> None:
    assert stack.ok("seed", "--json").json["changed"] is False
    assert "already there, nothing written" in stack.ok("seed").out
    other = stack.ok("seed", "--messages", "200", "--json").json
    assert other["changed"] is True
    assert other["digest"] == stack.ok("seed", "--messages", "200", "--dry-run", "--json").json["digest"]
    assert stack.ok("reset", "--json").json["digest"] == other["digest"]
    stack.ok("seed")


def test_run_uses_the_stack_that_is_up_and_leaves_it_seeded(stack: Project) -> None:
    report = stack.ok("run", "--json").json
    assert report["passed"] is True
    assert [scenario["pattern"] for scenario in report["scenarios"]] == list("ABCDE")
    assert report["endpoints"] == stack.ok("status", "--json").json["endpoints"]
    assert stack.ok("seed", "--json").json["changed"] is False


def test_run_takes_patterns_by_name(stack: Project) -> None:
    report = stack.ok("run", "b", "A", "--json").json
    assert [scenario["pattern"] for scenario in report["scenarios"]] == ["B", "A"]
    assert "no scenario for pattern" in stack.refused(2, "run", "Z")
