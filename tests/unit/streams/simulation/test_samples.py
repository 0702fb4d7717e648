"""Ready-made events."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.streams.simulation.record_checks import record_complaints
from harness.streams.simulation.records import IMAGES, ViewType
from harness.streams.simulation.samples import SAMPLES, sample_event


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("insert", ["INSERT"]),
        ("modify", ["MODIFY"]),
        ("remove", ["REMOVE"]),
        ("ttl", ["REMOVE"]),
        ("all", ["INSERT", "MODIFY", "REMOVE", "REMOVE"]),
    ],
)
@pytest.mark.parametrize("view", IMAGES)
def test_samples_are_what_they_are_called(name: str, names: list[str], view: ViewType) -> None:
    records = sample_event(name, view_type=view, region="eu-west-1")["Records"]
    assert [record["eventName"] for record in records] == names
    assert ("userIdentity" in records[-1]) == (name in {"ttl", "all"})
    assert [complaint for record in records for complaint in record_complaints(record)] == []


def test_the_streams_arn_names_the_table_that_is_asked_for() -> None:
    arns = [record["eventSourceARN"] for record in sample_event("all", table="t")["Records"]]
    assert set(arns) == {"arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-03-02T00:00:00.000"}


def test_every_sample_is_tried() -> None:
    assert set(SAMPLES) == {"insert", "modify", "remove", "ttl", "all"}


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="no sample is called 'inserts'") as caught:
        sample_event("inserts")
    assert "insert" in caught.value.hint
