"""JSON, JUnit and HTML: documents that other programs read."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.render.as_json import render_json
from harness.render.html import render_html
from harness.render.junit import render_junit
from harness.render.text import render_text
from harness.scenario import ScenarioResult, Step
from tests.unit.render.reports import FAILED, GOOD, NASTY, PASSED, report

if TYPE_CHECKING:
    from harness.report import Report

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Checks that what is opened is closed, and keeps tags and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_is_the_report() -> None:
    data = json.loads(render_json(FAILED))
    assert data["passed"] is False
    assert [scenario["passed"] for scenario in data["scenarios"]] == [True, False, False, False]
    step = data["scenarios"][1]["steps"][1]
    assert step["expected"] == f"expected {NASTY}"
    assert step["calls"][0]["request"] == {"Key": NASTY}
    assert data["loaded"]["digest"] == "ab" * 32
    assert render_json(FAILED).isascii()


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(render_junit(FAILED))
    cases = root.findall("./testsuite/testcase")
    assert root.get("tests") == str(len(cases)) == "6"
    assert root.get("failures") == str(len(root.findall(".//failure"))) == "1"
    assert root.get("errors") == str(len(root.findall(".//error"))) == "2"
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(names) == len(set(names))
    failure = root.find(".//failure")
    assert failure is not None
    for word in ("expected", "actual", "Query", "item collection", "<script>"):
        assert word in (failure.text or "")


def test_junit_of_a_pass_has_no_failure() -> None:
    root = ET.fromstring(render_junit(PASSED))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "0")


@given(st.text(max_size=30))
def test_any_text_makes_valid_xml_and_closed_html(text: str) -> None:
    step = Step(name=text or "x", passed=False, expected=text, actual=text, collection=text)
    result = ScenarioResult(pattern="A", title=text, steps=(step,), capacity=0.0, seconds=0.0, error=text or None)
    assert ET.fromstring(render_junit(report(result))).find(".//failure") is not None
    assert "script" not in {tag for tag, _ in Page(render_html(report(result))).tags}


@pytest.mark.parametrize("shown", [PASSED, FAILED])
def test_html_needs_nothing_else(shown: Report) -> None:
    text = render_html(shown)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(name in attrs for _, attrs in page.tags for name in ("src", "href", "onclick"))
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text


def test_html_opens_what_failed_and_nothing_else() -> None:
    page = Page(render_html(FAILED))
    opened = [(attrs["class"], "open" in attrs) for tag, attrs in page.tags if tag == "details"]
    assert opened == [
        ("good", False),
        ("good", False),
        ("good", False),
        ("bad", True),
        ("good", False),
        ("bad", True),
        ("bad", True),
        ("bad", True),
    ]
    for word in ("expected <script>", "actual <script>", "collection <script>", "KeyError: 'pk'", "ab" * 32):
        assert word in page.text


def test_every_report_tells_what_was_measured() -> None:
    measured = report(replace(GOOD, notes=(f"hit rate 90 % {NASTY}",)))
    for text in (
        render_text(measured),
        render_json(measured),
        render_junit(measured),
        Page(render_html(measured)).text,
    ):
        assert "hit rate 90 %" in text
