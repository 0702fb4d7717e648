"""Findings for a terminal, as SARIF, and the list of codes."""

from __future__ import annotations

import json
import re

from harness.diagnosis.check import Check
from harness.diagnosis.diagnosis import Diagnosis
from harness.diagnosis.finding import Edit, Evidence, Finding
from harness.diagnosis.registry import all_checks
from harness.project.place import Place
from harness.rehearsal.results import NotDone
from harness.render.code_book import render_check, render_code_book, render_code_list
from harness.render.findings import render_findings
from harness.render.sarif import render_sarif

FINDING = Finding(
    code="APP104",
    severity="error",
    title="The token has not expired",
    cause="It expired at noon, " + "a long time ago, " * 10 + "and that is why.",
    evidence=(
        Evidence(text="GET /api/message_groups → 401", place=Place(path="lib/who.py", line=7)),
        *(Evidence(text=f"row {n}\x1b[31m") for n in range(9)),
    ),
    place=Place(path="app.py", line=3),
    advice="Sign in again.",
    edits=(Edit(path="app.py", first=3, last=3, new="\n"),),
)
NOTE = Finding(code="APP202", severity="note", title="t", cause="c", evidence=(), place=None, advice="a", edits=())


def diagnosis(*findings: Finding) -> Diagnosis:
    return Diagnosis(
        subject="/p", findings=findings, not_done=(NotDone(what="bin/ddb/seed", why="no boto3"),), seconds=1.23
    )


def test_a_finding_is_told_with_place_cause_evidence_and_cure() -> None:
    text = render_findings(diagnosis(FINDING))
    assert text.startswith("APP104  error   The token has not expired   app.py:3\n        because   It expired")
    assert "        seen      lib/who.py:7  GET /api/message_groups → 401\n" in text
    assert "        mend      Sign in again.   [--fix does it]\n" in text
    assert "… and 6 more, in --json" in text
    assert "not looked at: bin/ddb/seed: no boto3" in text
    assert text.endswith("1 error (--fix mends 1) in /p, 1.2 s\n")


def test_lines_fit_a_terminal_and_carry_no_control_characters() -> None:
    text = render_findings(diagnosis(FINDING))
    assert max(len(line) for line in text.splitlines()) <= 130
    assert "\x1b" not in text


def test_only_errors_make_a_patient_ill() -> None:
    assert diagnosis(NOTE).healthy
    assert not diagnosis(NOTE, FINDING).healthy
    assert "nothing is wrong in /p" in render_findings(diagnosis())


def test_json_has_everything() -> None:
    document = json.loads(json.dumps(diagnosis(FINDING).to_dict()))
    (finding,) = document["findings"]
    assert finding["fixable"]
    assert finding["place"] == {"path": "app.py", "line": 3}
    assert len(finding["evidence"]) == 10
    assert document["not_done"] == [{"what": "bin/ddb/seed", "why": "no boto3"}]


def test_sarif_points_at_the_line() -> None:
    (run,) = json.loads(render_sarif(diagnosis(FINDING, NOTE), all_checks(), version="1"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["APP104", "APP202"]
    first, second = run["results"]
    assert (first["ruleId"], rules[first["ruleIndex"]], first["level"]) == ("APP104", "APP104", "error")
    (where,) = first["locations"]
    assert where["physicalLocation"]["artifactLocation"]["uri"] == "app.py"
    assert where["physicalLocation"]["region"] == {"startLine": 3}
    assert second["locations"] == []
    assert (second["ruleId"], rules[second["ruleIndex"]], second["level"]) == ("APP202", "APP202", "note")


def test_the_code_book_has_a_section_for_each_code() -> None:
    book = render_code_book(all_checks().values())
    assert re.findall(r"^### (\w+)$", book, re.MULTILINE) == sorted(
        all_checks(), key=lambda code: (list(Check.FAMILIES).index(re.sub(r"\d", "", code)), code)
    )


def test_every_code_explains_itself_in_a_terminal() -> None:
    listed = render_code_list(all_checks().values()).splitlines()
    assert [line.split()[0] for line in listed] == list(all_checks())
    for each in all_checks().values():
        assert each.title in render_check(each)
