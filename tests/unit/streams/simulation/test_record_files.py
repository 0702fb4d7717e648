"""Files of records: what is read, and what is refused in which words."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.simulation.record_files import each_record, read_records, save_records
from harness.streams.simulation.samples import sample_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECORDS: list[dict[str, Any]] = sample_event("all")["Records"]


def written(tmp_path: Path, text: str, name: str = "events.json") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_records(path)
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value.message.replace(str(path), path.name)


@pytest.mark.parametrize("name", ["events.json", "events.jsonl"])
def test_what_is_saved_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save_records(path, iter(RECORDS))
    assert read_records(path) == tuple(RECORDS)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_saved_json_is_an_event_and_saved_jsonl_a_record_a_line(tmp_path: Path) -> None:
    save_records(tmp_path / "a.json", RECORDS)
    save_records(tmp_path / "a.jsonl", RECORDS)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"Records": RECORDS}
    assert len((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()) == len(RECORDS)


ONE, REST = RECORDS[0], RECORDS[1:]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Records": RECORDS}),
        json.dumps({"Records": RECORDS}, indent=2),
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        json.dumps([{"Records": [ONE]}, {"Records": []}, {"Records": REST}]),
        "\n".join(map(json.dumps, RECORDS)),
        "\n\n".join([json.dumps(ONE), json.dumps({"Records": REST}), ""]),
        "\ufeff" + json.dumps({"Records": RECORDS}),
    ],
)
def test_every_shape_is_understood(tmp_path: Path, text: str) -> None:
    assert read_records(written(tmp_path, text)) == tuple(RECORDS)


def test_one_record_alone(tmp_path: Path) -> None:
    assert read_records(written(tmp_path, json.dumps(ONE, indent=1))) == (ONE,)


def test_lines_are_read_as_they_are_needed(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(ONE) + "\nbroken\n", "events.jsonl")
    records = each_record(path)
    assert next(records) == ONE
    with pytest.raises(UsageError, match=r"events\.jsonl:2: not JSON"):
        next(records)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "events.json is empty"),
        (" \n ", "events.json is empty"),
        ('{"Records": []}', "events.json holds no record"),
        ("[]", "events.json holds no record"),
        ('{"Records": [', "events.json: not JSON: Expecting value: line 1"),
        ('{\n"Records": nonsense}', "events.json: not JSON: Expecting value: line 2"),
        ('{"Records": 5}', "events.json:1: Records should be a list, and is 5"),
        ('[{"Records": null}]', "events.json:1: [0].Records should be a list, and is None"),
        ('[{"Records": [5]}]', "events.json:1: [0].Records[0]: a record should be an object, and is 5"),
        ("5", "events.json:1: a record should be an object, and is 5"),
        ("{}", "events.json:1: eventID is missing"),
        ('{"a": NaN}', "events.json:1: not JSON: NaN is not a number"),
        ("[" * 100_000, "events.json: nested too deep"),
        (json.dumps(RECORDS) + "\n{", "events.json:2: not JSON"),
    ],
)
def test_what_is_no_file_of_records(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(written(tmp_path, text)).startswith(message)


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(json.dumps(RECORDS).encode("utf-16"))
    assert "not UTF-8 text" in refusal(path)


def test_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.json") == "there is no file none.json"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="can't be read"):
        read_records(tmp_path)


def test_nowhere_to_save(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="can't be written"):
        save_records(tmp_path / "no" / "events.json", RECORDS)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = written(tmp_path, "old")
    with pytest.raises(TypeError):
        save_records(path, [{"not": b"json"}])
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def without(name: str) -> Callable[[Any], object]:
    def remove(record: Any) -> object:
        holder, _, last = name.rpartition(".")
        return (record[holder] if holder else record).pop(last)

    return remove


@pytest.mark.parametrize(
    "name",
    [
        *("eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "eventSourceARN", "dynamodb"),
        *("dynamodb.ApproximateCreationDateTime", "dynamodb.Keys", "dynamodb.SequenceNumber"),
        *("dynamodb.SizeBytes", "dynamodb.StreamViewType"),
    ],
)
@pytest.mark.parametrize("kind", ["event", "lines"])
def test_a_missing_key_is_named_with_its_record(tmp_path: Path, name: str, kind: str) -> None:
    records = deepcopy(RECORDS)
    without(name)(records[2])
    if kind == "event":
        path, place = written(tmp_path, json.dumps({"Records": records}, indent=1)), "events.json: Records[2]"
    else:
        path = written(tmp_path, "\n".join(map(json.dumps, records)), "events.jsonl")
        place = "events.jsonl:3"
    assert refusal(path) == f"{place}: {name} is missing"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("eventName", "UPSERT", "eventName should be INSERT or MODIFY or REMOVE, and is 'UPSERT'"),
        ("eventName", [], "eventName should be"),
        ("eventID", 5, "eventID should be a text, and is 5"),
        ("eventSource", "aws:kinesis", "eventSource should be aws:dynamodb"),
        ("eventSourceARN", "arn:aws:dynamodb:x:1:table/t", "eventSourceARN should be a stream's ARN"),
        ("userIdentity", {"PrincipalId": "x", "Type": "Service"}, "userIdentity should be an object of `type`"),
        ("userIdentity", None, "userIdentity should be"),
        ("dynamodb", [], "dynamodb should be an object"),
        ("dynamodb.ApproximateCreationDateTime", "1428537600", "dynamodb.ApproximateCreationDateTime should be epoch"),
        ("dynamodb.ApproximateCreationDateTime", True, "dynamodb.ApproximateCreationDateTime should be epoch"),
        ("dynamodb.ApproximateCreationDateTime", 1e18, "dynamodb.ApproximateCreationDateTime should be epoch"),
        ("dynamodb.ApproximateCreationDateTime", -1, "dynamodb.ApproximateCreationDateTime should be epoch"),
        ("dynamodb.SequenceNumber", 7, "dynamodb.SequenceNumber should be 1 to 40 digits in quotes, and is 7"),
        ("dynamodb.SequenceNumber", "٣", "dynamodb.SequenceNumber should be"),
        ("dynamodb.SequenceNumber", "1" * 41, "dynamodb.SequenceNumber should be"),
        ("dynamodb.SizeBytes", 1.5, "dynamodb.SizeBytes should be a whole number"),
        ("dynamodb.StreamViewType", "ALL", "dynamodb.StreamViewType should be"),
        ("dynamodb.Keys", {}, "dynamodb.Keys should be an object of one or two attributes"),
        ("dynamodb.Keys", {"pk": "MSG"}, "dynamodb.Keys.pk should be one typed value"),
        ("dynamodb.NewImage", {"n": {"N": 5}}, "dynamodb.NewImage.n.N should be a number in quotes"),
        ("dynamodb.NewImage", {"b": {"B": "no base64!"}}, "dynamodb.NewImage.b.B should be binary data"),
        ("dynamodb.NewImage", {"b": {"BS": ["eA=", "eA=="]}}, "dynamodb.NewImage.b.BS holds 'eA='"),
        ("dynamodb.NewImage", None, "dynamodb.NewImage should be an object of typed values"),
        ("dynamodb.NewImage", {"pk": {"S": "x"}}, "dynamodb.NewImage is of another item than dynamodb.Keys"),
        ("dynamodb.OldImage", {}, "dynamodb.OldImage does not belong in INSERT with NEW_AND_OLD_IMAGES"),
        ("dynamodb.StreamViewType", "KEYS_ONLY", "dynamodb.NewImage does not belong in INSERT with KEYS_ONLY"),
        ("eventName", "MODIFY", "dynamodb.OldImage is missing from MODIFY with NEW_AND_OLD_IMAGES"),
        ("eventVersion", "\ud800", "a text holds half of a surrogate pair"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, path: str, value: Any, message: str) -> None:
    record = deepcopy(ONE)
    holder, _, name = path.rpartition(".")
    (record[holder] if holder else record)[name] = value
    found = refusal(written(tmp_path, json.dumps([record], indent=1)))
    assert found.startswith(f"events.json: [0]: {message}")
    assert len(found) < 250


def test_infinity_by_overflow_is_no_time(tmp_path: Path) -> None:
    text = json.dumps([ONE], indent=1).replace(str(ONE["dynamodb"]["ApproximateCreationDateTime"]), "1e999")
    assert "ApproximateCreationDateTime should be epoch seconds" in refusal(written(tmp_path, text))


def test_numbers_must_rise(tmp_path: Path) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in RECORDS]
    swapped = [RECORDS[1], RECORDS[0]]
    assert refusal(written(tmp_path, json.dumps(swapped))) == (
        f"events.json:1: [1]: dynamodb.SequenceNumber {numbers[0]} comes after {numbers[1]}"
    )
    twice = [ONE, ONE]
    assert refusal(written(tmp_path, json.dumps(twice))).endswith(f"{numbers[0]} comes twice")


def test_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    records = deepcopy(RECORDS[:2])
    for record, number in zip(records, ("99", "100"), strict=True):
        record["dynamodb"]["SequenceNumber"] = number
    assert len(read_records(written(tmp_path, json.dumps(records)))) == 2


def test_one_stream_a_file(tmp_path: Path) -> None:
    other = deepcopy(RECORDS[1])
    other["eventSourceARN"] = other["eventSourceARN"].replace("messages", "other")
    assert "[1]: eventSourceARN is" in refusal(written(tmp_path, json.dumps([ONE, other])))


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_the_largest_record(tmp_path: Path, more: int, fits: bool) -> None:  # noqa: FBT001
    record = deepcopy(ONE)
    record["dynamodb"]["NewImage"]["big"] = {"S": ""}
    event = {"Records": [record]}
    size = len(json.dumps(event, separators=(",", ":")))
    record["dynamodb"]["NewImage"]["big"]["S"] = "x" * (6 * 1024 * 1024 - size + more)
    path = written(tmp_path, json.dumps(event))
    if fits:
        assert len(read_records(path)) == 1
    else:
        assert "a record of 6,291,443 bytes fits into no event" in refusal(path)
