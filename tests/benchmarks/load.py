"""Loading 50,000 messages, beside boto3's batch_writer on one thread with the stream on."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.types import TypeDeserializer

from harness import stack as stacks
from harness.config import load_config
from harness.schema_files import read_schema
from harness.seeding.plan import PlanOverrides
from harness.stores.clients import make_client
from harness.stores.registry import open_stores
from harness.workflow import plan_dataset
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset
    from harness.schema import Schema
    from harness.stores.registry import Stores

ROOT = Path(__file__).parents[2]
MESSAGES = 50_000
RUNS = 3


def main() -> None:
    for engine in ("docker", "embedded"):
        heading(f"Loading {MESSAGES:,} messages into DynamoDB, engine {engine}, a fresh server each time")
        pairs = [(ours(engine), batch_writer(engine)) for _ in range(RUNS)]
        baseline = Figure("batch_writer, one thread, stream on", tuple(theirs for _, theirs in pairs), "items/s")
        figure = Figure("harness seed, stream off then on", tuple(mine for mine, _ in pairs), "items/s")
        show([baseline, figure], baseline=baseline)


def ours(engine: str) -> float:
    with opened(engine) as (stores, dataset, schema):
        began = time.perf_counter()
        stores.dynamodb.load(dataset, schema, progress=lambda *_: None)
        return rate(stores, dataset, began)


def batch_writer(engine: str) -> float:
    """Write as the boto3 guide shows it: the resource API, one thread, the table as its schema file says."""
    with opened(engine) as (stores, dataset, _):
        endpoint = stores.endpoints.dynamodb
        table = boto3.resource(
            "dynamodb",
            endpoint_url=endpoint.url,
            region_name=endpoint.region,
            aws_access_key_id=endpoint.access_key_id,
            aws_secret_access_key=endpoint.secret_access_key,
        ).Table(dataset.table)
        plain = TypeDeserializer().deserialize
        items = [{name: plain(value) for name, value in item.items()} for item in dataset.items()]
        began = time.perf_counter()
        with table.batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)
        return rate(stores, dataset, began)


def rate(stores: Stores, dataset: Dataset, began: float) -> float:
    """Items per second, the clock stopped before the proof that all of them arrived."""
    seconds = time.perf_counter() - began
    wanted = dataset.table_digests()[dataset.table]
    if stores.dynamodb.digests(dataset)[dataset.table] != wanted:
        sys.exit("what was loaded is not what was meant")
    return wanted.count / seconds


@contextmanager
def opened(engine: str) -> Iterator[tuple[Stores, Dataset, Schema]]:
    config = load_config(ROOT, {"HARNESS_ENGINE": engine}, {})
    dataset = plan_dataset(config, PlanOverrides(messages=MESSAGES), now=datetime.now(UTC))
    schema = read_schema(config)
    with stacks.ephemeral(config) as stack, open_stores(stack.endpoints) as stores:
        stores.apply_schema(schema)
        enabled = make_client(stack.endpoints.dynamodb).describe_table(TableName=dataset.table)["Table"]
        if not enabled["StreamSpecification"]["StreamEnabled"]:
            sys.exit("the baseline is meant to have its stream on")
        yield stores, dataset, schema
