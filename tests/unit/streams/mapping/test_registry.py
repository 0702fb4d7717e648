from __future__ import annotations

from typing import Any

import pytest

from harness.errors import UsageError
from harness.streams.clock import SimulatedClock
from harness.streams.mapping.errors import ApiError
from harness.streams.mapping.registry import Registry
from tests.unit.streams.mapping.requests import QUEUE, STREAM, UUID, filters, request

OTHER = STREAM.replace("messages", "groups")


class World:
    """Streams and functions that come and go, and the control plane over them."""

    def __init__(self) -> None:
        self.streams = {STREAM, OTHER}
        self.functions = {"resender", "counter"}
        self.clock = SimulatedClock(1_762_077_600.0)
        self.registry = Registry(
            clock=self.clock,
            stream_exists=lambda arn: arn in self.streams,
            function_exists=lambda name: name in self.functions,
        )

    def refused(self, **changes: Any) -> ApiError:
        with pytest.raises(ApiError) as caught:
            self.registry.create(request(**changes))
        return caught.value


@pytest.fixture
def world() -> World:
    return World()


def test_t64_create_with_defaults(world: World) -> None:
    created = world.registry.create(request(), uuid=UUID)
    described = {
        "UUID": UUID,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{UUID}",
        "EventSourceArn": STREAM,
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:resender",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "BisectBatchOnFunctionError": False,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "TumblingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "DestinationConfig": {"OnFailure": {}},
        "LastModified": 1_762_077_600.0,
        "LastProcessingResult": "No records processed",
        "State": "Creating",
        "StateTransitionReason": "User action",
    }
    assert created == described
    assert world.registry.get(UUID) == described | {"State": "Enabled"}


def test_t64_create_disabled(world: World) -> None:
    assert world.registry.create(request(Enabled=False), uuid=UUID)["State"] == "Creating"
    assert world.registry.get(UUID)["State"] == "Disabled"


def test_what_was_asked_for_is_described(world: World) -> None:
    pattern = '{"eventName": ["INSERT"]}'
    created = world.registry.create(
        request(
            FunctionName="resender:live",
            FilterCriteria=filters(pattern),
            DestinationConfig={"OnFailure": {"Destination": QUEUE}},
            MetricsConfig={"Metrics": ["EventCount"]},
            FunctionResponseTypes=["ReportBatchItemFailures"],
            Tags={"team": "chat"},
        )
    )
    assert created["FunctionArn"].endswith(":function:resender:live")
    assert created["FilterCriteria"] == {"Filters": [{"Pattern": pattern}]}
    assert created["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}
    assert created["MetricsConfig"] == {"Metrics": ["EventCount"]}
    assert created["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert {"Tags", "FunctionName", "Enabled", "KMSKeyArn"} & created.keys() == set()


@pytest.mark.parametrize("criteria", [{}, {"Filters": []}])
def test_empty_criteria_are_accepted_and_not_echoed(world: World, criteria: dict[str, Any]) -> None:
    assert "FilterCriteria" not in world.registry.create(request(FilterCriteria=criteria))


def test_t65_create_twice(world: World) -> None:
    world.registry.create(request(), uuid=UUID)
    error = world.refused(BatchSize=1)
    assert (error.code, error.status) == ("ResourceConflictException", 409)
    assert error.message == (
        f'The event source arn (" {STREAM} ") and function (" resender ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {UUID}"
    )
    named_otherwise = "arn:aws:lambda:us-east-1:123456789012:function:resender"
    assert world.refused(FunctionName=named_otherwise).status == 409
    assert len(world.registry.list()) == 1


def test_t65_another_function_alias_or_stream_is_no_conflict(world: World) -> None:
    for changes in ({}, {"FunctionName": "counter"}, {"FunctionName": "resender:live"}, {"EventSourceArn": OTHER}):
        world.registry.create(request(**changes))
    assert len({mapping["UUID"] for mapping in world.registry.list()}) == 4


def test_t65_update_to_a_pair_that_is_there(world: World) -> None:
    first = world.registry.create(request())["UUID"]
    second = world.registry.create(request(FunctionName="counter"))["UUID"]
    with pytest.raises(ApiError, match=f"existing mapping with UUID {first}"):
        world.registry.update(second, {"FunctionName": "resender"})
    assert world.registry.get(second)["FunctionArn"].endswith(":counter")
    world.registry.update(second, {"FunctionName": "counter"})


def test_t66_unknown_stream(world: World) -> None:
    world.streams.remove(STREAM)
    error = world.refused()
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == f"Stream not found: {STREAM}"
    assert world.registry.list() == []


def test_unknown_function(world: World) -> None:
    error = world.refused(FunctionName="nobody")
    assert (error.code, error.status, error.message) == (
        "InvalidParameterValueException",
        400,
        "Function does not exist",
    )
    uuid = world.registry.create(request())["UUID"]
    with pytest.raises(ApiError, match="Function does not exist"):
        world.registry.update(uuid, {"FunctionName": "nobody"})


def test_a_uuid_that_nobody_has(world: World) -> None:
    calls = (world.registry.get, world.registry.delete, world.registry.mapping)
    for call in (*calls, lambda uuid: world.registry.update(uuid, {"BatchSize": 0})):
        with pytest.raises(ApiError) as caught:
            call(UUID)
        assert (caught.value.code, caught.value.status) == ("ResourceNotFoundException", 404)
        assert caught.value.message == "The resource you requested does not exist."


@pytest.mark.parametrize(
    ("changes", "on_the_way", "then"),
    [
        ({"Enabled": False}, "Disabling", "Disabled"),
        ({"BatchSize": 5}, "Updating", "Enabled"),
        ({"Enabled": True}, "Updating", "Enabled"),
        ({"Enabled": False, "BatchSize": 5}, "Disabling", "Disabled"),
    ],
)
def test_an_update_goes_through_its_state(world: World, changes: dict[str, Any], on_the_way: str, then: str) -> None:
    uuid = world.registry.create(request())["UUID"]
    world.clock.wait(60)
    updated = world.registry.update(uuid, changes)
    assert (updated["State"], updated["StateTransitionReason"]) == (on_the_way, "User action")
    assert updated["LastModified"] == 1_762_077_660.0
    assert world.registry.get(uuid) == updated | {"State": then}
    assert world.registry.mapping(uuid).enabled == (then == "Enabled")


def test_a_disabled_mapping_is_switched_on_again(world: World) -> None:
    uuid = world.registry.create(request(Enabled=False))["UUID"]
    assert world.registry.update(uuid, {"BatchSize": 5})["State"] == "Updating"
    assert world.registry.get(uuid)["State"] == "Disabled"
    assert world.registry.update(uuid, {"Enabled": True})["State"] == "Enabling"
    assert world.registry.get(uuid)["State"] == "Enabled"


def test_delete_answers_once_and_then_it_is_gone(world: World) -> None:
    uuid = world.registry.create(request())["UUID"]
    assert world.registry.delete(uuid)["State"] == "Deleting"
    with pytest.raises(ApiError, match="does not exist"):
        world.registry.get(uuid)
    assert world.registry.list() == []


def test_one_made_again_begins_anew_and_one_of_another_process_does_not(world: World) -> None:
    first = world.registry.create(request())["UUID"]
    world.registry.delete(first)
    second = world.registry.create(request())["UUID"]
    assert second != first
    restarted = World().registry
    assert restarted.create(request())["UUID"] == first


def test_a_uuid_is_given_away_once(world: World) -> None:
    world.registry.create(request(), uuid=UUID)
    with pytest.raises(UsageError, match="already"):
        world.registry.create(request(FunctionName="counter"), uuid=UUID)


def test_a_mapping_outlives_its_function_and_its_table(world: World) -> None:
    uuid = world.registry.create(request())["UUID"]
    world.functions.clear()
    world.streams.clear()
    assert [mapping["State"] for mapping in world.registry.list()] == ["Enabled"]
    assert world.registry.update(uuid, {"BatchSize": 5})["BatchSize"] == 5
    assert world.registry.delete(uuid)["UUID"] == uuid


def test_a_table_made_anew_is_another_stream(world: World) -> None:
    again = STREAM.replace("10:00", "11:00")
    world.streams.add(again)
    uuids = {world.registry.create(request(EventSourceArn=arn))["UUID"] for arn in (STREAM, again)}
    assert len(uuids) == 2


def test_list_by_stream_and_by_function(world: World) -> None:
    for arn in (STREAM, OTHER):
        for function in ("resender", "counter", "counter:live"):
            world.registry.create(request(EventSourceArn=arn, FunctionName=function))
    assert len(world.registry.list()) == 6
    assert len(world.registry.list(event_source_arn=OTHER)) == 3
    assert len(world.registry.list(function_name="counter")) == 2
    (one,) = world.registry.list(event_source_arn=STREAM, function_name="counter:live")
    assert one["FunctionArn"].endswith(":counter:live")
    assert world.registry.list(function_name="nobody") == []
    with pytest.raises(ApiError, match="functionName"):
        world.registry.list(function_name="a b")


def test_the_last_result_is_shown_and_kept_by_an_update(world: World) -> None:
    uuid = world.registry.create(request())["UUID"]
    world.registry.processed(uuid, "PROBLEM: Function call failed")
    assert world.registry.get(uuid)["LastProcessingResult"] == "PROBLEM: Function call failed"
    assert world.registry.update(uuid, {"BatchSize": 2})["LastProcessingResult"] == "PROBLEM: Function call failed"
    world.registry.processed(uuid, "OK")
    assert world.registry.get(uuid)["LastProcessingResult"] == "OK"
    assert world.registry.get(uuid)["LastModified"] == 1_762_077_600.0, "a result changes no setting"
    world.registry.delete(uuid)
    world.registry.processed(uuid, "OK")
