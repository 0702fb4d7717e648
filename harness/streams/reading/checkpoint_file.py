"""What a file of checkpoints holds: all of it can be trusted, or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from harness.errors import EnvironmentFailure, UsageError
from harness.state import write_whole
from harness.streams.delivery.window import Ending, LaneWindows, OpenWindow
from harness.streams.invocation import Window
from harness.streams.reading.position import Checkpoint
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_VERSION = 2
#: The version before it, which says the same but for the windows.
_WITHOUT_WINDOWS = 1


def write_checkpoints(path: Path, mapping_uuid: str, stream_arn: str, kept: Mapping[str, Checkpoint]) -> None:
    """Replace the file in one move: places and the windows' states together, or neither."""
    shards = {shard_id: _written(each) for shard_id, each in kept.items()}
    write_whole(path, {"version": _VERSION, "mapping": mapping_uuid, "stream": stream_arn, "shards": shards})


def read_checkpoints(path: Path, mapping_uuid: str, stream_arn: str) -> dict[str, Checkpoint]:
    """Return what a file holds, nothing where there is none. Raises UsageError when it can't be trusted."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise EnvironmentFailure(f"{path} can't be read: {exc.strerror or exc}", hint=f"ls -l {path}") from exc
    except ValueError as exc:
        _refuse(path, f"is corrupt: {exc}")
    if not isinstance(data, dict) or not isinstance(data.get("shards"), dict):
        _refuse(path, "is corrupt: it is no object with `shards`")
    expected = {"version": _VERSION, "mapping": mapping_uuid, "stream": stream_arn}
    if data.get("version") == _WITHOUT_WINDOWS:
        data["version"] = _VERSION
    for name, value in expected.items():
        if data.get(name) != value:
            _refuse(path, f"is not this mapping's: its {name} is {data.get(name)!r}, not {value!r}")
    return {shard_id: _checkpoint(path, shard_id, each) for shard_id, each in data["shards"].items()}


def _written(checkpoint: Checkpoint) -> dict[str, Any]:
    place = {"sequence_number": checkpoint.sequence_number, "finished": checkpoint.finished}
    windows = [_lane_written(each) for each in checkpoint.windows]
    return {**place, "windows": windows} if windows else place


def _lane_written(each: LaneWindows) -> dict[str, Any]:
    lane = {"lane": each.lane, "ended_to": each.ended_to, "open": [_open_written(window) for window in each.open]}
    # Left out where there are none, and ignored by a harness that knows none: no reason for another version.
    return {**lane, "endings": [_ending_written(ending) for ending in each.endings]} if each.endings else lane


def _open_written(each: OpenWindow) -> dict[str, Any]:
    # The state as a text of JSON: indented like the rest of the file, one of 1 MB takes seconds to write.
    return {"start": each.window.start, "end": each.window.end, "state": compact(each.state)}


def _ending_written(each: Ending) -> dict[str, Any]:
    return {"start": each.window.start, "end": each.window.end, "attempts": each.attempts, "since": each.since}


def _checkpoint(path: Path, shard_id: str, data: Any) -> Checkpoint:
    match data:
        case {"sequence_number": None | str() as number, "finished": bool() as finished}:
            if number is None or (number.isascii() and number.isdigit()):
                windows = _windows(path, shard_id, data.get("windows", []))
                return Checkpoint(sequence_number=number, finished=finished, windows=windows)
        case _:
            pass
    return _refuse(path, f"is corrupt: {data!r} is no place in shard {shard_id}")


def _windows(path: Path, shard_id: str, data: Any) -> tuple[LaneWindows, ...]:
    try:
        return tuple(
            LaneWindows(
                lane=int(each["lane"]),
                ended_to=int(each["ended_to"]),
                open=tuple(map(_open_window, each["open"])),
                endings=tuple(map(_ending, each.get("endings", []))),
            )
            for each in data
        )
    except (LookupError, TypeError, ValueError):
        return _refuse(path, f"is corrupt: the tumbling windows of shard {shard_id} are none")


def _open_window(data: Any) -> OpenWindow:
    return OpenWindow(window=_bounds(data), state=json.loads(data["state"]))


def _ending(data: Any) -> Ending:
    return Ending(window=_bounds(data), attempts=int(data["attempts"]), since=float(data["since"]))


def _bounds(data: Any) -> Window:
    return Window(start=int(data["start"]), end=int(data["end"]))


def _refuse(path: Path, what: str) -> NoReturn:
    raise UsageError(
        f"the checkpoint file {path} {what}",
        hint="harness stream run --from-start (forgets it, and begins where StartingPosition says)",
    )
