"""What delivery warns of: behaviour of AWS's that costs people their records, or days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.caution import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.invocation import Window
    from harness.streams.record import Record


def failures_ignored(records: Iterable[Record]) -> Caution:
    """Warn: failures were reported, and the mapping doesn't ask for them."""
    return _about(
        "failures-ignored",
        "The function reported batchItemFailures, but FunctionResponseTypes lacks ReportBatchItemFailures: "
        "the whole batch counts as handled.",
        records,
    )


def letter_case(key: str, documented: str) -> Caution:
    """Warn: a key of the response differs from the documented one in letter case only."""
    return Caution(code="response-letter-case", text=f"The response has {key!r} where AWS documents {documented!r}.")


def response_shape(what: str) -> Caution:
    """Warn: the response is none that AWS documents."""
    return Caution(
        code="response-shape",
        text=f"The function returned {what}. AWS documents no meaning for it; here the batch counts as handled.",
    )


def unknown_identifier() -> Caution:
    """Warn: a reported identifier belongs to no record of the batch."""
    return Caution(
        code="unknown-identifier",
        text="A reported itemIdentifier is no SequenceNumber of the batch (an eventID is none): "
        "the whole batch counts as failed.",
    )


def state_missing() -> Caution:
    """Warn: a response lacks what a tumbling window demands."""
    return Caution(
        code="state-missing",
        text="With TumblingWindowInSeconds the response must have a `state`; without one the batch counts as failed.",
    )


def lost_behind_reported(records: Iterable[Record]) -> Caution:
    """Warn: records are discarded that the function never reported."""
    return _about(
        "lost-behind-reported",
        "Discarded with a reported record that came before them, though they were never reported themselves. "
        "A function that stops at the first failure has not even seen them.",
        records,
    )


def poison_blocks_shard(records: Iterable[Record], attempts: int) -> Caution:
    """Warn: a batch fails and fails, and no limit ends it."""
    return _about(
        "poison-blocks-shard",
        f"Failed {attempts} times. With neither MaximumRetryAttempts nor MaximumRecordAgeInSeconds in reach, "
        "AWS goes on until the records expire: for a day nothing behind them is delivered.",
        records,
    )


def not_reached(records: Iterable[Record], waits: int, reason: str | None) -> Caution:
    """Warn: the function can't be called, which uses up no retry."""
    return _about(
        "function-not-reached",
        f"Could not call the function {waits} times ({reason or 'no reason given'}). "
        "MaximumRetryAttempts doesn't count such calls: AWS goes on until the records expire.",
        records,
    )


def records_trimmed(records: Iterable[Record]) -> Caution:
    """Warn: records grew older than the stream keeps them while they were retried."""
    return _about(
        "records-trimmed",
        "Retried for longer than the 24 hours that a stream keeps records: gone, and no destination is told.",
        records,
    )


def record_over_limit(records: Iterable[Record]) -> Caution:
    """Warn: a record is too large for an event."""
    return _about(
        "record-over-limit",
        "Alone it makes an event of more than 6,291,456 bytes. Lambda refuses such a call; no table makes such a record.",
        records,
    )


def window_ended_early(window: Window, size: int) -> Caution:
    """Warn: a state outgrew its limit."""
    return Caution(
        code="window-ended-early",
        text=f"The state of window [{window.start}, {window.end}) has {size} bytes, more than 1 MB: "
        "the window ends now, and its further records begin with an empty state.",
    )


def window_state_dropped(window: Window) -> Caution:
    """Warn: a window's final invocation never succeeded."""
    return Caution(
        code="window-state-dropped",
        text=f"The final invocation of window [{window.start}, {window.end}) failed until its retries or "
        "its time were used up. Its state is lost, and no destination is told.",
    )


def late_records(window: Window, records: Iterable[Record]) -> Caution:
    """Warn: records belong to a window that had its final invocation."""
    return _about(
        "late-records",
        f"Created in window [{window.start}, {window.end}), which has ended: it opens once more, with an empty state.",
        records,
    )


def _about(code: str, text: str, records: Iterable[Record]) -> Caution:
    return Caution(code=code, text=text, sequence_numbers=tuple(record.sequence_number for record in records))
