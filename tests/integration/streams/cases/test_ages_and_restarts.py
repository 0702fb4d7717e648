"""Records that grow too old, states that grow too large, items that expire and engines that die, on real engines."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from harness.dataset import silent
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.engines.ports import free_port
from harness.engines.readiness import wait_until
from harness.engines.registry import open_engine
from harness.service import Service
from harness.stores.clients import make_client
from harness.stores.probe import probe_dynamodb
from harness.streams.clock import HurriedClock, SystemClock
from harness.streams.emulation import Emulation
from harness.streams.reading.checkpoints import FileCheckpoints
from tests.integration.conftest import ENGINES, config_for, missing
from tests.integration.streams.attached import NAME, Handler, Table, create, key, streamed, to_queue
from tests.integration.streams.cases.test_delivery_cases import _REPORTS, EIGHT, filtered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The one name space of the engines that are started here: a stream's ARN must not differ by the account alone.
_ACCOUNT = "782000000001"
#: MiniStack runs no Postgres, and nobody here asks for one.
_NOWHERE = PostgresEndpoint(host="127.0.0.1", port=1, user="", password="", database="")


@pytest.fixture
def table(engine_pair: Endpoints, tmp_path: Path) -> Iterator[Table]:
    with streamed(engine_pair, tmp_path) as made:
        yield made


def number(record: dict[str, Any]) -> str:
    text: str = record["dynamodb"]["SequenceNumber"]
    return text


def test_t29_what_is_too_old_is_never_sent(table: Table) -> None:
    """The engines' clocks can't be moved: the stream tells of r1 as if it had been written two minutes before."""
    table.put(*EIGHT[:6])
    # DynamoDB Local knows the minute only, and takes the last second of it that can be: a minute more is needed.
    table.earlier["r1"] = timedelta(seconds=121)
    handler = Handler()
    attached = table.deliver(handler, BatchSize=10, MaximumRecordAgeInSeconds=60, DestinationConfig=to_queue())
    assert handler.batches == [EIGHT[1:6]]
    (record,) = attached.failures
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in record
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert attached.discarded == [["r1"]]


def test_t30_what_grows_too_old_between_retries_is_given_up(table: Table) -> None:
    clock = HurriedClock()

    def script(_: list[dict[str, Any]]) -> None:
        # A call takes half a minute of the poller's time: the first one begins in time, the second one too.
        clock.wait(31)
        raise ValueError("poison")

    table.put("r1")
    handler = Handler(script)
    attached = table.deliver(
        handler,
        clock=clock,
        emulation=Emulation(time_scale=1.0),
        MaximumRecordAgeInSeconds=60,
        DestinationConfig=to_queue(),
    )
    assert handler.batches == [["r1"], ["r1"]]
    (record,) = attached.failures
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert "responseContext" not in record


def test_t39_an_engine_that_was_restarted_has_no_stale_checkpoint(engine: str, tmp_path: Path) -> None:
    """DynamoDB Local numbers from 1 again: what was kept of the old stream would pass all that is new."""
    handler, folder = Handler(), tmp_path / "checkpoints"
    with serving(engine, tmp_path) as table:
        table.put(*EIGHT[:4])
        with closing(FileCheckpoints(folder)) as checkpoints:
            before = table.deliver(handler, checkpoints=checkpoints)
    assert handler.names == EIGHT[:4]
    handler = Handler()
    with serving(engine, tmp_path) as again:
        assert again.arn != table.arn
        again.put("r1", "r5")
        with closing(FileCheckpoints(folder)) as checkpoints:
            again.deliver(handler, checkpoints=checkpoints)
    assert handler.names == ["r1", "r5"]
    # MiniStack's numbers begin with the time, so that there only the ARN tells that the stream is another one.
    if engine == "docker":
        assert max(map(number, handler.records)) < str(before.checkpoints[-1]), "no trap was set"


def test_t39_a_poller_that_lived_through_the_restart_is_not_fed_by_the_new_table(engine: str, tmp_path: Path) -> None:
    old, new = Handler(), Handler()
    port = free_port()
    with ExitStack() as outlives:
        with serving(engine, tmp_path, port=port) as table:
            table.put("r1")
            attached = outlives.enter_context(table.attach(old))
            attached.poller.drain()
        with serving(engine, tmp_path, port=port) as again:
            again.put("r2")
            for _ in range(3):
                assert attached.poller.poll_once().invokes == 0
            again.deliver(new)
    assert (old.names, new.names) == (["r1"], ["r2"])


def test_t44_the_lowest_report_goes_by_number(table: Table) -> None:
    """Both engines write leading zeros: here the order of texts is that of numbers, `99` and `100` are as `099` and `100`.

    That numbers of unequal length are compared as numbers, the case on simulated records shows.
    """
    table.put_many(125)
    reported: list[str] = []

    def script(records: list[dict[str, Any]]) -> dict[str, Any]:
        if not reported:
            # Every hundred numbers there is such a pair.
            at = next(at for at, record in enumerate(records[:-1]) if number(record).endswith("99") and at)
            reported.extend([number(records[at + 1]), number(records[at])])
            return {"batchItemFailures": [{"itemIdentifier": text} for text in reported]}
        return {}

    handler = Handler(script)
    attached = table.deliver(handler, BatchSize=200, **_REPORTS)
    hundred, ninety_nine = reported
    assert (hundred[-2:], ninety_nine[-2:]) == ("00", "99")
    first, second = handler.batches
    assert second == first[-len(second) :]
    assert number(handler.records[len(first)]) == ninety_nine
    assert attached.checkpoints[0] == number(handler.records[len(first) - len(second) - 1])


def test_t54_a_filter_for_what_time_to_live_deletes(docker_pair: Endpoints, tmp_path: Path) -> None:
    """DynamoDB Local only: MiniStack (embedded, and what `external` is tested on) deletes without telling the stream."""
    handler = Handler()
    service = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}
    with streamed(docker_pair, tmp_path) as table, table.attach(handler, **filtered(service)) as attached:
        ttl = {"Enabled": True, "AttributeName": "exp"}
        table.dynamodb.update_time_to_live(TableName=NAME, TimeToLiveSpecification=ttl)
        table.put("mine", "its")
        table.delete("mine")
        table.put("its", exp={"N": str(int(datetime.now(UTC).timestamp()) - 60)})

        def probe() -> None:
            attached.poller.poll_once()
            if not handler.records:
                raise OSError("not deleted yet: it looks every ten seconds")

        wait_until("time to live", probe, timeout=60, alive=lambda: None, logs=lambda: "")
    assert handler.names == ["its"]
    assert [record["eventName"] for record in handler.records] == ["REMOVE"]
    # Two items put, one deleted, one changed: none of it passed, and all of it was read.
    assert attached.poller.metrics.snapshot()["FilteredOutEventCount"] == 4


def test_t62_a_state_that_is_too_large_ends_its_window(table: Table) -> None:
    table.put("r1")
    events: list[dict[str, Any]] = []
    state = "x" * 1_100_000

    class Growing(Handler):
        def __call__(self, event: dict[str, Any], context: object) -> Any:
            events.append(event)
            super().__call__(event, context)
            return {"state": state}

    with table.attach(Growing(), clock=SystemClock(), TumblingWindowInSeconds=900) as attached:
        # Nobody waits for the window's end.
        while len(events) < 2:
            assert attached.poller.step()
    first, final = events
    assert [key(record) for record in first["Records"]] == ["r1"]
    assert (first["state"], first["isFinalInvokeForWindow"], first["isWindowTerminatedEarly"]) == ({}, False, False)
    assert final["Records"] == []
    assert (final["isFinalInvokeForWindow"], final["isWindowTerminatedEarly"]) == (True, True)
    assert final["window"] == first["window"]
    assert final["state"] == state
    assert attached.cautions == ["window-ended-early"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Name an engine; the tests that kill it have one of their own."""
    name: str = request.param
    return name


@contextmanager
def serving(engine: str, folder: Path, *, port: int | None = None) -> Iterator[Table]:
    """Run an engine with the table until the block ends, and then let both die as they stand."""
    config = config_for(folder)
    service = Service(name="dynamodb", port=port or free_port())
    # What `external` names has to be run by somebody.
    runs = open_engine(
        "embedded" if engine == "external" else engine,
        config,
        home=folder,
        ports={"dynamodb": service.port},
        shared=False,
        progress=silent,
    )
    if (reason := runs.check()) is not None:
        missing(engine, reason)
    try:
        endpoint = runs.start(service)
        assert isinstance(endpoint, DynamoDBEndpoint)
        if engine == "external":
            named = replace(config, dynamodb_url=endpoint.url, postgres_dsn="postgresql://nobody@127.0.0.1:1/none")
            endpoint = open_engine("external", named, home=folder, ports={}, shared=False, progress=silent).start(
                service
            )
            assert isinstance(endpoint, DynamoDBEndpoint)
        endpoint = replace(endpoint, access_key_id=_ACCOUNT)
        wait_until(
            "dynamodb",
            lambda: probe_dynamodb(endpoint),
            timeout=120,
            alive=lambda: runs.alive(service),
            logs=lambda: runs.logs(service, 50),
        )
        with closing(make_client(endpoint)) as dynamodb:
            yield Table(dynamodb, Endpoints(dynamodb=endpoint, postgres=_NOWHERE), create(dynamodb), folder)
    finally:
        runs.stop()
