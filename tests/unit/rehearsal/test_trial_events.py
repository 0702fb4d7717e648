from __future__ import annotations

from datetime import UTC, datetime

from harness.rehearsal.trial_events import Shape, Trial, is_about, trials

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHAPE = Shape(table="messages")


def of(name: str, shape: Shape = SHAPE) -> Trial:
    return {trial.name: trial for trial in trials(shape, NOW)}[name]


def groups(trial: Trial) -> list[str]:
    return [item["sk"]["S"] for item in trial.items if is_about(item, trial, SHAPE)]


def test_all_are_there_and_share_nothing() -> None:
    every = trials(SHAPE, NOW)
    assert [trial.name for trial in every] == [
        "insert",
        "batch-of-two",
        "late-record",
        "remove",
        "redelivery",
        "unknown-group",
    ]
    keys = [(item["pk"]["S"], item["sk"]["S"]) for trial in every for item in trial.items]
    assert len(set(keys)) == len(keys)
    assert sum(len(trial.groups) for trial in every) == len({group for trial in every for group in trial.groups})


def test_an_insert_is_newer_than_its_group_items() -> None:
    trial = of("insert")
    (record,) = trial.event["Records"]
    assert (record["eventName"], record["dynamodb"]["StreamViewType"]) == ("INSERT", "NEW_IMAGE")
    assert groups(trial) == ["2026-03-02T10:00:00.000000+00:00"] * 2
    assert record["dynamodb"]["Keys"]["sk"]["S"] == "2026-03-02T11:00:00.000000+00:00"
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:us-east-1:123456789012:table/messages/stream/")


def test_a_batch_is_of_two_groups() -> None:
    trial = of("batch-of-two")
    assert len(trial.event["Records"]) == len(trial.groups) == 2
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in trial.event["Records"]]
    assert numbers == sorted(set(numbers))


def test_a_late_record_is_older_than_its_group_items() -> None:
    trial = of("late-record")
    (record,) = trial.event["Records"]
    assert record["dynamodb"]["Keys"]["sk"]["S"] < min(groups(trial))


def test_a_removal_has_no_new_image_and_leaves_an_older_message() -> None:
    trial = of("remove")
    (record,) = trial.event["Records"]
    assert record["eventName"] == "REMOVE"
    assert "NewImage" not in record["dynamodb"]
    assert [item["pk"]["S"][:4] for item in trial.items] == ["GRP#", "GRP#", "MSG#"]
    assert trial.items[-1]["sk"]["S"] < record["dynamodb"]["Keys"]["sk"]["S"] == min(groups(trial))


def test_a_redelivery_comes_twice_and_an_unknown_group_has_no_items() -> None:
    assert of("redelivery").times == 2
    assert groups(of("unknown-group")) == []


def test_items_look_as_the_projects_do() -> None:
    trial = of("insert", Shape(table="t", pk="a", sk="b", aware=False, view_type="NEW_AND_OLD_IMAGES"))
    assert trial.items[0]["b"]["S"] == "2026-03-02T10:00:00.000000"
    assert set(trial.event["Records"][0]["dynamodb"]["Keys"]) == {"a", "b"}


def test_a_group_item_that_was_written_anew_is_about_its_trial() -> None:
    trial = of("insert")
    (group,) = trial.groups
    owner = next(item["pk"] for item in trial.items if item["pk"]["S"].startswith("GRP#"))
    assert is_about({"pk": owner, "sk": {"S": "x"}}, trial, SHAPE)
    assert is_about({"pk": {"S": "other"}, "message_group_uuid": {"S": group}}, trial, SHAPE)
    assert not is_about({"pk": {"S": f"MSG#{group}"}}, trial, SHAPE)
    assert not is_about({}, trial, SHAPE)
