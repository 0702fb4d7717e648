"""What delivery wants done next, and what it has to say about what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.streams.caution import Caution

if TYPE_CHECKING:
    from harness.streams.invocation import Invocation
    from harness.streams.record import Record

__all__ = ["Caution", "Condition", "Decisions", "Discard", "Settled", "Verdict"]

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]
#: `waiting`: the call never reached the function.
Verdict = Literal["success", "partial", "failure", "function_error", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard:
    """Records that are given up. They are told to the destination first, and passed after that."""

    lane: int
    shard_id: str
    records: tuple[Record, ...]
    condition: Condition
    #: Calls made with exactly this batch; 1 where it expired before the first.
    invokes: int
    #: Of the last call; None where there was none.
    request_id: str | None = None
    #: "Unhandled" after a function error; None after reported failures or no call.
    function_error: str | None = None
    #: The event of the last call's batch, for a destination that carries it (S3).
    invocation: Invocation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What is due now."""

    #: At most one for each lane that is free. Each must come back through `settle`.
    invocations: tuple[Invocation, ...] = ()
    #: Each must come back through `drop`, after it was told to the destination.
    discards: tuple[Discard, ...] = ()
    #: Epoch seconds before which nothing else becomes due by itself; None where only new records can change that.
    next_at: float | None = None
    #: What was noticed on the way. Of records that are gone without a discard only this tells.
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an invocation's result meant for its batch."""

    verdict: Verdict
    #: Records that are handled for good by this call.
    handled: tuple[Record, ...] = ()
    #: The two halves that a bisected batch goes on as.
    halves: tuple[tuple[Record, ...], ...] = ()
    #: Records behind a reported one, which are tried again.
    remainder: tuple[Record, ...] = ()
    #: The limit of attempts without an end (`Emulation.retry_cap`) is reached by this batch.
    stuck: bool = False
    cautions: tuple[Caution, ...] = ()
