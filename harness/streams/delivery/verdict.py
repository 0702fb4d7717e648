"""What a function's answer means for the batch that it was called with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.streams.delivery import traps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.caution import Caution
    from harness.streams.delivery.decision import Verdict
    from harness.streams.invocation import Invocation, Result

FAILURES, IDENTIFIER, STATE = "batchItemFailures", "itemIdentifier", "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one invocation, before anything is done about it."""

    verdict: Verdict
    #: How many of the batch's records, from the first on, are handled.
    handled: int = 0
    #: Sequence numbers that the function reported, where all of them are the batch's.
    reported: frozenset[str] = frozenset()
    #: What the function returned for its tumbling window.
    state: Any = None
    cautions: tuple[Caution, ...] = ()


def judge(invocation: Invocation, result: Result, *, reporting: bool) -> Judgement:
    """Return the verdict; `reporting` is whether the mapping asks for ReportBatchItemFailures.

    Sources: the Lambda guide's pages on partial batch responses and on tumbling windows for DynamoDB.
    """
    if result.outcome == "not_invoked":
        return Judgement(verdict="waiting")
    if result.outcome == "function_error":
        return Judgement(verdict="function_error")
    if invocation.tumble is not None and _get(result.response, STATE) is None:
        return Judgement(verdict="failure", cautions=(traps.state_missing(),))
    reported = _judge_report if reporting else _ignore_report
    return replace(reported(invocation, result.response), state=_get(result.response, STATE))


def _judge_report(invocation: Invocation, response: Any) -> Judgement:
    if isinstance(response, dict):
        entries = response.get(FAILURES)
        if isinstance(entries, list) and entries:
            return _judge_entries(invocation, entries)
        if entries is None:
            return _success(invocation, *_misspelt((response,), FAILURES))
        documented = entries == []
    else:
        # Recorded against AWS: null, an empty list and an empty text are a success.
        documented = response is None or response in ([], "")
    return _success(invocation, *(() if documented else (traps.response_shape(_told(response)),)))


def _judge_entries(invocation: Invocation, entries: list[Any]) -> Judgement:
    # From the last to the first: of a record that is in the batch twice, the first counts.
    places = {record.sequence_number: place for place, record in reversed(list(enumerate(invocation.records)))}
    identifiers = [_get(entry, IDENTIFIER) for entry in entries]
    known = [identifier for identifier in identifiers if isinstance(identifier, str) and identifier in places]
    if len(known) < len(entries):
        spelling = tuple(_misspelt((entry for entry in entries if isinstance(entry, dict)), IDENTIFIER))
        return Judgement(verdict="failure", cautions=spelling or (traps.unknown_identifier(),))
    # A batch is in the order of its numbers, so the first place is the numerically lowest one.
    first = min(places[identifier] for identifier in known)
    return Judgement(verdict="partial" if first else "failure", handled=first, reported=frozenset(known))


def _success(invocation: Invocation, *cautions: Caution) -> Judgement:
    return Judgement(verdict="success", handled=len(invocation.records), cautions=cautions)


def _ignore_report(invocation: Invocation, response: Any) -> Judgement:
    entries = _get(response, FAILURES)
    if not isinstance(entries, list) or not entries:
        return _success(invocation)
    wanted = [_get(entry, IDENTIFIER) for entry in entries]
    reported = [record for record in invocation.records if record.sequence_number in wanted]
    return _success(invocation, traps.failures_ignored(reported))


def _misspelt(objects: Iterable[dict[str, Any]], documented: str) -> Iterable[Caution]:
    """Warn of the first object that has the key in other letters: AWS is not known to accept it."""
    for each in objects:
        for key in each:
            if key != documented and key.casefold() == documented.casefold() and documented not in each:
                return (traps.letter_case(key, documented),)
    return ()


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _told(response: Any) -> str:
    if isinstance(response, dict):
        return f"{FAILURES} that is no list but of type {type(response[FAILURES]).__name__}"
    return f"a value of type {type(response).__name__}"
