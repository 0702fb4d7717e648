"""Records without an engine."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest

from harness.errors import UsageError
from harness.streams.event import Source, to_lambda_event
from harness.streams.simulation.records import IMAGES, change, item_of, numbers, renumber

AT = datetime(2026, 11, 22, 1, 51, 58, 702_000, tzinfo=UTC)
SOURCE = Source(arn="arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-11-22T01:51:58.702")
A1: dict[str, Any] = {"pk": {"S": "a"}, "n": {"N": "1"}}
A2: dict[str, Any] = {"pk": {"S": "a"}, "n": {"N": "2"}}


def make(before: Any, after: Any, **options: Any) -> dict[str, Any] | None:
    given: dict[str, Any] = {"keys": ("pk",), "view_type": "NEW_AND_OLD_IMAGES", "at": AT, "sequence_number": "7" * 21}
    return change(before, after, **(given | options))


def test_whole_record() -> None:
    record = make(A1, A2, region="eu-west-1")
    assert record is not None
    assert re.fullmatch(r"[0-9a-f]{32}", record.pop("eventID"))
    assert record == {
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime(2026, 11, 22, 1, 51, 58, tzinfo=UTC),
            "Keys": {"pk": {"S": "a"}},
            "NewImage": A2,
            "OldImage": A1,
            "SequenceNumber": "7" * 21,
            "SizeBytes": 3 + 6 + 6,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


@pytest.mark.parametrize("view", IMAGES)
@pytest.mark.parametrize(("before", "after"), [(None, A1), (A1, A2), (A1, None)])
def test_reaches_the_handler_as_lambda_shows_it(view: str, before: Any, after: Any) -> None:
    record = make(before, after, view_type=view, region="eu-west-1")
    assert record is not None
    (shown,) = to_lambda_event([record], SOURCE, seen_at=AT + timedelta(days=1))["Records"]
    assert shown["dynamodb"]["SizeBytes"] == record["dynamodb"]["SizeBytes"]
    assert shown["dynamodb"]["ApproximateCreationDateTime"] == 1795312318.0
    assert (shown["awsRegion"], shown["eventID"]) == ("eu-west-1", record["eventID"])
    assert set(shown) == {*record, "eventSourceARN"}
    assert set(shown["dynamodb"]) == set(record["dynamodb"])


@pytest.mark.parametrize(
    ("before", "after"), [(None, None), (A1, A1), (A1, {"n": {"N": "1.0"}, "pk": {"S": "a"}}), (A1, dict(A1))]
)
def test_no_change_no_record(before: Any, after: Any) -> None:
    assert make(before, after) is None


def test_numbers_and_sets_are_kept_as_dynamodb_does() -> None:
    record = make(None, A1 | {"l": {"L": [{"N": "00012"}]}, "s": {"SS": ["b", "a"]}, "n": {"N": "1e3"}})
    assert record is not None
    image = record["dynamodb"]["NewImage"]
    assert (image["l"], image["s"], image["n"]) == ({"L": [{"N": "12"}]}, {"SS": ["a", "b"]}, {"N": "1000"})


def test_record_shares_nothing_with_the_item() -> None:
    item: dict[str, Any] = {"pk": {"S": "a"}, "l": {"L": [{"S": "x"}]}}
    record = make(None, item)
    item["l"]["L"][0]["S"] = "changed"
    assert record is not None
    assert record["dynamodb"]["NewImage"]["l"] == {"L": [{"S": "x"}]}


def test_time_to_live_signs_its_deletions() -> None:
    record = make(A1, None, by_ttl=True)
    assert record is not None
    assert record["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    (shown,) = to_lambda_event([record], SOURCE, seen_at=AT)["Records"]
    assert shown["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def test_ids_are_the_same_for_the_same_record_only() -> None:
    def made(**options: Any) -> str:
        record = make(None, A1, **options)
        assert record is not None
        return str(record["eventID"])

    assert made() == made() == made(at=AT + timedelta(hours=1))
    assert made() != made(sequence_number="8" * 21)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, {"n": {"N": "1"}}, "item.pk, its key, is missing"),
        (None, {"pk": {"S": ""}}, "item.pk, its key, is neither"),
        (None, {"pk": {"BOOL": True}}, "item.pk, its key, is neither"),
        (None, ["pk"], "item should be an object"),
        (None, {"pk": "a"}, "item.pk should be one typed value"),
        (None, A1 | {"n": {"N": 1}}, "item.n.N should be a number"),
        (A1, {"pk": {"S": "b"}}, "can't change the key"),
    ],
)
def test_what_dynamodb_would_refuse_is_refused(before: Any, after: Any, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        make(before, after)


def test_numbers_rise_as_numbers_through_a_change_of_length() -> None:
    found = list(islice(numbers(10**21 - 2_000), 5))
    assert {len(number) for number in found} == {21, 22}
    assert sorted(found) != found
    assert all(int(one) + 1 < int(two) for one, two in pairwise(found))
    assert next(numbers(1)) == "000000000000000000001"


def test_renumbered_records_keep_all_else() -> None:
    first, second = (make(None, A1, sequence_number=str(number) * 21) for number in (1, 2))
    assert first is not None
    assert second is not None
    swapped = renumber([second, first], first=10**21)
    assert [record["dynamodb"]["SequenceNumber"] for record in swapped] == [str(10**21), str(10**21 + 1_009)]
    assert [record["eventID"] for record in swapped] == [second["eventID"], first["eventID"]]
    assert first["dynamodb"]["SequenceNumber"] == "1" * 21


def test_item_of_a_record_with_a_binary_key() -> None:
    record = make(None, {"pk": {"B": b"foobar"}, "sk": {"N": "1"}}, keys=("pk", "sk"))
    assert record is not None
    assert item_of(record) == '{"pk":{"B":"Zm9vYmFy"},"sk":{"N":"1"}}'
