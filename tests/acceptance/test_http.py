"""`harness app`, and `harness run --target` against it, as a user types them."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.request import urlopen

from harness.engines.ports import free_port
from tests.acceptance.conftest import interrupt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Project


@contextmanager
def running_app(project: Project, port: int, log: list[dict[str, object]]) -> Iterator[str]:
    """Run `harness app` until the block ends; its log is then in `log`."""
    process = project.start("app", "--port", str(port))
    assert process.stderr is not None
    first = process.stderr.readline()
    try:
        assert json.loads(first)["event"] == "listening", first + process.stderr.read()
        yield f"http://127.0.0.1:{port}"
    finally:
        code, out, err = interrupt(process, signal.SIGTERM)
        log += [json.loads(line) for line in err.splitlines()]
    assert (code, out) == (0, "")


def test_everything_passes_over_http(stack: Project) -> None:
    log: list[dict[str, object]] = []
    with running_app(stack, free_port(), log) as url:
        report = stack.ok("run", "--target", url, "--json").json
        mine = stack.ok("run", "--target", url, "--as", "andrewbrown", "A", "C")
        assert [each["pattern"] for each in report["scenarios"]] == ["A", "B", "C", "D", "E", "HTTP"]
        assert report["passed"]
        assert report["endpoints"]["target"] == url
        assert mine.out.splitlines()[-1].startswith("A C passed")
        asked = {step["name"] for step in report["scenarios"][-1]["steps"]}
        assert {
            "an expired token: 401",
            "an unsigned token: 401",
            "a good token of nobody in Postgres: refused",
        } <= asked
    refused = {str(line["reason"]): line for line in log if line["event"] == "token refused"}
    assert {"token_expired", "token_missing", "token_audience_wrong", "header_malformed"} <= set(refused)
    assert "expired at" in str(refused["token_expired"]["why"])
    assert all(line["request_id"] for line in refused.values())
    assert {line["status"] for line in log if line["event"] == "request"} <= {200, 204, 400, 401, 403, 404, 413, 422}
    # Three dots would be a token.
    assert not [line for line in log if str(line).count(".eyJ")]


def test_faults_are_findings(embedded_stack: Project) -> None:
    """The reference's own fault, put into a copy: the report says which request, what came, what must be."""
    views = embedded_stack.folder / "scenarios" / "app" / "views.py"
    right = views.read_text(encoding="utf-8")
    embedded_stack.edit("scenarios/app/views.py", "| shown(view)", '| shown(view) | {"uuid": view.message_group_uuid}')
    try:
        with running_app(embedded_stack, free_port(), []) as url:
            done = embedded_stack("run", "C", "--target", url)
    finally:
        views.write_text(right, encoding="utf-8")
    assert done.code == 1
    assert "step: all answers: a message has a uuid of its own" in done.out
    assert "POST /api/messages: uuid " in done.out
    assert done.out.count("step: ") == 1


def test_the_app_says_what_it_lacks(embedded_stack: Project, project: Project) -> None:
    assert "no stack is up" in project.refused(3, "app")
    assert "--port 0" in embedded_stack.refused(2, "app", "--port", "0")
    taken = embedded_stack.environ["HARNESS_DYNAMODB_PORT"]
    assert f"port {taken} on 127.0.0.1" in embedded_stack.refused(2, "app", "--port", taken)
    (project.folder / "scenarios" / "app" / "__main__.py").unlink()
    assert "no application in" in project.refused(2, "app")


def test_an_unusable_target_is_refused(embedded_stack: Project, project: Project) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    assert "does not answer" in embedded_stack.refused(3, "run", "A", "--target", nobody)
    assert "another machine" in embedded_stack.refused(2, "run", "--target", "https://example.org")
    assert "databases of its own" in project.refused(2, "run", "--target", nobody)
    assert "databases of its own" in embedded_stack.refused(2, "run", "--fresh", "--target", nobody)
    assert "did you mean" in embedded_stack.refused(2, "run", "--as", "andrewbrow").lower()
    assert "no such user" in embedded_stack.refused(2, "run", "--as", "x")


def test_no_proxy_stands_between_the_app_and_its_stack(embedded_stack: Project) -> None:
    proxied = replace(embedded_stack, environ=embedded_stack.environ | {"HTTP_PROXY": "http://127.0.0.1:1"})
    with running_app(proxied, free_port(), []) as url:
        embedded_stack.ok("run", "B", "--target", url)


def test_health_needs_no_token(embedded_stack: Project) -> None:
    with (
        running_app(embedded_stack, free_port(), []) as url,
        urlopen(f"{url}/api/health-check", timeout=30) as answer,
    ):
        assert json.load(answer) == {"success": True}
