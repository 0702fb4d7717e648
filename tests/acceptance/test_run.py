"""The main job, without a stack up: what it prints, what it leaves, and how a failure looks."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.acceptance.conftest import interrupt, new_project, require

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Project


def test_run_says_engine_digest_and_each_pattern_and_leaves_nothing_up(project: Project) -> None:
    planned = project.ok("seed", "--dry-run", "--json").json
    done = project.ok("run")
    assert re.search(r"^engine +embedded$", done.out, re.MULTILINE)
    assert planned["digest"] in done.out
    for pattern in "ABCDE":
        assert re.search(rf"^  {pattern}  .+ \d+ steps? +[\d.,]+ CU +\d+\.\d\d s  passed$", done.out, re.MULTILINE)
    assert done.out.splitlines()[-1].startswith("A B C D E passed: 5 scenarios, ")
    assert "\x1b" not in done.out
    assert project("status").code == 3
    left = {path.name for path in (project.folder / ".harness").iterdir()}
    assert left <= {".gitignore", "harness.log", "lock", "permissions"}  # what the handler asked, for `template`


def test_a_wrong_implementation_fails_with_the_evidence(project: Project) -> None:
    project.edit("scenarios/messaging/reads.py", "ScanIndexForward=False", "ScanIndexForward=True")
    done = project("run", "A", "--junit", "report.xml", "--html", "report.html")
    assert done.code == 1
    for word in ("FAILED", "expected\n", "actual\n", "Query {", "item collection\n", "MSG#"):
        assert word in done.out
    failure = ET.parse(project.folder / "report.xml").find(".//failure")
    assert failure is not None
    assert "ScanIndexForward" in (failure.text or "")
    page = (project.folder / "report.html").read_text(encoding="utf-8")
    assert '<details class="bad" open>' in page
    assert "ScanIndexForward" in page


def test_a_scenario_that_breaks_off_fails_alone(project: Project) -> None:
    project.edit("scenarios/messaging/reads.py", "def _group(", "def _nobody(")
    report = json.loads(project("run", "A", "B", "--json").out)
    assert [scenario["passed"] for scenario in report["scenarios"]] == [True, False]
    assert "NameError" in report["scenarios"][1]["error"]


def test_a_report_without_a_place_is_refused_before_the_run(project: Project) -> None:
    assert "a report can't be written to" in project.refused(2, "run", "--html", "no/such/folder/report.html")
    assert "can't be written to" in project.refused(2, "run", "--junit", ".")


def test_auto_passes_over_what_cannot_work_and_says_why(project: Project) -> None:
    done = project.ok("run", "B", "--engine", "auto", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert re.search(r"^engine +embedded$", done.out, re.MULTILINE)
    assert re.search(r"^not docker +\S.+", done.out, re.MULTILINE)


def test_run_on_containers(tmp_path: Path) -> None:
    require("docker", tmp_path)
    project = new_project(tmp_path / "app", "docker")
    assert project.ok("run", "--json").json["passed"] is True


def test_interrupted_it_cleans_up(project: Project) -> None:
    project.write("scenarios/pattern_w.py", WAITING)
    with project.start("run", "W") as process:
        assert process.stderr is not None
        while "at it" not in (line := process.stderr.readline()):
            assert line, "ended early"
        code, _, err = interrupt(process, signal.SIGTERM)
    assert code == 130
    assert "error: interrupted" in err
    assert "nothing to remove" in project.ok("down").out


WAITING = """
import signal
from harness.scenario import Run, scenario


@scenario("W", "waits")
def wait(run: Run) -> None:
    print("at it", flush=True)
    signal.pause()
"""
