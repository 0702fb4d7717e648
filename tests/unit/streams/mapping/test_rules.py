from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.streams.mapping import constraints
from harness.streams.mapping.errors import ApiError
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.mapping.names import FunctionReference, mapping_uuid
from harness.streams.mapping.rules import cautions, create, request_of, update
from tests.unit.streams.mapping.requests import QUEUE, STREAM, UUID, filters, request


def refused(**changes: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        create(request(**changes), uuid=UUID)
    return caught.value


def unusable(**changes: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        create(request(**changes), uuid=UUID)
    return caught.value


def violation(value: str, path: str, rule: str) -> str:
    return f"1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {rule}"


def test_what_is_not_said_has_awss_default() -> None:
    mapping = create(request(), uuid=UUID)
    assert mapping == EventSourceMapping(
        uuid=UUID, event_source_arn=STREAM, function_name="resender", starting_position="TRIM_HORIZON"
    )
    assert (mapping.enabled, mapping.batch_size, mapping.maximum_batching_window_in_seconds) == (True, 100, 0)
    assert (mapping.parallelization_factor, mapping.tumbling_window_in_seconds) == (1, 0)
    assert (mapping.maximum_retry_attempts, mapping.maximum_record_age_in_seconds) == (-1, -1)
    assert not mapping.bisect_batch_on_function_error


def test_every_parameter_arrives() -> None:
    everything = {
        "Enabled": False,
        "BatchSize": 7,
        "MaximumBatchingWindowInSeconds": 3,
        "ParallelizationFactor": 2,
        "MaximumRetryAttempts": 4,
        "MaximumRecordAgeInSeconds": 61,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": filters('{"eventName": ["INSERT"]}'),
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "Tags": {"team": "chat"},
        "TumblingWindowInSeconds": 0,
    }
    mapping = create(request(**everything), uuid=UUID)
    assert request_of(mapping) == request(**everything)
    assert (mapping.on_failure, mapping.metrics, mapping.reports_batch_item_failures) == (QUEUE, ("EventCount",), True)


def test_a_null_is_as_good_as_nothing() -> None:
    nothing = {"BatchSize": None, "FilterCriteria": None, "DestinationConfig": None, "Tags": None, "Topics": None}
    assert create(request(**nothing), uuid=UUID) == create(request(), uuid=UUID)


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("BatchSize", 1, 10_000),
        ("MaximumBatchingWindowInSeconds", 0, 300),
        ("ParallelizationFactor", 1, 10),
        ("MaximumRetryAttempts", -1, 10_000),
        ("MaximumRecordAgeInSeconds", -1, 604_800),
        ("TumblingWindowInSeconds", 0, 900),
    ],
)
def test_a_number_has_its_range(key: str, low: int, high: int) -> None:
    path = key[0].lower() + key[1:]
    for edge in (low, high):
        create(request(**{key: edge}), uuid=UUID)
    error = refused(**{key: low - 1})
    assert (error.code, error.status) == ("ValidationException", 400)
    assert error.message == violation(f"'{low - 1}'", path, f"Member must have value greater than or equal to {low}")
    error = refused(**{key: high + 1})
    assert error.message == violation(f"'{high + 1}'", path, f"Member must have value less than or equal to {high}")
    wrong: list[tuple[Any, str]] = [("10", "10"), (True, "true"), (2.0, "2.0"), (float("nan"), "nan"), ([1], "[1]")]
    for value, said in wrong:
        assert refused(**{key: value}).message == violation(f"'{said}'", path, "Member must be an integer")


def test_several_violations_are_counted_and_joined() -> None:
    error = refused(BatchSize=0, Enabled="yes", StartingPosition="EARLIEST")
    assert error.message == (
        "3 validation errors detected: "
        "Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1; "
        "Value 'yes' at 'enabled' failed to satisfy constraint: Member must be a boolean; "
        "Value 'EARLIEST' at 'startingPosition' failed to satisfy constraint: "
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
    )


def test_t66_starting_position_missing() -> None:
    error = refused(StartingPosition=...)
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == violation("null", "startingPosition", "Member must not be null.")


def test_t66_starting_position_unknown() -> None:
    error = refused(StartingPosition="invalid")
    assert (error.code, error.status) == ("ValidationException", 400)
    assert error.message == violation(
        "'invalid'",
        "startingPosition",
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    )


@pytest.mark.parametrize("more", [{}, {"StartingPositionTimestamp": 1_700_000_000}])
def test_t66_starting_position_at_timestamp(more: dict[str, Any]) -> None:
    error = refused(StartingPosition="AT_TIMESTAMP", **more)
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == f"Unsupported starting position for arn type: {STREAM}"


def test_t66_on_success() -> None:
    error = refused(DestinationConfig={"OnSuccess": {"Destination": QUEUE}})
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == "Unsupported DestinationConfig parameter for given event source mapping type."


@pytest.mark.parametrize("age", [0, 1, 30, 59])
def test_t66_record_age_below_a_minute(age: int) -> None:
    error = refused(MaximumRecordAgeInSeconds=age)
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"


@pytest.mark.parametrize("age", [-1, 60, 86_400, 604_800])
def test_record_age_that_aws_takes(age: int) -> None:
    assert create(request(MaximumRecordAgeInSeconds=age), uuid=UUID).maximum_record_age_in_seconds == age


def test_a_batch_above_ten_needs_no_window() -> None:
    mapping = create(request(BatchSize=100, MaximumBatchingWindowInSeconds=0), uuid=UUID)
    assert (mapping.batch_size, mapping.maximum_batching_window_in_seconds) == (100, 0)


def test_a_window_goes_with_one_lane_only() -> None:
    error = refused(TumblingWindowInSeconds=30, ParallelizationFactor=2)
    assert error.code == "InvalidParameterValueException"
    assert error.message == "Parallelization factor must be equal to 1 when tumbling window period is configured"
    create(request(TumblingWindowInSeconds=30, ParallelizationFactor=1), uuid=UUID)
    create(request(TumblingWindowInSeconds=0, ParallelizationFactor=2), uuid=UUID)


@pytest.mark.parametrize(
    ("arn", "hint"),
    [
        (..., "DynamoDB stream"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "DynamoDB stream"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/messages", "stream of table messages: its LatestStreamArn"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/messages/index/x", "DynamoDB stream"),
    ],
)
def test_a_source_that_is_no_stream_is_not_recognised(arn: Any, hint: str) -> None:
    error = refused(EventSourceArn=arn)
    assert (error.code, error.message) == ("InvalidParameterValueException", "Unrecognized event source.")
    assert hint in error.hint


def test_a_source_that_is_no_arn_breaks_the_pattern() -> None:
    error = refused(EventSourceArn="messages")
    assert error.code == "ValidationException"
    assert "at 'eventSourceArn' failed to satisfy constraint: Member must satisfy regular" in error.message
    assert "/stream/" in error.hint


def test_the_engines_own_arn_is_one_too() -> None:
    arn = "arn:aws:dynamodb:ddblocal:000000000000:table/messages/stream/2026-11-02T10:00:00.000"
    assert create(request(EventSourceArn=arn), uuid=UUID).event_source_arn == arn


@pytest.mark.parametrize(
    ("arn", "hint"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:failed.fifo", "no FIFO"),
        ("arn:aws:sns:us-east-1:123456789012:failed.fifo", "no FIFO"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "S3 bucket"),
        ("arn:aws:s3:::bucket/folder", "S3 bucket"),
    ],
)
def test_a_destination_that_a_stream_can_not_have(arn: str, hint: str) -> None:
    error = refused(DestinationConfig={"OnFailure": {"Destination": arn}})
    assert (error.code, error.message) == ("InvalidParameterValueException", f"The destination ARN {arn} is invalid.")
    assert hint in error.hint


@pytest.mark.parametrize("arn", [QUEUE, "arn:aws:sns:eu-west-1:123456789012:failed", "arn:aws:s3:::failed.fifos"])
def test_a_destination_that_a_stream_can_have(arn: str) -> None:
    assert create(request(DestinationConfig={"OnFailure": {"Destination": arn}}), uuid=UUID).on_failure == arn


@pytest.mark.parametrize("config", [{}, {"OnFailure": {}}, {"OnFailure": {"Destination": ""}}, {"OnSuccess": {}}])
def test_an_empty_destination_is_none(config: dict[str, Any]) -> None:
    assert create(request(DestinationConfig=config), uuid=UUID).on_failure is None


def test_a_queue_named_by_its_url_is_told_what_is_meant() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/failed"
    error = refused(DestinationConfig={"OnFailure": {"Destination": url}})
    assert error.code == "ValidationException"
    assert "at 'destinationConfig.onFailure.destination' failed" in error.message
    assert "!GetAtt Queue.Arn" in error.hint


@pytest.mark.parametrize("criteria", [{}, {"Filters": []}, {"Filters": None}])
def test_empty_criteria_are_none(criteria: dict[str, Any]) -> None:
    assert create(request(FilterCriteria=criteria), uuid=UUID).filter_patterns == ()


@pytest.mark.parametrize("pattern", ["single-string", '[{"eventName": ["INSERT"=123}]', "", '{"eventName": []}'])
def test_t58_a_pattern_that_is_none(pattern: str) -> None:
    error = refused(FilterCriteria=filters(pattern))
    assert (error.code, error.status) == ("InvalidParameterValueException", 400)
    assert error.message == "Invalid filter pattern definition."
    assert error.hint


def test_filters_are_limited_by_number_and_length() -> None:
    pattern = '{"eventName": ["INSERT"]}'
    assert len(create(request(FilterCriteria=filters(*[pattern] * 5)), uuid=UUID).filter_patterns) == 5
    assert "5 filters" in refused(FilterCriteria=filters(*[pattern] * 6)).message
    raised = create(request(FilterCriteria=filters(*[pattern] * 10)), uuid=UUID, filter_quota=10)
    assert len(raised.filter_patterns) == 10
    long = f'{{"eventName": ["{"x" * (4096 - 19)}"]}}'
    assert len(long) == 4096
    create(request(FilterCriteria=filters(long)), uuid=UUID)
    error = refused(FilterCriteria=filters(pattern, long + " "))
    assert "at 'filterCriteria.filters.2.member.pattern' failed" in error.message
    assert error.message.endswith("Member must have length less than or equal to 4096")


def test_a_pattern_that_yaml_made_an_object_of_is_told() -> None:
    error = refused(FilterCriteria=filters({"eventName": ["INSERT"]}))
    assert error.message.endswith("Member must be a string")
    assert "quotes" in error.hint


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"FilterCriteria": []}, "filterCriteria"),
        ({"FilterCriteria": {"Filters": {}}}, "filterCriteria.filters"),
        ({"FilterCriteria": {"Filters": ["x"]}}, "filterCriteria.filters.1.member"),
        ({"FilterCriteria": {"Filters": [None]}}, "filterCriteria.filters.1.member"),
        ({"DestinationConfig": "x"}, "destinationConfig"),
        ({"DestinationConfig": {"OnFailure": "x"}}, "destinationConfig.onFailure"),
        ({"MetricsConfig": []}, "metricsConfig"),
        ({"Tags": []}, "tags"),
        ({"FunctionResponseTypes": "ReportBatchItemFailures"}, "functionResponseTypes"),
        ({"FunctionResponseTypes": ["Report"]}, "functionResponseTypes"),
        ({"FunctionResponseTypes": ["ReportBatchItemFailures"] * 2}, "functionResponseTypes"),
        ({"FunctionName": ...}, "functionName"),
        ({"FunctionName": ""}, "functionName"),
        ({"FunctionName": "a b"}, "functionName"),
        ({"FunctionName": "f" * 65}, "functionName"),
        ({"FunctionName": 5}, "functionName"),
        ({"KMSKeyArn": "key"}, "kMSKeyArn"),
        ({"StartingPosition": ["LATEST"]}, "startingPosition"),
    ],
)
def test_a_shape_that_the_model_forbids_is_named(changes: dict[str, Any], path: str) -> None:
    error = refused(**changes)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: Value ")
    assert f" at '{path}' failed to satisfy constraint: Member must " in error.message


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"Batchsize": 1}, "has no parameter 'Batchsize'", "did you mean `BatchSize`?"),
        ({"zebra": 1}, "has no parameter 'zebra'", "known are "),
        ({"DestinationConfig": {"OnFailur": {}}}, "DestinationConfig has no parameter", "did you mean `OnFailure`?"),
        (
            {"DestinationConfig": {"OnFailure": {"Arn": ""}}},
            "DestinationConfig.OnFailure has no",
            "known are Destination",
        ),
        ({"FilterCriteria": {"Filter": []}}, "FilterCriteria has no parameter", "did you mean `Filters`?"),
        ({"FilterCriteria": {"Filters": [{"pattern": "{}"}]}}, "a filter of FilterCriteria", "did you mean `Pattern`?"),
        ({"MetricsConfig": {"Metric": []}}, "MetricsConfig has no parameter", "did you mean `Metrics`?"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, "ScalingConfig has no meaning", "take ScalingConfig out"),
        ({"StartingPositionTimestamp": 1}, "it goes with AT_TIMESTAMP", "take StartingPositionTimestamp out"),
        ({"Topics": ["t"]}, "it is for Kafka", "take Topics out"),
        ({"MetricsConfig": {"Metrics": ["KafkaMetrics"]}}, "no KafkaMetrics metrics", "EventCount"),
        ({"Tags": {"a": 1}}, "Tags: a is 1", "text"),
    ],
)
def test_what_a_dynamodb_mapping_has_not_got_is_refused_with_a_reason(
    changes: dict[str, Any], message: str, hint: str
) -> None:
    error = unusable(**changes)
    assert message in error.message
    assert hint in error.hint


def test_what_is_accepted_without_effect_is_cautioned() -> None:
    plain = create(request(MaximumRecordAgeInSeconds=86_400), uuid=UUID)
    assert cautions(plain) == ()
    vain = create(
        request(
            MaximumRecordAgeInSeconds=86_401,
            KMSKeyArn="arn:aws:kms:us-east-1:123456789012:key/1",
            Tags={"team": "chat"},
        ),
        uuid=UUID,
    )
    codes = [caution.code for caution in cautions(vain)]
    assert codes == ["record-age-beyond-retention", "kms-key-without-effect", "tags-without-effect"]


def test_update_changes_what_it_names_and_nothing_else() -> None:
    before = create(request(BatchSize=5, FilterCriteria=filters('{"eventName": ["INSERT"]}')), uuid=UUID)
    after = update(before, {"MaximumRetryAttempts": 3})
    assert request_of(after) == request_of(before) | {"MaximumRetryAttempts": 3}
    assert update(after, {"FilterCriteria": {}}).filter_patterns == ()
    with_queue = update(after, {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}})
    assert with_queue.on_failure == QUEUE
    assert update(with_queue, {"DestinationConfig": {"OnFailure": {"Destination": ""}}}).on_failure is None


@pytest.mark.parametrize("key", ["EventSourceArn", "StartingPosition", "Tags"])
def test_update_can_not_change_where_it_reads(key: str) -> None:
    with pytest.raises(UsageError, match=f"{key} can't be changed"):
        update(create(request(), uuid=UUID), {key: "x"})


def test_update_is_checked_as_a_whole() -> None:
    with pytest.raises(ApiError, match="Parallelization factor must be equal to 1"):
        update(create(request(ParallelizationFactor=2), uuid=UUID), {"TumblingWindowInSeconds": 5})


@pytest.mark.parametrize(
    ("said", "arn"),
    [
        ("f", "arn:aws:lambda:eu-west-1:111111111111:function:f"),
        ("f:live", "arn:aws:lambda:eu-west-1:111111111111:function:f:live"),
        ("f:$LATEST", "arn:aws:lambda:eu-west-1:111111111111:function:f:$LATEST"),
        ("function:f", "arn:aws:lambda:eu-west-1:111111111111:function:f"),
        ("222222222222:function:f:7", "arn:aws:lambda:eu-west-1:222222222222:function:f:7"),
        ("arn:aws:lambda:us-west-2:222222222222:function:f", "arn:aws:lambda:us-west-2:222222222222:function:f"),
        ("arn:aws:lambda:us-west-2:222222222222:function:f:l", "arn:aws:lambda:us-west-2:222222222222:function:f:l"),
    ],
)
def test_a_function_may_be_named_in_five_ways(said: str, arn: str) -> None:
    create(request(FunctionName=said), uuid=UUID)
    assert FunctionReference.of(said, region="eu-west-1", account="111111111111").arn == arn


@settings(max_examples=100)
@given(st.from_regex(constraints._FUNCTION, fullmatch=True))
def test_every_name_that_the_model_takes_can_be_read(said: str) -> None:
    reference = FunctionReference.of(said, region="eu-west-1", account="111111111111")
    assert reference == FunctionReference.of(reference.arn, region="x", account="x")


def test_a_uuid_is_the_same_in_every_process_and_another_for_another_pair() -> None:
    function = FunctionReference.of("f", region="us-east-1", account="123456789012")
    uuid = mapping_uuid(function, STREAM)
    assert uuid == mapping_uuid(function, STREAM) == "7164c14e-3aa4-5a3a-915d-6f9b9abe9a0d"
    shown = STREAM.replace("us-east-1:123456789012", "eu-west-1:111111111111")
    assert mapping_uuid(function, shown) == uuid, "what the configuration shows is not where the data is"
    alias = FunctionReference.of("f:live", region="us-east-1", account="123456789012")
    others = {
        mapping_uuid(alias, STREAM),
        mapping_uuid(function, STREAM, generation=1),
        mapping_uuid(function, STREAM.replace("2026", "2027")),
    }
    assert len(others | {uuid}) == 4


_VALUES = st.none() | st.booleans() | st.integers(-2, 700_000) | st.text(max_size=5) | st.floats()
_KEYS = st.sampled_from(
    [
        *request_of(create(request(), uuid=UUID)),
        "Topics",
        "Batchsize",
    ]
)


@settings(max_examples=60)
@given(st.dictionaries(_KEYS, st.recursive(_VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))))
def test_anything_is_a_mapping_that_can_be_asked_for_again_or_a_refusal(changes: dict[str, Any]) -> None:
    try:
        mapping = create(request(**changes), uuid=UUID)
    except (ApiError, UsageError):
        return
    assert create(request_of(mapping), uuid=UUID) == mapping
    assert FunctionReference.of(mapping.function_name, region="us-east-1", account="123456789012").arn
