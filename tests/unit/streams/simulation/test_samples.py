"""Ready-made events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.streams.delivery.shard import ShardDelivery
from harness.streams.emulation import Emulation
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.record import Record
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


MAPPING = EventSourceMapping(
    uuid="u",
    event_source_arn="arn:aws:dynamodb:eu-west-1:999999999999:table/t/stream/2026-11-22T01:51:58.702",
    function_name="f",
    starting_position="TRIM_HORIZON",
)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mappings_sample_is_the_first_event_that_it_delivers(name: str) -> None:
    """Delivered for real, from a stream that holds the sample's records."""
    mapping = replace(MAPPING, tumbling_window_in_seconds=300)
    sample = sample_event(name, region="eu-west-1", mapping=mapping)
    records = [Record.of(sample["shardId"], record) for record in sample["Records"]]
    shard = ShardDelivery(
        mapping, Emulation(), shard_id=sample["shardId"], passes=lambda _: True, opened_at=records[0].created_at
    )
    shard.accept(records, records[0].created_at)
    [call] = shard.decide(records[0].created_at).invocations
    assert sample == call.event(mapping.event_source_arn)
    assert sample["window"] == {"start": "2026-03-02T12:00:00Z", "end": "2026-03-02T12:05:00Z"}
    assert {record["eventSourceARN"] for record in sample["Records"]} == {mapping.event_source_arn}


def test_a_mapping_without_windows_adds_nothing() -> None:
    assert [*sample_event("insert", mapping=MAPPING)] == ["Records"]


def test_every_sample_is_tried() -> None:
    assert set(SAMPLES) == {"insert", "modify", "remove", "ttl", "all"}


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="no sample is called 'inserts'") as caught:
        sample_event("inserts")
    assert "insert" in caught.value.hint
