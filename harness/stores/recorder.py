"""Listening to the DynamoDB requests of a boto3 client: what was asked and what it consumed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Operations that tell their capacity when asked.
_MEASURED = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that was answered, or refused."""

    #: As AWS names it: `Query`, `TransactWriteItems`, …
    operation: str
    #: The request's parameters in DynamoDB JSON, as they went out.
    request: dict[str, Any]
    #: CapacityUnits summed over tables; None where the service told none.
    capacity: float | None
    #: AWS's error code, such as `TransactionCanceledException`, or the exception's name; None where all went well.
    error: str | None = None


class Recorder:
    """Collects calls, oldest first. Attach it to a client, or to a session before it makes its clients."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._deaf = False

    def attach(self, events: Any) -> None:
        """Listen on `client.meta.events` or `session.events` of boto3."""
        for event, listener in self._listeners():
            events.register(f"{event}.dynamodb", listener, unique_id=f"harness-{event}-{id(self)}")

    def detach(self, events: Any) -> None:
        """Listen no longer."""
        for event, listener in self._listeners():
            events.unregister(f"{event}.dynamodb", listener, unique_id=f"harness-{event}-{id(self)}")

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Hear nothing of what the block asks: it is the harness's own question."""
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False

    def add(self, call: Call) -> None:
        """Take in a call that was heard elsewhere, in a handler's own process."""
        if not self._deaf:
            self._calls.append(call)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Everything heard so far."""
        return tuple(self._calls)

    def take(self) -> tuple[Call, ...]:
        """Return what was heard and forget it."""
        taken = self.calls
        del self._calls[: len(taken)]
        return taken

    def _listeners(self) -> tuple[tuple[str, Any], ...]:
        return (
            ("before-parameter-build", self._ask_capacity),
            ("before-call", self._remember),
            ("after-call", self._answered),
            ("after-call-error", self._failed),
        )

    def _ask_capacity(self, *, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Ask for the capacity where the caller didn't; `params` is botocore's own copy."""
        if model.name in _MEASURED:
            params.setdefault("ReturnConsumedCapacity", "INDEXES")

    def _remember(self, *, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Keep the body: it has the parameters as sent, whichever of boto3's two interfaces made them."""
        context["harness_request"] = json.loads(params["body"])

    def _answered(self, *, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        self.add(
            Call(
                operation=model.name,
                request=context.get("harness_request", {}),
                capacity=consumed(parsed),
                error=parsed.get("Error", {}).get("Code"),
            )
        )

    def _failed(self, *, exception: Exception, context: dict[str, Any], event_name: str, **_: Any) -> None:
        self.add(
            Call(
                operation=event_name.rpartition(".")[2],
                request=context.get("harness_request", {}),
                capacity=None,
                error=type(exception).__name__,
            )
        )


def consumed(answer: Mapping[str, Any]) -> float | None:
    """Sum CapacityUnits over an answer's tables (indexes included); None where there is no word of it."""
    told = answer.get("ConsumedCapacity")
    if told is None:
        return None
    entries = told if isinstance(told, list) else [told]
    return float(sum(entry.get("CapacityUnits", 0.0) for entry in entries))
