"""What was written is read back as it was: tables by the reader of schema files, mappings by the reader of mappings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.deployment.names import logical_ids
from harness.schema_files.documents import read_document
from harness.schema_files.tables import tables_of
from harness.stores.dynamodb_schema import create_request
from harness.trigger import Terms, read_trigger
from tests.unit.deployment.projects import QUEUE, keys, project, table, template_of

if TYPE_CHECKING:
    from pathlib import Path

    from harness.schema import TableSchema

NAMES = st.text(alphabet="abcXYZ09_.-", min_size=3, max_size=12)
WORDS = st.text(alphabet="abcdef_:#$", min_size=1, max_size=6)
UNITS = st.fixed_dictionaries({"ReadCapacityUnits": st.integers(1, 9), "WriteCapacityUnits": st.integers(1, 9)})
VIEWS = st.sampled_from(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
PROJECTIONS = st.one_of(
    st.sampled_from([{"ProjectionType": "ALL"}, {"ProjectionType": "KEYS_ONLY"}]),
    st.lists(WORDS, min_size=1, max_size=3, unique=True).map(
        lambda names: {"ProjectionType": "INCLUDE", "NonKeyAttributes": names}
    ),
)
FORMATS = st.sampled_from(["sam", "cloudformation"])
#: The folder of one test serves all its examples: each writes the same files anew.
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)


@st.composite
def definitions(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Any table that CreateTable takes."""
    pk, *others = draw(st.lists(WORDS, min_size=3, max_size=4, unique=True))
    mode = draw(st.sampled_from(["PROVISIONED", "PAY_PER_REQUEST"]))
    made: dict[str, Any] = {"KeySchema": keys(pk, draw(st.sampled_from([None, others[0]]))), "BillingMode": mode}
    index_names = draw(st.lists(NAMES, max_size=3, unique=True))
    indexes: list[dict[str, Any]] = [
        {"IndexName": each, "KeySchema": keys(pk if local else draw(st.sampled_from(others)), others[1]),
         "Projection": draw(PROJECTIONS)}
        for each, local in zip(index_names, (True, False, False), strict=False)
    ]  # fmt: skip
    if mode == "PROVISIONED":
        made["ProvisionedThroughput"] = draw(UNITS)
        indexes = [
            each | ({} if at == 0 else {"ProvisionedThroughput": draw(UNITS)}) for at, each in enumerate(indexes)
        ]
    if indexes[:1]:
        made["LocalSecondaryIndexes"] = indexes[:1]
    if indexes[1:]:
        made["GlobalSecondaryIndexes"] = indexes[1:]
    if draw(st.booleans()):
        made["TimeToLiveSpecification"] = {"AttributeName": draw(WORDS), "Enabled": True}
    described = table(name, draw(st.none() | VIEWS), **made)
    for attribute in described["AttributeDefinitions"]:
        attribute["AttributeType"] = draw(st.sampled_from("SNB"))
    return described


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """Any mapping that AWS takes."""
    pattern = st.sampled_from(
        ['{"eventName": ["INSERT"]}', '{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "${A}"}]}}}}']
    )
    window = draw(st.booleans())
    optional = {
        "Enabled": st.booleans(),
        "BatchSize": st.integers(1, 10_000),
        "MaximumBatchingWindowInSeconds": st.integers(1, 300),
        "MaximumRetryAttempts": st.integers(-1, 10_000),
        "MaximumRecordAgeInSeconds": st.just(-1) | st.integers(60, 604_800),
        "BisectBatchOnFunctionError": st.booleans(),
        "FilterCriteria": st.lists(pattern, max_size=5).map(
            lambda each: {"Filters": [{"Pattern": one} for one in each]}
        ),
        "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
        "DestinationConfig": st.sampled_from([QUEUE, "arn:aws:s3:::lost"]).map(
            lambda arn: {"OnFailure": {"Destination": arn}}
        ),
        "MetricsConfig": st.sampled_from([{"Metrics": []}, {"Metrics": ["EventCount"]}]),
        "Tags": st.dictionaries(WORDS.filter(lambda key: not key.startswith("aws:")), WORDS, max_size=3),
        "FunctionName": st.sampled_from(["rows", "another", "rows:live", "rows:$LATEST"]),
        "TumblingWindowInSeconds" if window else "ParallelizationFactor": st.integers(1, 10),
    }
    said: dict[str, Any] = draw(
        st.fixed_dictionaries({"StartingPosition": st.sampled_from(["LATEST", "TRIM_HORIZON"])}, optional=optional)
    )
    if window and said.get("TumblingWindowInSeconds"):
        said.pop("FunctionResponseTypes", None)
        said.pop("MaximumBatchingWindowInSeconds", None)
    if said.get("BatchSize", 0) > 10:
        said.setdefault("MaximumBatchingWindowInSeconds", 1) if not window else None
    return said


def comparable(schema: TableSchema) -> dict[str, Any]:
    """As CreateTable would be asked, with what it would assume written out."""
    return {**create_request(schema, stream=True), "TimeToLive": schema.ttl_attribute}


@LAW
@given(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=3, unique=True), format=FORMATS)
def test_tables_come_back_as_they_were(tmp_path: Path, data: st.DataObject, names: list[str], format: Any) -> None:  # noqa: A002
    for old in (tmp_path / "schema").glob("*"):
        old.unlink()
    config = project(tmp_path, *(data.draw(definitions(name)) for name in names))
    path = tmp_path / "template.yaml"
    path.write_text(template_of(config, format))
    read = {each.name: comparable(each) for each in tables_of(read_document(path))}
    originals = [tables_of(read_document(each))[0] for each in (tmp_path / "schema").iterdir()]
    assert read == {each.name: comparable(each) for each in originals}


@LAW
@given(request=mappings(), format=FORMATS)
def test_mapping_comes_back_as_it_was(tmp_path: Path, request: dict[str, Any], format: Any) -> None:  # noqa: A002
    handlers = 'rows = { handler = "functions/rows.py:handler", mapping = "m.json", timeout = 9, memory = 256 }'
    config = project(tmp_path, table(), handlers=handlers, mappings={"m.json": request})
    (tmp_path / "template.yaml").write_text(template_of(config, format))
    again = project(tmp_path, table(), handlers='rows = { mapping = "template.yaml" }')
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/messages/stream/2026-11-02T10:00:00.000"
    (_, before), (file, after) = (read_trigger(each, "rows", stream_arn=arn, terms=Terms()) for each in (config, again))
    assert after == before
    assert file.table == "messages"
    assert file.function is not None
    assert (file.function.timeout, file.function.memory_size, file.cautions) == (9, 256, ())
    assert file.function.environment == {"DDB_MESSAGE_TABLE": "messages"}
    assert file.function.code.handler == "rows.handler"
    assert format == "cloudformation" or file.function.code.folder == (tmp_path / "functions").resolve()


@given(names=st.lists(st.text(max_size=12), max_size=8, unique=True))
def test_logical_ids_are_letters_and_digits_and_each_its_own(names: list[str]) -> None:
    found = logical_ids(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert all(each.isascii() and each.isalnum() for each in found.values())
    assert json.dumps(found) == json.dumps(logical_ids(names))
