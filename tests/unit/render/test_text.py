from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO

from harness.capacity.account import Difference, Priced, Units
from harness.render.as_json import render_json
from harness.render.colour import wanted
from harness.render.html import render_html
from harness.render.text import render_text
from tests.unit.render.reports import BAD, FAILED, GOOD, LOADED, PASSED, report


class Stream(StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_a_pass_says_engine_endpoints_seed_and_a_line_for_each_scenario() -> None:
    assert render_text(PASSED).splitlines() == [
        "engine        embedded",
        "not docker    no Docker engine answers at /var/run/docker.sock",
        "dynamodb      http://127.0.0.1:8000",
        "postgres      postgresql://postgres:***@127.0.0.1:5432/cruddur",
        "seed          1 as of 2026-03-02T12:00:00.000000+00:00",
        "holds         14 users, 50 activities, 40 message groups, 1,000 messages (loaded in 0.2 s)",
        "digest        " + "ab" * 32,
        "",
        "  A  list the messages of a message group         2 steps      14.5 CU     0.12 s  passed",
        "",
        "A passed: 1 scenario, 14.5 CU, 3.2 s",
    ]


def test_a_failure_shows_expected_actual_request_and_item_collection() -> None:
    text = render_text(FAILED)
    for word in ("expected\n", "actual\n", "requests\n", "item collection\n", "Query {", "# 0.5 CU", "and 2 more"):
        assert word in text
    assert "KeyError: 'pk'" in text
    assert "it has no step, so it proves nothing" in text
    assert "1 of 2 steps" in text
    assert text.endswith("FAILED: B, C, mine (3 of 4 scenarios), 17.5 CU, 3.2 s\n")


def test_control_characters_of_the_data_do_not_reach_the_terminal() -> None:
    assert "\x00" not in render_text(FAILED, colour=True)
    assert "\x1b" not in render_text(FAILED)
    assert set(re.findall(r"\x1b\[[0-9;]*[A-Za-z]", render_text(FAILED, colour=True))) <= {
        "\x1b[0m",
        "\x1b[1m",
        "\x1b[2m",
        "\x1b[32m",
        "\x1b[1;31m",
    }


def test_without_colour_there_is_the_same_text() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", render_text(PASSED, colour=True)) == render_text(PASSED)


def test_no_scenario_is_no_pass() -> None:
    assert render_text(report()).endswith("FAILED: no scenario ran\n")


def test_a_second_load_says_that_nothing_was_written() -> None:
    again = replace(PASSED, loaded=replace(LOADED, changed=False))
    assert "(already there, nothing written)" in render_text(again)


def test_one_request_is_not_called_requests() -> None:
    step = replace(BAD.steps[1], calls=BAD.steps[1].calls[:1])
    assert "\n       request\n" in render_text(report(replace(BAD, steps=(step,))))


def test_colour_is_for_terminals_and_not_where_it_is_unwanted() -> None:
    assert wanted(Stream(terminal=True), {"TERM": "xterm"})
    assert wanted(Stream(terminal=True), {"NO_COLOR": ""})
    assert not wanted(Stream(terminal=True), {"NO_COLOR": "1"})
    assert not wanted(Stream(terminal=True), {"TERM": "dumb"})
    assert not wanted(Stream(terminal=False), {})


UNITS = Units(
    read=1.5,
    write=1.0,
    reported=9.0,
    differences=(
        Difference(operation="Query", computed=1.5, reported=0.5, times=3, explanation="MiniStack counts so."),
        Difference(operation="PutItem", computed=1.0, reported=7.0, times=2, explanation=None),
    ),
    unknown=(("PartiQL", 4),),
    priced=(Priced(what="a page", read=1.5, write=0.0), Priced(what="a message", read=0.5, write=1.0)),
)


def test_prices_and_what_nobody_can_explain_are_told() -> None:
    lines = render_text(report(replace(GOOD, units=UNITS))).splitlines()
    assert lines[-7:] == [
        "     PutItem x 2: AWS's rules give 1.0 units, the engine reported 7.0",
        "",
        "a million of each on demand (us-east-1 since 2024-11-01, https://example.com)",
        "  A  a page     1.50 read, 0.00 write units  $0.19",
        "  A  a message  0.50 read, 1.00 write units  $0.69",
        "",
        "A passed: 1 scenario, 14.5 CU, 3.2 s",
    ]


def test_html_and_json_tell_all_of_it() -> None:
    page, data = render_html(report(replace(GOOD, units=UNITS))), render_json(report(replace(GOOD, units=UNITS)))
    for words in ("MiniStack counts so.", "not counted: PartiQL (x 4)", "<td>$0.19</td>", "1.5 read, 1.0 write units"):
        assert words in page
    (scenario,) = json.loads(data)["scenarios"]
    assert scenario["a_million"] == {"a page": 0.1875, "a message": 0.6875}
    assert scenario["units"]["differences"][0]["explanation"] == "MiniStack counts so."
