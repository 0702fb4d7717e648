"""Failure records in a file, one JSON line each: the destination where no service is named."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.destination.base import DestinationFailed, with_payload
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLinesDestination:
    """Stands in for a queue, a topic or a bucket; each line is `{"destination": <its ARN>, "record": …}`.

    Several processes may append to one file. A line is there whole or not at all, and at once.
    """

    path: Path
    #: Of the destination that the mapping names.
    arn: str
    #: Whether records carry the event, as in a bucket.
    carries_event: bool = False

    @property
    def describe(self) -> str:
        """The file, and for whom it stands."""
        return f"file {self.path} (in place of {self.arn})"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:
        """Append a line."""
        body = with_payload(record, event if self.carries_event else None)
        line = compact({"destination": self.arn, "record": body}).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(self.path) as descriptor:
                _append(descriptor, line)
        except OSError as exc:
            raise DestinationFailed(f"{self.path} could not be written: {exc.strerror or exc}") from exc


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Open the file, and keep the others out for as long as the block runs."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _append(descriptor: int, line: bytes) -> None:
    """Write a line to the end, behind whatever a killed writer may have left there."""
    before = os.fstat(descriptor).st_size
    if before and os.pread(descriptor, 1, before - 1) != b"\n":
        line = b"\n" + line
    try:
        while line:
            line = line[os.write(descriptor, line) :]
    except OSError:
        os.ftruncate(descriptor, before)
        raise
