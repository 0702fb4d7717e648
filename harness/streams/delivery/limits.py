"""When a batch is given up: the limits that a mapping sets, the stream's own, and the emulation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.streams.mapping.model import UNLIMITED

if TYPE_CHECKING:
    from harness.streams.delivery.unit import Unit
    from harness.streams.emulation import Emulation
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.record import Record

#: Seconds that a stream keeps its records.
RETENTION = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None stands for no limit."""

    retries: int | None
    #: Seconds. One beyond the stream's retention is none: the record is gone before.
    age: int | None
    #: Attempts, or calls in a row that reached nothing, after which a batch without a limit in reach is stuck.
    cap: int
    #: Whether time passes between attempts, so that an age can be reached.
    paused: bool

    @staticmethod
    def of(mapping: EventSourceMapping, emulation: Emulation) -> Limits:
        """Read them from the parameters."""
        retries, age = mapping.maximum_retry_attempts, mapping.maximum_record_age_in_seconds
        return Limits(
            retries=None if retries == UNLIMITED else retries,
            age=None if age == UNLIMITED or age > RETENTION else age,
            cap=emulation.retry_cap,
            paused=emulation.time_scale > 0,
        )

    def expired(self, unit: Unit, now: float) -> tuple[Record, ...]:
        """Return the records that are too old for an attempt, also for the first one."""
        return () if self.age is None else unit.older_than(self.age, now)

    def trimmed(self, unit: Unit, now: float) -> tuple[Record, ...]:
        """Return the records that the stream no longer has; what was just read from it, it had."""
        return unit.older_than(RETENTION, now) if unit.tried else ()

    def outlived(self, unit: Unit, now: float) -> bool:
        """Whether a final invocation, which has no record whose age could count, has been due for too long."""
        return unit.final and now - unit.since > (RETENTION if self.age is None else self.age)

    def exhausted(self, unit: Unit) -> bool:
        """Whether the last attempt was the last."""
        return self.retries is not None and unit.attempts > self.retries

    def stuck(self, unit: Unit) -> bool:
        """Whether it was tried so often that nothing but a day's time will end it."""
        ends_by_age = self.age is not None and self.paused
        ends_by_retries = self.retries is not None and not unit.waits
        return not (ends_by_age or ends_by_retries) and unit.failures >= self.cap
