"""There and back: boto3's shape, Lambda's, and boto3's again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.streams.event import Source, to_lambda_event, to_lambda_record
from harness.streams.simulation.lambda_shape import to_stream_record
from harness.streams.simulation.record_checks import record_complaints
from harness.streams.simulation.records import IMAGES, change

AT = datetime(2026, 11, 22, 1, 51, 58, tzinfo=UTC)
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-11-22T01:51:58.702"
SOURCE = Source(arn=ARN, region="eu-west-1")

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.one_of(
    st.integers(-(10**37), 10**37).map(str),
    st.decimals(places=4, min_value=-1000, max_value=1000, allow_nan=False).map(str),
)
SCALARS = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": number}),
    st.binary(max_size=8).map(lambda content: {"B": content}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda found: {"SS": found}),
    st.lists(st.integers(-99, 99), min_size=1, max_size=3, unique=True).map(lambda found: {"NS": [*map(str, found)]}),
    st.lists(st.binary(max_size=3), min_size=1, max_size=3, unique=True).map(lambda found: {"BS": found}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: {"L": found}),
        st.dictionaries(TEXTS, inner, max_size=3).map(lambda found: {"M": found}),
    ),
    max_leaves=6,
)
IMAGE = st.one_of(st.none(), st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any] | None:
    """Draw what a table's stream can hold."""
    key = {"pk": draw(st.one_of(st.text("xyz", min_size=1).map(lambda text: {"S": text}), st.just({"B": b"\xff"})))}
    before, after = (None if image is None else image | key for image in (draw(IMAGE), draw(IMAGE)))
    return change(
        before,
        after,
        keys=("pk",),
        view_type=draw(st.sampled_from([*IMAGES])),
        at=datetime.fromtimestamp(draw(st.integers(0, 4_000_000_000)), UTC),
        sequence_number=str(draw(st.integers(10**20, 10**40 - 1))),
        region="eu-west-1",
        by_ttl=after is None and draw(st.booleans()),
    )


@given(records())
def test_one_is_the_inverse_of_the_other(record: dict[str, Any] | None) -> None:
    if record is not None:
        shown = to_lambda_record(record, SOURCE, seen_at=AT)
        assert to_stream_record(shown) == record
        assert to_lambda_record(to_stream_record(shown), SOURCE, seen_at=AT) == shown
        (parsed,) = to_lambda_event([record], SOURCE, seen_at=AT)["Records"]
        assert to_stream_record(parsed) == record
        assert list(record_complaints(parsed)) == []


def test_the_instant_is_aware_and_binary_is_bytes() -> None:
    record = change(None, {"pk": {"B": b"\xfb"}}, keys=("pk",), view_type="NEW_IMAGE", at=AT, sequence_number="1" * 21)
    assert record is not None
    back = to_stream_record(to_lambda_record(record, SOURCE, seen_at=AT))["dynamodb"]
    assert back["ApproximateCreationDateTime"].tzinfo is not None
    assert back["Keys"] == {"pk": {"B": b"\xfb"}}


def test_what_comes_back_shares_nothing() -> None:
    item: dict[str, Any] = {"pk": {"S": "a"}, "s": {"SS": ["x"]}, "l": {"L": [{"M": {}}]}}
    record = change(None, item, keys=("pk",), view_type="NEW_IMAGE", at=AT, sequence_number="1" * 21)
    assert record is not None
    shown = to_lambda_record(record, SOURCE, seen_at=AT)
    back = to_stream_record(shown)["dynamodb"]["NewImage"]
    back["s"]["SS"].append("y")
    back["l"]["L"].append({"S": "y"})
    assert shown["dynamodb"]["NewImage"] == item
