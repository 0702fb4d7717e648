"""Where checkpoints are kept: a file for each mapping and stream, or memory."""

from __future__ import annotations

import fcntl
import hashlib
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.errors import EnvironmentFailure
from harness.streams.reading.checkpoint_file import read_checkpoints, write_checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.streams.reading.position import Checkpoint


class MemoryCheckpoints:
    """Keeps checkpoints as long as it lives. For tests, and for deliveries that nobody continues."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], dict[str, Checkpoint]] = {}

    def load(self, mapping_uuid: str, stream_arn: str) -> dict[str, Checkpoint]:
        """Return a copy of what is known, by shard id."""
        return dict(self._kept.get((mapping_uuid, stream_arn), {}))

    def begin(self, mapping_uuid: str, stream_arn: str, checkpoints: Mapping[str, Checkpoint]) -> None:
        """Keep where a mapping starts."""
        self._kept[mapping_uuid, stream_arn] = dict(checkpoints)

    def save(self, mapping_uuid: str, stream_arn: str, shard_id: str, checkpoint: Checkpoint) -> None:
        """Keep one."""
        self._kept.setdefault((mapping_uuid, stream_arn), {})[shard_id] = checkpoint

    def forget(self, mapping_uuid: str, stream_arn: str) -> None:
        """Start anew."""
        self._kept.pop((mapping_uuid, stream_arn), None)


class FileCheckpoints:
    """Keeps checkpoints in a folder. A mapping that was loaded is this process's until `close`, or its end.

    What was saved outlives the process however it ends; it is not forced to the disk, so that a machine that loses its
    power may lose the last ones, and records are delivered again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Path, dict[str, Checkpoint]] = {}
        self._locks: dict[str, int] = {}

    def load(self, mapping_uuid: str, stream_arn: str) -> dict[str, Checkpoint]:
        """Return what is known, by shard id.

        Raises EnvironmentFailure when another process has the mapping, UsageError when the file can't be trusted.
        """
        self._lock(mapping_uuid)
        path = self._path(mapping_uuid, stream_arn)
        self._kept[path] = read_checkpoints(path, mapping_uuid, stream_arn)
        return dict(self._kept[path])

    def begin(self, mapping_uuid: str, stream_arn: str, checkpoints: Mapping[str, Checkpoint]) -> None:
        """Keep where a mapping starts, in all shards at once."""
        self._write(mapping_uuid, stream_arn, dict(checkpoints))

    def save(self, mapping_uuid: str, stream_arn: str, shard_id: str, checkpoint: Checkpoint) -> None:
        """Keep one; the file is the old or the new one, whenever we are killed."""
        path = self._path(mapping_uuid, stream_arn)
        kept = self._kept[path] if path in self._kept else self.load(mapping_uuid, stream_arn)
        self._write(mapping_uuid, stream_arn, kept | {shard_id: checkpoint})

    def forget(self, mapping_uuid: str, stream_arn: str) -> None:
        """Start anew: what `--from-start` does, also with a corrupt file."""
        self._lock(mapping_uuid)
        path = self._path(mapping_uuid, stream_arn)
        self._kept.pop(path, None)
        path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let other processes have the mappings."""
        while self._locks:
            os.close(self._locks.popitem()[1])

    def _path(self, mapping_uuid: str, stream_arn: str) -> Path:
        # An engine that is restarted numbers its records from 1 again, in a stream of another ARN.
        stream = hashlib.sha256(stream_arn.encode()).hexdigest()[:16]
        return self._folder / f"{quote(mapping_uuid, safe='')}.{stream}.json"

    def _write(self, mapping_uuid: str, stream_arn: str, kept: dict[str, Checkpoint]) -> None:
        path = self._path(mapping_uuid, stream_arn)
        self._lock(mapping_uuid)
        write_checkpoints(path, mapping_uuid, stream_arn, kept)
        self._kept[path] = kept

    def _lock(self, mapping_uuid: str) -> None:
        """Take the mapping; the system lets go of it when we die."""
        if mapping_uuid in self._locks:
            return
        path = self._folder / f"{quote(mapping_uuid, safe='')}.lock"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise EnvironmentFailure(
                f"{path} can't be written: {exc.strerror or exc}", hint=f"ls -ld {self._folder}"
            ) from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise EnvironmentFailure(
                f"mapping {mapping_uuid} is attached already, by process {holder} ({path})",
                hint=f"end it (kill {holder}), or give this mapping another UUID to read the stream a second time",
            ) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._locks[mapping_uuid] = descriptor


def forget_positions(folder: Path) -> None:
    """Forget every checkpoint: the streams that they are places in are gone.

    One of a mapping that is attached right now stays with its process, which reads that stream to its end.
    """
    for path in folder.glob("*.json"):
        with (folder / f"{path.name.rsplit('.', 2)[0]}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink(missing_ok=True)
