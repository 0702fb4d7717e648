"""What a function returns, and what it means: the whole table."""

from __future__ import annotations

from typing import Any

import pytest

from harness.streams.delivery.verdict import Judgement, judge
from harness.streams.invocation import Invocation, Tumble, Window
from tests.unit.streams.delivery.play import error, play, record, records, returned, throttled


def verdict(response: Any, *, reporting: bool = True, tumble: Tumble | None = None, last: int = 3) -> Judgement:
    some = tuple(records(1, last))
    call = Invocation(lane=0, shard_id="s", records=some, attempt=1, tumble=tumble)
    return judge(call, returned(response), reporting=reporting)


def entries(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@pytest.mark.parametrize(
    "response", [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}, {"statusCode": 200}]
)
def test_t40_nothing_reported_is_a_success(response: Any) -> None:
    assert verdict(response) == Judgement(verdict="success", handled=3)


@pytest.mark.parametrize(
    "response",
    [
        entries(""),
        entries(None),
        {"batchItemFailures": [{"foo": 123}]},
        {"batchItemFailures": [{"foo": None}]},
        entries(123),
        entries([]),
        entries("9"),
        entries(f"{2:021}", "9"),
        {"batchItemFailures": [f"{2:021}"]},
    ],
)
def test_t41_what_names_no_record_fails_the_whole_batch(response: Any) -> None:
    judged = verdict(response)
    assert (judged.verdict, judged.handled, judged.reported) == ("failure", 0, frozenset())
    assert [caution.code for caution in judged.cautions] == ["unknown-identifier"]


def test_t41_such_a_batch_is_retried_and_discarded_without_a_function_error() -> None:
    run = play(lambda _: returned(entries("")), records(1, 2), reporting=True, maximum_retry_attempts=3)
    assert (run.invokes, run.discarded) == ("1-2 1-2 1-2 1-2", "1-2(4)")
    assert (run.discards[0].function_error, run.discards[0].request_id) == (None, "r")


@pytest.mark.parametrize(
    ("identifiers", "expected", "handled"),
    [((3,), "partial", 2), ((3, 2), "partial", 1), ((1,), "failure", 0), ((3, 1), "failure", 0)],
)
def test_the_lowest_reported_record_decides(identifiers: tuple[int, ...], expected: str, handled: int) -> None:
    judged = verdict(entries(*(f"{number:021}" for number in identifiers)))
    assert (judged.verdict, judged.handled) == (expected, handled)
    assert {int(number) for number in judged.reported} == set(identifiers)


def test_of_a_record_that_is_in_the_batch_twice_the_first_counts() -> None:
    some = (record(1), record(2), record(3), record(2))
    call = Invocation(lane=0, shard_id="s", records=some, attempt=1)
    assert judge(call, returned(entries(f"{2:021}")), reporting=True).handled == 1


@pytest.mark.parametrize(
    "response", ["ok", 5, 0, False, True, [1], {"batchItemFailures": "1"}, {"batchItemFailures": {}}]
)
def test_an_undocumented_shape_is_a_success_with_a_caution(response: Any) -> None:
    judged = verdict(response)
    assert (judged.verdict, [caution.code for caution in judged.cautions]) == ("success", ["response-shape"])


def test_keys_in_other_letters_are_not_understood_and_warned_of() -> None:
    outer = verdict({"BatchItemFailures": [{"ItemIdentifier": f"{2:021}"}]})
    inner = verdict({"batchItemFailures": [{"ItemIdentifier": f"{2:021}"}]})
    assert (outer.verdict, inner.verdict) == ("success", "failure")
    assert [caution.code for caution in (*outer.cautions, *inner.cautions)] == ["response-letter-case"] * 2
    assert "'ItemIdentifier'" in inner.cautions[0].text


@pytest.mark.parametrize("response", [None, "ok", [1], {"batchItemFailures": "x"}, entries()])
def test_without_the_feature_any_body_is_a_success(response: Any) -> None:
    assert verdict(response, reporting=False) == Judgement(verdict="success", handled=3)


def test_errors_and_calls_that_were_none() -> None:
    call = Invocation(lane=0, shard_id="s", records=tuple(records(1, 3)), attempt=1)
    assert judge(call, error(), reporting=True).verdict == "function_error"
    assert judge(call, throttled(), reporting=True).verdict == "waiting"


TUMBLE = Tumble(window=Window(start=0, end=30), state={})


@pytest.mark.parametrize("response", [None, {}, {"state": None}, "ok", [], entries(f"{2:021}")])
@pytest.mark.parametrize("reporting", [True, False])
def test_t61_a_window_demands_a_state(response: Any, reporting: bool) -> None:  # noqa: FBT001
    judged = verdict(response, reporting=reporting, tumble=TUMBLE)
    assert (judged.verdict, judged.handled) == ("failure", 0)
    assert [caution.code for caution in judged.cautions] == ["state-missing"]


def test_state_and_failures_go_together() -> None:
    judged = verdict({"state": {"n": 1}, **entries(f"{2:021}")}, tumble=TUMBLE)
    assert (judged.verdict, judged.handled, judged.state) == ("partial", 1, {"n": 1})
    assert verdict({"state": {}}, tumble=TUMBLE, reporting=False).verdict == "success"


def test_the_documented_key_counts_where_both_spellings_are_there() -> None:
    both = {"batchItemFailures": None, "BatchItemFailures": [{"itemIdentifier": f"{2:021}"}]}
    assert verdict(both) == Judgement(verdict="success", handled=3)
