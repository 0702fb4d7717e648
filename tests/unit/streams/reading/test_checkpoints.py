"""Checkpoints in files: whole or not at all, one process at a time, and never another stream's."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.delivery.window import Ending, LaneWindows, OpenWindow
from harness.streams.invocation import Window
from harness.streams.reading.checkpoints import FileCheckpoints, MemoryCheckpoints
from harness.streams.reading.position import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.streams.reading.position import Checkpoints

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/2026-11-22T01:51:58.702"
OTHER = ARN.replace("01:51", "01:52")
AT = Checkpoint(sequence_number="000000000000000000007")
STATES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
WINDOWS = st.builds(Window, start=st.integers(0), end=st.integers(0))
LANES = st.builds(
    LaneWindows,
    lane=st.integers(0, 40),
    ended_to=st.integers(0, 2_000_000_000),
    open=st.lists(
        st.builds(OpenWindow, window=WINDOWS, state=STATES),
        max_size=2,
    ).map(tuple),
    endings=st.lists(
        st.builds(Ending, window=WINDOWS, attempts=st.integers(0, 10_000), since=st.floats(0, 2e9)), max_size=2
    ).map(tuple),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture(params=["file", "memory"])
def checkpoints(request: pytest.FixtureRequest, folder: Path) -> Iterator[Checkpoints]:
    kept = FileCheckpoints(folder) if request.param == "file" else MemoryCheckpoints()
    yield kept
    if isinstance(kept, FileCheckpoints):
        kept.close()


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def test_each_mapping_stream_and_shard_has_its_own(checkpoints: Checkpoints) -> None:
    assert checkpoints.load("m", ARN) == {}
    checkpoints.save("m", ARN, "s1", Checkpoint(finished=True))
    checkpoints.save("m", ARN, "s2", AT)
    checkpoints.save("m", OTHER, "s1", Checkpoint(sequence_number="3"))
    assert checkpoints.load("m", ARN) == {"s1": Checkpoint(finished=True), "s2": AT}
    assert checkpoints.load("m", OTHER) == {"s1": Checkpoint(sequence_number="3")}
    assert checkpoints.load("n", ARN) == {}


def test_beginning_replaces_what_was_there(checkpoints: Checkpoints) -> None:
    checkpoints.save("m", ARN, "s1", AT)
    checkpoints.begin("m", ARN, {"s2": AT, "s3": Checkpoint(finished=True)})
    checkpoints.save("m", ARN, "s2", Checkpoint(sequence_number="8"))
    assert checkpoints.load("m", ARN) == {"s2": Checkpoint(sequence_number="8"), "s3": Checkpoint(finished=True)}


def test_what_is_loaded_is_a_copy(checkpoints: Checkpoints) -> None:
    checkpoints.save("m", ARN, "s1", AT)
    checkpoints.load("m", ARN).clear()
    assert checkpoints.load("m", ARN) == {"s1": AT}


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=30),
        st.builds(
            Checkpoint,
            sequence_number=st.none() | st.from_regex(r"[0-9]{1,40}", fullmatch=True),
            finished=st.booleans(),
            windows=st.lists(LANES, max_size=2).map(tuple),
        ),
        max_size=5,
    ),
    st.text(min_size=1, max_size=20),
)
def test_next_process_finds_what_this_one_saved(
    tmp_path_factory: pytest.TempPathFactory, kept: dict[str, Checkpoint], uuid: str
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    one = FileCheckpoints(folder)
    for shard_id, checkpoint in kept.items():
        one.save(uuid, ARN, shard_id, checkpoint)
    one.close()
    other = FileCheckpoints(folder)
    assert other.load(uuid, ARN) == kept
    other.close()


def test_mapping_that_somebody_has_is_refused_with_their_process_id(folder: Path) -> None:
    one, other = FileCheckpoints(folder), FileCheckpoints(folder)
    one.load("m", ARN)
    for refused in (lambda: other.load("m", ARN), lambda: other.save("m", OTHER, "s1", AT)):
        with pytest.raises(
            EnvironmentFailure, match=f"mapping m is attached already, by process {os.getpid()} "
        ) as told:
            refused()
        assert f"kill {os.getpid()}" in told.value.hint
    other.load("n", ARN)
    one.close()
    assert other.load("m", ARN) == {}
    other.close()


def test_process_that_had_the_mapping_before_is_not_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "m.lock").write_text("12345678901234567890\n")
    one = FileCheckpoints(folder)
    one.load("m", ARN)
    assert (folder / "m.lock").read_text() == f"{os.getpid()}\n"
    one.close()


def test_half_written_file_of_a_killed_process_is_not_looked_at(folder: Path) -> None:
    one = FileCheckpoints(folder)
    one.save("m", ARN, "s1", AT)
    path = file_of(folder)
    path.with_name(f"{path.name}.tmp").write_text('{"version": 1, "sha')
    assert one.load("m", ARN) == {"s1": AT}
    one.save("m", ARN, "s2", AT)
    assert one.load("m", ARN) == {"s1": AT, "s2": AT}
    one.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is corrupt: Expecting value"),
        ('{"version": 1, "sha', "is corrupt: Unterminated string"),
        ("\xff\xfe", "is corrupt"),
        ("[]", "no object with `shards`"),
        ('{"version": 1}', "no object with `shards`"),
        ({"version": 3}, "its version is 3, not 2"),
        ({"mapping": "n"}, "its mapping is 'n', not 'm'"),
        ({"stream": OTHER}, f"its stream is '{OTHER}', not '{ARN}'"),
        ({"shards": {"s1": "7"}}, "'7' is no place in shard s1"),
        *(
            ({"shards": {"s1": {"sequence_number": "7", "finished": False, "windows": windows}}}, "windows of shard s1")
            for windows in (
                7,
                [7],
                [{"lane": 0, "ended_to": 0}],
                [{"lane": 0, "ended_to": 0, "open": [{"start": 0, "end": 30}]}],
                [{"lane": 0, "ended_to": 0, "open": [{"start": 0, "end": 30, "state": "{"}]}],
                [{"lane": 0, "ended_to": 0, "open": [{"start": 0, "end": 30, "state": {}}]}],
                [{"lane": 0, "ended_to": 0, "open": [], "endings": 1}],
                [{"lane": 0, "ended_to": 0, "open": [], "endings": [{"start": 0, "end": 30, "attempts": 1}]}],
            )
        ),
        ({"shards": {"s1": {"sequence_number": 7, "finished": False}}}, "is no place in shard s1"),
        ({"shards": {"s1": {"sequence_number": "7x", "finished": False}}}, "is no place in shard s1"),
        ({"shards": {"s1": {"sequence_number": "", "finished": False}}}, "is no place in shard s1"),
        ({"shards": {"s1": {"sequence_number": "7", "finished": 0}}}, "is no place in shard s1"),
        ({"shards": {"s1": {"finished": True}}}, "is no place in shard s1"),
    ],
)
def test_file_that_cannot_be_trusted_is_refused_whole(folder: Path, text: str | dict[str, object], words: str) -> None:
    one = FileCheckpoints(folder)
    one.save("m", ARN, "s1", AT)
    path = file_of(folder)
    if isinstance(text, dict):
        text = json.dumps(json.loads(path.read_text()) | text)
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as told:
        one.load("m", ARN)
    assert words in told.value.message
    assert str(path) in told.value.message
    assert "--from-start" in told.value.hint
    assert path.read_bytes() == text.encode("latin-1"), "it is left for the user to look at"
    one.forget("m", ARN)
    assert one.load("m", ARN) == {}
    one.close()


def test_file_of_a_harness_that_kept_no_endings_is_read(folder: Path) -> None:
    window = OpenWindow(window=Window(start=0, end=30), state={"seen": [1]})
    ending = Ending(window=window.window, attempts=2, since=30.5)
    one = FileCheckpoints(folder)
    one.save("m", ARN, "s1", replace(AT, windows=(LaneWindows(lane=0, open=(window,), endings=(ending,)),)))
    path = file_of(folder)
    data = json.loads(path.read_text())
    [lane] = data["shards"]["s1"]["windows"]
    assert lane.pop("endings") == [{"start": 0, "end": 30, "attempts": 2, "since": 30.5}]
    path.write_text(json.dumps(data))
    assert one.load("m", ARN) == {"s1": replace(AT, windows=(LaneWindows(lane=0, open=(window,)),))}
    one.save("m", ARN, "s1", one.load("m", ARN)["s1"])
    assert json.loads(path.read_text()) == data, "the key is there only where it is needed"
    one.close()


def test_file_of_version_1_is_read_and_becomes_one_of_version_2(folder: Path) -> None:
    one = FileCheckpoints(folder)
    one.save("m", ARN, "s1", AT)
    path = file_of(folder)
    data = json.loads(path.read_text())
    assert data["shards"] == {"s1": {"sequence_number": AT.sequence_number, "finished": False}}
    path.write_text(json.dumps(data | {"version": 1}))
    assert one.load("m", ARN) == {"s1": AT}
    one.save("m", ARN, "s2", AT)
    assert json.loads(path.read_text())["version"] == 2
    one.close()


def test_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFailure, match="can't be written"):
        FileCheckpoints(tmp_path / "file").load("m", ARN)
