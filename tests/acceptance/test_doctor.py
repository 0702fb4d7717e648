"""`harness doctor` as a user types it."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.registry import all_checks
from tests.gallery.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.conftest import Project


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Somebody's project with one thing wrong that can be mended, and one that can't."""
    folder = tmp_path / "theirs"
    build(folder, faults=("semicolon_behind_a_row", "first_record_only"))
    return folder


def texts(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_code_is_explained(project: Project) -> None:
    told = project.ok("doctor", "seed201").out
    assert told.startswith("SEED201 (error): ")
    assert "for example" in told
    assert "did you mean" in project.refused(2, "doctor", "SEED999")


def test_all_codes_are_listed(project: Project) -> None:
    listed = project.ok("doctor", "--codes").out.splitlines()
    assert [line.split()[0] for line in listed] == list(all_checks())
    assert [each["code"] for each in project.ok("doctor", "--codes", "--json").json] == list(all_checks())
    assert "### SEED201" in project.ok("doctor", "--codes", "--markdown").out


@pytest.mark.parametrize(
    "words",
    [
        ("--data", "somewhere"),
        ("--data", "--fix"),
        ("--write",),
        ("--token", "x"),
        ("--markdown",),
        ("/nonexistent",),
        ("--url", "http://example.com"),
        ("--responses", "/nonexistent"),
    ],
)
def test_what_contradicts_itself_or_is_not_there_is_refused(project: Project, words: tuple[str, ...]) -> None:
    project.refused(2, "doctor", "--no-run", *words)


def test_data_without_databases_says_what_to_type(project: Project) -> None:
    assert "harness up" in project.refused(3, "doctor", "--data")


def test_our_own_start_is_healthy(stack: Project) -> None:
    told = stack.ok("doctor").out
    assert told.startswith("nothing is wrong in "), told
    assert "nothing is wrong in dynamodb at " in stack.ok("doctor", "--data").out


def test_what_the_running_databases_hold_is_looked_at(stack: Project) -> None:
    client = stack.dynamodb()
    item = client.scan(TableName="cruddur-messages", FilterExpression="begins_with(pk, :m)",
                       ExpressionAttributeValues={":m": {"S": "MSG#"}})["Items"][0]  # fmt: skip
    ahead = {**item, "sk": {"S": "2999-01-01T00:00:00.000000+00:00"}}
    client.put_item(TableName="cruddur-messages", Item=ahead)
    try:
        found = stack("doctor", "--data", "--json", "--select", "SEED201")
        assert found.code == 1
        assert [each["code"] for each in found.json["findings"]] == ["SEED201"]
        assert stack("doctor", "--data", "--ignore", "SEED").code == 0
    finally:
        stack.ok("reset")


@pytest.mark.embedded
def test_a_patch_mends_what_is_safe_and_nothing_is_touched(project: Project, foreign: Path) -> None:
    before = texts(foreign)
    done = project("doctor", str(foreign), "--fix")
    assert done.code == 0, done.err  # what is left is no error
    assert "SQL101" in done.err
    assert texts(foreign) == before
    subprocess.run(["git", "apply", "-"], input=done.out, text=True, cwd=foreign, check=True)
    left = project("doctor", str(foreign), "--json")
    assert left.code == 0
    assert [each["code"] for each in left.json["findings"]] == ["STR101"]


@pytest.mark.embedded
def test_a_foreign_project_is_mended_in_place_only_when_told_to(project: Project, foreign: Path) -> None:
    before = texts(foreign)
    done = project("doctor", str(foreign), "--fix", "--write")
    assert done.out == f"mended  {foreign}/backend-flask/db/seed.sql\n"
    changed = [name for name, text in texts(foreign).items() if text != before[name]]
    assert changed == ["backend-flask/db/seed.sql"]


@pytest.mark.embedded
def test_findings_are_printed_for_people_and_for_editors(project: Project, foreign: Path) -> None:
    told = project("doctor", str(foreign))
    assert told.code == 1
    assert "SQL101  error" in told.out
    assert "1 error, 1 warning" in told.out
    (run,) = json.loads(project("doctor", str(foreign), "--sarif").out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["SQL101", "STR101"]


def test_without_running_anything_the_files_are_read(project: Project, foreign: Path) -> None:
    found = project("doctor", str(foreign), "--no-run", "--json").json
    assert [each["code"] for each in found["findings"]] == ["SQL101"]
    assert found["not_done"] == [{"what": "running its scripts", "why": "--no-run"}]
    assert found["isolation"] == ""


def test_their_harness_toml_says_what_is_what(project: Project, foreign: Path) -> None:
    (foreign / "old.sql").write_text("INSERT INTO users (handle) VALUES ('a');\n", encoding="utf-8")
    (foreign / "harness.toml").write_text('[doctor]\nsql-seed = "old.sql"\n', encoding="utf-8")
    assert project("doctor", str(foreign), "--no-run", "--json").json["findings"] == []
    (foreign / "harness.toml").write_text('[doctor]\nsql-seed = "nobody.sql"\n', encoding="utf-8")
    assert "nobody.sql" in project.refused(2, "doctor", str(foreign))
    (foreign / "harness.toml").write_text('[doctor]\nstream-handlers = "x"\n', encoding="utf-8")
    assert "did you mean `stream-handler`?" in project.refused(2, "doctor", str(foreign))


def test_other_peoples_databases_are_never_scratch(project: Project, foreign: Path) -> None:
    told = project.refused(2, "doctor", str(foreign), "--engine", "external")
    assert "--data" in told


class _Application(BaseHTTPRequestHandler):
    """Answers with HTML that calls itself JSON, and fails on a handle that nobody has."""

    def do_GET(self) -> None:
        self.send_response(500 if "@" in self.path else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"<p>sorry</p>" if "@" in self.path else b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def application() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_an_application_is_asked(project: Project) -> None:
    with application() as url:
        found = project("doctor", "--no-run", "--url", url, "--token", "null", "--json")
    assert found.code == 1
    assert sorted(each["code"] for each in found.json["findings"]) == ["APP103", "APP201", "APP205"]


def test_recorded_exchanges_are_read(project: Project) -> None:
    entry = {
        "request": {"method": "GET", "url": "http://localhost:4567/api/message_groups", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "text/html"}],
            "content": {"text": "[1]"},
        },
    }
    path = project.write("page.har", json.dumps({"log": {"entries": [entry]}}))
    found = project.ok("doctor", "--no-run", "--responses", str(path), "--json").json
    assert [each["code"] for each in found["findings"]] == ["APP202"]
    path.write_text("{}", encoding="utf-8")
    assert "HAR" in project.refused(2, "doctor", "--responses", str(path))
