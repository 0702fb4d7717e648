"""Failure records in a file."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.destination.base import DestinationFailed
from harness.streams.destination.json_lines import JsonLinesDestination
from tests.unit.streams.destination.shapes import BUCKET, QUEUE

if TYPE_CHECKING:
    from pathlib import Path


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_line_holds_the_record_and_for_whom_it_was(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "there.jsonl"
    destination = JsonLinesDestination(path=path, arn=QUEUE)
    destination.send({"version": "1.0", "é": "\u2028"}, event={"Records": []})
    destination.send({"version": "1.1"}, event=None)
    assert path.read_bytes().count(b"\n") == 2
    first, second = map(json.loads, path.read_bytes().splitlines())
    assert first == {"destination": QUEUE, "record": {"version": "1.0", "é": "\u2028"}}
    assert second["record"] == {"version": "1.1"}
    assert destination.describe == f"file {path} (in place of {QUEUE})"


def test_in_place_of_a_bucket_the_event_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    event = {"Records": [{"eventID": "1"}]}
    JsonLinesDestination(path=path, arn=BUCKET, carries_event=True).send({"version": "1.0"}, event=event)
    (line,) = lines(path)
    assert json.loads(line["record"]["payload"]) == event


def test_torn_line_of_a_killed_writer_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    path.write_bytes(b'{"record": 1}\n{"rec')
    JsonLinesDestination(path=path, arn=QUEUE).send({"n": 2}, event=None)
    whole, torn, ours = path.read_bytes().splitlines()
    assert (whole, torn) == (b'{"record": 1}', b'{"rec')
    assert json.loads(ours)["record"] == {"n": 2}


def test_many_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    destination = JsonLinesDestination(path=path, arn=QUEUE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: destination.send({"n": n, "long": "x" * 70_000}, event=None), range(40)))
    assert sorted(line["record"]["n"] for line in lines(path)) == list(range(40))


def test_half_written_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "failed.jsonl"
    destination = JsonLinesDestination(path=path, arn=QUEUE)
    destination.send({"n": 1}, event=None)
    whole = path.read_bytes()
    write, written = os.write, list[int]()

    def full(descriptor: int, data: bytes) -> int:
        if written:
            raise OSError(28, "No space left on device")
        written.append(write(descriptor, data[:7]))
        return 7

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DestinationFailed, match=r"failed\.jsonl could not be written: No space left"):
        destination.send({"n": 2}, event=None)
    assert written == [7]
    assert path.read_bytes() == whole


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:5]))
    path = tmp_path / "failed.jsonl"
    JsonLinesDestination(path=path, arn=QUEUE).send({"n": 1}, event=None)
    assert lines(path) == [{"destination": QUEUE, "record": {"n": 1}}]


def test_what_is_no_file_fails(tmp_path: Path) -> None:
    with pytest.raises(DestinationFailed, match="could not be written"):
        JsonLinesDestination(path=tmp_path, arn=QUEUE).send({}, event=None)
