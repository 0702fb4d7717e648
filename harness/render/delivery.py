"""What a delivery came to: as JSON, and line by line for the eye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.render.words import counted
from harness.streams.journal import Cautioned, Checkpointed, Discarded, Filtered, Invoked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.streams.journal import Delivery, Entry
    from harness.streams.record import Record

#: So many sequence numbers are shown in a line before the rest is only counted.
_SHOWN = 4


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """Return everything that happened, in order, in JSON's types; no ids that differ from run to run but AWS's own."""
    entries = delivery.entries
    return {
        "records": delivery.records,
        "invokes": delivery.invokes,
        "failures": delivery.failures,
        "invocations": [_invocation(entry) for entry in entries if isinstance(entry, Invoked)],
        "discards": [_discard(entry) for entry in entries if isinstance(entry, Discarded)],
        "filtered": [number for entry in entries if isinstance(entry, Filtered) for number in _numbers(entry.records)],
        "checkpoints": {
            entry.shard_id: {
                "sequence_number": entry.checkpoint.sequence_number,
                "finished": entry.checkpoint.finished,
            }
            for entry in entries
            if isinstance(entry, Checkpointed)
        },
        "cautions": [
            {
                "code": entry.caution.code,
                "text": entry.caution.text,
                "records": list(entry.caution.sequence_numbers),
            }
            for entry in entries
            if isinstance(entry, Cautioned)
        ],
    }


def delivery_lines(entry: Entry) -> Iterator[str]:
    """Yield what there is to say of one entry while it happens; checkpoints go without saying."""
    match entry:
        case Invoked():
            yield _invoked_line(entry)
            if entry.result.error is not None:
                error = entry.result.error
                yield f"    {error.get('errorType')}: {error.get('errorMessage')}"
            if entry.settled.halves:
                yield "    halved: " + ", then ".join(_span(half) for half in entry.settled.halves)
            if entry.settled.remainder:
                yield f"    again from {_span(entry.settled.remainder)}"
        case Discarded():
            given_up, discard = entry.given_up, entry.discard
            told = "told to the destination" if given_up.delivered else given_up.problem or "no destination is told"
            yield f"  discarded {_span(discard.records)}: {discard.condition} after {discard.invokes}; {told}"
        case Filtered():
            yield f"  filtered  {_span(entry.records)}"
        case Cautioned():
            yield f"  note      {entry.caution.text} [{entry.caution.code}]"
        case Checkpointed():
            return


def totals(delivery: Delivery) -> str:
    """`12 records in 3 batches, 5 calls, 2 failed; 1 discarded, 4 filtered out`."""
    text = f"{counted(delivery.records, 'record')} handled in {counted(delivery.invokes, 'call')}"
    if delivery.failures:
        text += f", {delivery.failures:,} of them failed"
    if delivery.discarded:
        text += f"; {delivery.discarded:,} discarded"
    if delivery.filtered:
        text += f"; {delivery.filtered:,} filtered out"
    return text


def _invocation(entry: Invoked) -> dict[str, Any]:
    invocation, result, settled = entry.invocation, entry.result, entry.settled
    shown: dict[str, Any] = {
        "shard": invocation.shard_id,
        "lane": invocation.lane,
        "records": _numbers(invocation.records),
        "attempt": invocation.attempt,
        "outcome": result.outcome,
        "verdict": settled.verdict,
        "lag_ms": entry.lag,
    }
    if result.error is not None:
        shown["error"] = {key: result.error.get(key) for key in ("errorType", "errorMessage")}
    if result.reason is not None:
        shown["reason"] = result.reason
    if settled.halves:
        shown["halves"] = [_numbers(half) for half in settled.halves]
    if settled.remainder:
        shown["remainder"] = _numbers(settled.remainder)
    if invocation.tumble is not None:
        tumble = invocation.tumble
        shown["window"] = {"start": tumble.window.start, "end": tumble.window.end, "final": tumble.final}
    return shown


def _discard(entry: Discarded) -> dict[str, Any]:
    return {
        "records": _numbers(entry.discard.records),
        "condition": entry.discard.condition,
        "invokes": entry.discard.invokes,
        "failure_record": entry.given_up.record,
        "delivered": entry.given_up.delivered,
        "problem": entry.given_up.problem,
    }


def _invoked_line(entry: Invoked) -> str:
    invocation = entry.invocation
    outcome = "ok" if entry.settled.verdict == "success" else entry.settled.verdict.replace("_", " ")
    attempt = f", attempt {invocation.attempt}" if invocation.attempt > 1 else ""
    return f"  {outcome:<9} {_span(invocation.records)}{attempt}, {entry.lag:,} ms behind"


def _span(records: Sequence[Record]) -> str:
    """`3 records 000…1 to 000…3`."""
    if not records:
        return "no records"
    numbers = [record.sequence_number.lstrip("0") or "0" for record in records]
    if len(numbers) <= _SHOWN:
        return f"{counted(len(numbers), 'record')} ({', '.join(numbers)})"
    return f"{counted(len(numbers), 'record')} ({numbers[0]} … {numbers[-1]})"


def _numbers(records: Sequence[Record]) -> list[str]:
    return [record.sequence_number for record in records]
