"""Writing many items fast: BatchWriteItem from a few threads, each on its own connection."""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from harness.stores.dynamodb_wire import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from harness.dataset import Item
    from harness.stores.dynamodb_wire import Wire

#: The most that BatchWriteItem takes.
BATCH = 25
#: DynamoDB Local takes one item at a time from a queue of its own; eight connections keep it filled (two cores: four
#: gave 3,600 to 4,050 items/s, eight 3,800 to 4,600).
WORKERS = 8
#: Batches under way at one time: what bounds the memory.
_IN_FLIGHT = 2 * WORKERS


def load_items(wire: Wire, table: str, items: Iterable[Item], *, workers: int = WORKERS) -> Iterator[int]:
    """Put every item, and yield how many are acknowledged so far.

    Raises ServiceError or Unreachable; what was yielded before is in the table, and perhaps a little more.
    """
    done = 0
    pending: deque[Future[int]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="load")
    try:
        for batch in batches(items):
            pending.append(pool.submit(write_batch, wire, table, batch))
            if len(pending) >= _IN_FLIGHT:
                done += pending.popleft().result()
                yield done
        while pending:
            done += pending.popleft().result()
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def write_batch(wire: Wire, table: str, items: list[Item]) -> int:
    """Put up to 25 items, again and again until none is left unprocessed; return how many."""
    requests: list[dict[str, Any]] = [{"PutRequest": {"Item": item}} for item in items]
    fruitless = 0
    while True:
        left, reason = _put(wire, table, requests)
        if not left:
            return len(items)
        fruitless = fruitless + 1 if len(left) == len(requests) else 0
        if fruitless == wire.backoff.attempts:
            raise reason
        requests = left
        wire.backoff.wait(fruitless)


def _put(wire: Wire, table: str, requests: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], ServiceError]:
    """Send one request; return what was not taken, and why. A throttled request took nothing."""
    body = json.dumps({"RequestItems": {table: requests}}, separators=(",", ":"), ensure_ascii=False)
    try:
        answer = wire.call_once("BatchWriteItem", body.encode())
    except ServiceError as exc:
        if not exc.passing:
            raise
        return requests, exc
    unprocessed: list[dict[str, Any]] = answer.get("UnprocessedItems", {}).get(table, [])
    return unprocessed, ServiceError("BatchWriteItem", "UnprocessedItems", "none taken, again and again", status=500)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut items into as many as one BatchWriteItem takes."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
