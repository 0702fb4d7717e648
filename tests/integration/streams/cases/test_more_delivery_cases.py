"""Bisect with retries, several reports, and the rarer filters and windows, on real engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.streams.attached import Handler, Table, key, streamed
from tests.integration.streams.cases.test_delivery_cases import (
    _REPORTS,
    EIGHT,
    filtered,
    image,
    raising,
    reporting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.endpoint import Endpoints


@pytest.fixture
def table(engine_pair: Endpoints, tmp_path: Path) -> Iterator[Table]:
    with streamed(engine_pair, tmp_path) as made:
        yield made


def reporting_once(*names: str) -> Handler:
    """Return a handler that reports these items of its first batch, in this order."""
    left = list(names)

    def script(records: list[dict[str, Any]]) -> dict[str, Any]:
        numbers = {key(record): record["dynamodb"]["SequenceNumber"] for record in records}
        failures = [{"itemIdentifier": numbers[name]} for name in left]
        left.clear()
        return {"batchItemFailures": failures}

    return Handler(script)


def test_t28_a_single_record_uses_the_retries(table: Table) -> None:
    table.put(*EIGHT)
    handler = raising("r5")
    attached = table.deliver(handler, BatchSize=8, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True)
    assert handler.batches.count(["r5"]) == 2
    assert attached.discarded == [["r5"]]


def test_t43_the_lowest_report_counts(table: Table) -> None:
    table.put(*EIGHT)
    handler = reporting_once("r7", "r3")
    table.deliver(handler, **_REPORTS)
    assert handler.batches == [EIGHT, EIGHT[2:]]


def test_t46_what_is_behind_a_reported_record_is_lost_with_it(table: Table) -> None:
    table.put(*EIGHT)
    handler = reporting("r5")
    attached = table.deliver(handler, MaximumRetryAttempts=0, **_REPORTS)
    assert handler.batches == [EIGHT, EIGHT[4:]]
    assert attached.discarded == [EIGHT[4:]]
    assert "lost-behind-reported" in attached.cautions


def test_t47_a_report_is_cut_and_not_halved(table: Table) -> None:
    table.put(*EIGHT)
    handler = reporting_once("r5")
    table.deliver(handler, BisectBatchOnFunctionError=True, **_REPORTS)
    assert handler.batches == [EIGHT, EIGHT[4:]]


def test_t50_exists_above_the_type_is_always_false(table: Table) -> None:
    table.put("r1")
    table.put("r2", presentKey={"S": "presentValue"})
    handler = Handler()
    table.deliver(handler, **filtered(image(presentKey=[{"exists": False}])))
    assert handler.names == ["r1", "r2"]


def test_t53_the_creation_time_is_a_number(table: Table) -> None:
    table.put("r1", "r2")
    handler = Handler()
    created = {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}
    table.deliver(handler, **filtered(created))
    assert handler.names == ["r1", "r2"]


def test_t60_a_window_carries_its_state_and_ends(table: Table) -> None:
    table.put("r1", "r2")
    events: list[dict[str, Any]] = []

    class Counting(Handler):
        def __call__(self, event: dict[str, Any], _context: object) -> Any:
            events.append(event)
            return {"state": {"seen": event["state"].get("seen", 0) + len(event["Records"])}}

    table.deliver(Counting(), BatchSize=1, TumblingWindowInSeconds=900)
    assert [len(event["Records"]) for event in events] == [1, 1, 0]
    assert [event["state"] for event in events] == [{}, {"seen": 1}, {"seen": 2}]
    assert [event["isFinalInvokeForWindow"] for event in events] == [False, False, True]


def test_t61_an_answer_without_state_fails(table: Table) -> None:
    table.put("r1")
    handler = Handler()
    attached = table.deliver(handler, TumblingWindowInSeconds=900, MaximumRetryAttempts=1)
    assert handler.batches[:2] == [["r1"], ["r1"]]
    assert attached.discarded == [["r1"]]
    assert "state-missing" in attached.cautions
