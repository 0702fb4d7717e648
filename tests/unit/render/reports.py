"""Reports for the renderers' tests: one that passed, one that failed in every way there is."""

from __future__ import annotations

from harness.prices import Prices
from harness.report import Loaded, Report
from harness.scenario import Call, ScenarioResult, Step

#: What must never be taken for markup, and what no XML reader and no terminal should be handed.
NASTY = '<script>alert("1")</script> & \' ]]> \x1b[2J\x00 déjà vu 🐍'

LOADED = Loaded(
    seed=1,
    as_of="2026-03-02T12:00:00.000000+00:00",
    digest="ab" * 32,
    counts={"users": 14, "activities": 50, "message_groups": 40, "messages": 1000},
    changed=True,
    seconds=0.25,
)
PRICES = Prices(read=0.125, write=0.625, region="us-east-1", as_of="2024-11-01", source="https://example.com")
CALL = Call(operation="Query", request={"TableName": "cruddur-messages", "Limit": 21}, capacity=1.5)
GOOD = ScenarioResult(
    pattern="A",
    title="list the messages of a message group",
    steps=(Step(name="newest first", passed=True, calls=(CALL,)), Step(name="an unknown group is empty", passed=True)),
    capacity=14.5,
    seconds=0.125,
)
BAD = ScenarioResult(
    pattern="B",
    title=f"list {NASTY}",
    steps=(
        Step(name="holds", passed=True),
        Step(
            name=f"newest first {NASTY}",
            passed=False,
            expected=f"expected {NASTY}",
            actual=f"actual {NASTY}",
            calls=(Call(operation="Query", request={"Key": NASTY}, capacity=0.5), *[CALL] * 6),
            collection=f"collection {NASTY}",
        ),
    ),
    capacity=3.0,
    seconds=0.5,
)
BROKEN = ScenarioResult(
    pattern="C", title="create", steps=(), capacity=0.0, seconds=0.1, error="Traceback …\nKeyError: 'pk'"
)
EMPTY = ScenarioResult(pattern="mine", title="says nothing", steps=(), capacity=0.0, seconds=0.0)


def report(*scenarios: ScenarioResult) -> Report:
    return Report(
        engine="embedded",
        passed_over=(("docker", "no Docker engine answers at /var/run/docker.sock"),),
        endpoints={"dynamodb": "http://127.0.0.1:8000", "postgres": "postgresql://postgres:***@127.0.0.1:5432/cruddur"},
        loaded=LOADED,
        scenarios=scenarios,
        prices=PRICES,
        started_at="2026-11-22T10:00:00.000000+00:00",
        seconds=3.25,
    )


PASSED = report(GOOD)
FAILED = report(GOOD, BAD, BROKEN, EMPTY)
