"""The trigger beside a bare GetRecords loop: write to handler, records per second, and what it costs to wait."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from harness import stack as stacks
from harness.config import load_config
from harness.handler_config import HandlerConfig
from harness.stores.clients import make_client
from harness.stores.streams_wire import StreamsWire
from harness.streams.emulation import Emulation
from harness.streams.follow import follow
from harness.streams.journal import Invoked
from harness.trigger import Site, Terms, open_trigger
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.streams.journal import Entry
    from harness.streams.poller import Poller

ROOT = Path(__file__).parents[2]
WRITES, WARM_UP = 300, 20
RECORDS = 20_000
IDLE_SECONDS = 20.0
SERVERS = ("ministack", "postgres")
HANDLER = """import time

def handler(event, context):
    return {"at": time.time()}
"""


def main() -> None:
    for engine in ("docker", "embedded"):
        config = load_config(ROOT, {"HARNESS_ENGINE": engine}, {})
        with stacks.ephemeral(config) as stack, tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "noop.py").write_text(HANDLER)
            own = replace(config, project=Path(folder), handlers={"noop": HandlerConfig(handler="noop.py:handler")})
            bench = Bench(own, stack.endpoints)
            heading(f"From write to handler, {WRITES} writes one after another, engine {engine}")
            bare, trigger = bench.bare_latencies(), bench.trigger_latencies()
            for name, share in (("p50", 0.50), ("p95", 0.95)):
                figures = [
                    Figure(f"{what} {name}", (at(runs, share),), "ms")
                    for what, runs in (("bare", bare), ("trigger", trigger))
                ]
                show(figures, baseline=figures[0])
            heading(f"{RECORDS:,} records through a warm handler that does nothing, batches of 100, engine {engine}")
            rates = bench.rates()
            figures = [Figure(name, (rate,), "rec/s") for name, rate in rates.items()]
            show(figures, baseline=figures[0])
            heading(f"Attached, {IDLE_SECONDS:g} s without a record, engine {engine}")
            core = Figure("a whole core", (100.0,), "%")
            show([core, Figure("processor time", (bench.idle(),), "%")], baseline=core)


class Bench:
    """A stack, and a fresh table for each measurement."""

    def __init__(self, config: Any, endpoints: Any) -> None:
        self.config, self.endpoints = config, endpoints
        self.client = make_client(endpoints.dynamodb)
        self._tables = 0

    def table(self) -> tuple[str, str]:
        """Return name and stream of a new one."""
        self._tables += 1
        name = f"bench-{self._tables}"
        made = self.client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        return name, made["TableDescription"]["LatestStreamArn"]

    def bare_latencies(self) -> list[float]:
        """A loop that asks boto3 for records without a pause, on a thread of its own."""
        name, arn = self.table()
        seen: queue.SimpleQueue[float] = queue.SimpleQueue()
        stop = threading.Event()

        def loop() -> None:
            for _ in pages(make_client(self.endpoints.dynamodb, "dynamodbstreams"), arn, stop):
                seen.put(time.time())

        with running(loop, stop):
            return self.write_one_by_one(name, seen)

    def trigger_latencies(self) -> list[float]:
        """The clock stands in the handler, in its own process."""
        name, arn = self.table()
        seen: queue.SimpleQueue[float] = queue.SimpleQueue()

        def watch(entry: Entry) -> None:
            if isinstance(entry, Invoked):
                seen.put(entry.result.response["at"])

        stop = threading.Event()
        with self.trigger(arn, watch) as poller, running(lambda: follow(poller, stop), stop):
            return self.write_one_by_one(name, seen)

    def rates(self) -> dict[str, float]:
        """Records per second."""
        name, arn = self.table()
        for start in range(0, RECORDS, 25):
            puts = [{"PutRequest": {"Item": item(number)}} for number in range(start, start + 25)]
            self.client.batch_write_item(RequestItems={name: puts})
        began, count = time.perf_counter(), 0
        for page in pages(make_client(self.endpoints.dynamodb, "dynamodbstreams"), arn, threading.Event()):
            count += len(page)
            if count >= RECORDS:
                break
        raw = RECORDS / (time.perf_counter() - began)
        with self.trigger(arn, lambda _: None) as poller:
            poller.function.invoke({"Records": []})
            began = time.perf_counter()
            delivered = poller.drain().records
            ours = delivered / (time.perf_counter() - began)
        return {"raw GetRecords, boto3": raw, "trigger": ours}

    def idle(self) -> float:
        """Processor time of this process and its children, in percent of a core."""
        _, arn = self.table()
        stop = threading.Event()
        with self.trigger(arn, lambda _: None) as poller, running(lambda: follow(poller, stop), stop):
            poller.function.invoke({"Records": []})
            stop.wait(2.0)
            before, began = used(), time.perf_counter()
            stop.wait(IDLE_SECONDS)
            return 100.0 * (used() - before) / (time.perf_counter() - began)

    def write_one_by_one(self, table: str, seen: queue.SimpleQueue[float]) -> list[float]:
        latencies = []
        for number in range(WARM_UP + WRITES):
            began = time.time()
            self.client.put_item(TableName=table, Item=item(number))
            latencies.append(1000.0 * (seen.get(timeout=30.0) - began))
        return latencies[WARM_UP:]

    @contextmanager
    def trigger(self, arn: str, watch: Callable[[Entry], object]) -> Iterator[Poller]:
        with ExitStack() as stack:
            api = stack.enter_context(closing(StreamsWire(self.endpoints.dynamodb)))
            site = Site(config=self.config, endpoints=self.endpoints, api=api, stream_arn=arn)
            terms = Terms(watch=watch, emulation=Emulation(time_scale=1.0))
            yield stack.enter_context(open_trigger(site, "noop", terms)).poller


@contextmanager
def running(loop: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def pages(client: Any, arn: str, stop: threading.Event) -> Iterator[list[dict[str, Any]]]:
    """Yield what GetRecords gives, when it gives something."""
    shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    place = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    while not stop.is_set():
        answer = client.get_records(ShardIterator=place, Limit=1000)
        place = answer["NextShardIterator"]
        if answer["Records"]:
            yield answer["Records"]


def item(number: int) -> dict[str, Any]:
    return {"pk": {"S": f"item-{number}"}, "message": {"S": "Are you there? " * 10}}


def at(runs: list[float], share: float) -> float:
    return sorted(runs)[int(share * (len(runs) - 1))]


def used() -> float:
    """Seconds of processor time that this process and its handlers took; the servers' own work is theirs."""
    process = psutil.Process()
    handlers = [each for each in process.children(recursive=True) if not is_server(each)]
    return sum(sum(each.cpu_times()[:2]) for each in (process, *handlers))


def is_server(process: psutil.Process) -> bool:
    command = " ".join(process.cmdline()) or process.name()
    return any(name in command for name in SERVERS)
