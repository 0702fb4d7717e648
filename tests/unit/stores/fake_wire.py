"""DynamoDB's answers to BatchWriteItem, as a test wants them."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Lock
from typing import Any

from harness.endpoint import DynamoDBEndpoint
from harness.stores.backoff import Backoff
from harness.stores.dynamodb_wire import Wire

#: Of one request's puts, those to leave unprocessed; it may raise instead.
Refusal = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


class FakeWire(Wire):
    """Keeps what it was given; `refuse` decides what it doesn't take."""

    def __init__(self, refuse: Refusal, *, attempts: int = 4) -> None:
        self.pauses: list[float] = []
        backoff = Backoff(attempts=attempts, base=1.0, cap=4.0, pause=self.pauses.append, jitter=lambda: 1.0)
        super().__init__(DynamoDBEndpoint(url="http://127.0.0.1:1"), backoff=backoff)
        self.taken: list[dict[str, Any]] = []
        self.largest = 0
        self._refuse = refuse
        self._taking = Lock()

    def call_once(self, operation: str, body: bytes) -> dict[str, Any]:
        assert operation == "BatchWriteItem"
        with self._taking:
            [(table, requests)] = json.loads(body)["RequestItems"].items()
            self.largest = max(self.largest, len(requests))
            left = self._refuse(requests)
            self.taken += [each["PutRequest"]["Item"] for each in requests if each not in left]
            return {"UnprocessedItems": {table: left} if left else {}}
