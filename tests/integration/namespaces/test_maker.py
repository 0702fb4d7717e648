"""Namespaces hold exactly the seed, see nothing of each other, and go whatever a test did to them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness.errors import HarnessError
from harness.namespaces.maker import Maker
from harness.namespaces.template import prepare_template
from harness.stores.clients import make_client
from harness.stores.postgres_databases import Databases
from harness.stores.registry import open_stores
from tests.integration.namespaces.conftest import small

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.template import Template
    from harness.schema import Schema


@pytest.fixture
def namespace(maker: Maker, template: Template) -> Iterator[Namespace]:
    made = maker.make(template)
    yield made
    maker.drop(made)


def as_seeded(namespace: Namespace, dataset: Dataset) -> bool:
    with open_stores(namespace.endpoints) as stores:
        return stores.digests(dataset) == dataset.table_digests()


def put(client: Any, table: str, pk: str) -> None:
    client.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": "1"}, "message_group_uuid": {"S": pk}})


def test_namespace_holds_the_seed_and_the_schema(namespace: Namespace, dataset: Dataset, schema: Schema) -> None:
    assert as_seeded(namespace, dataset)
    with open_stores(namespace.endpoints) as stores:
        assert stores.diff(schema) == ()
    with psycopg.connect(namespace.endpoints.postgres.dsn) as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)  # set by ALTER DATABASE in the schema


def test_what_one_writes_no_other_sees(maker: Maker, template: Template, dataset: Dataset) -> None:
    one, other = maker.make(template), maker.make(template)
    with psycopg.connect(one.endpoints.postgres.dsn) as connection:
        connection.execute("DELETE FROM users")
    with closing(make_client(one.endpoints.dynamodb)) as client:
        put(client, dataset.table, "MSG#new")
        client.create_table(
            TableName="extra",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    assert not as_seeded(one, dataset)
    assert as_seeded(other, dataset)
    maker.drop(one)
    again = maker.make(template)
    assert as_seeded(again, dataset)
    with closing(make_client(again.endpoints.dynamodb)) as client:
        assert client.list_tables()["TableNames"] == [dataset.table]
    maker.drop(other)
    maker.drop(again)


def test_the_seed_is_not_in_the_stream_and_a_write_is(namespace: Namespace, dataset: Dataset) -> None:
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        put(client, dataset.table, "MSG#first")
    found = records(namespace, latest_stream(namespace, dataset.table))
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in found] == ["MSG#first"]


def latest_stream(namespace: Namespace, table: str) -> str:
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        return str(client.describe_table(TableName=table)["Table"]["LatestStreamArn"])


def records(namespace: Namespace, arn: str) -> list[Any]:
    found: list[Any] = []
    with closing(make_client(namespace.endpoints.dynamodb, "dynamodbstreams")) as streams:
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            where = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = streams.get_shard_iterator(**where)["ShardIterator"]
            found += streams.get_records(ShardIterator=iterator)["Records"]
    return found


def test_a_key_that_had_a_namespace_before_is_as_good(base: Endpoints, template: Template, dataset: Dataset) -> None:
    """Another process after a killed one: the same keys, other databases."""
    before = []
    for _ in range(2):
        with closing(Maker(base)) as maker:
            namespace = maker.make(template)
            before.append(namespace)
            with closing(make_client(namespace.endpoints.dynamodb)) as client:
                put(client, dataset.table, "MSG#left")
    one, other = before
    assert one.endpoints.dynamodb == other.endpoints.dynamodb
    assert one.endpoints.postgres != other.endpoints.postgres
    with closing(Maker(base)) as maker:
        namespace = maker.make(template)
        assert as_seeded(namespace, dataset)
        arn = latest_stream(namespace, dataset.table)
        assert records(namespace, arn) == []
        maker.drop(namespace)


def test_two_at_once_have_two_keys_and_a_fresh_one_lists_one_stream(base: Endpoints, template: Template) -> None:
    with closing(Maker(base)) as first, closing(Maker(base)) as second:
        made = [(maker, maker.make(template)) for maker in (first, second, first, second)]
        assert len({each.endpoints.dynamodb.access_key_id for _, each in made}) == 4
        with closing(make_client(made[-1][1].endpoints.dynamodb, "dynamodbstreams")) as streams:
            assert len(streams.list_streams()["Streams"]) == 1
        for maker, namespace in made:
            maker.drop(namespace)


def test_leaked_connections_and_open_transactions_do_not_keep_a_namespace(
    maker: Maker, template: Template, dataset: Dataset, databases: Databases
) -> None:
    namespace = maker.make(template)
    leaked = [psycopg.connect(namespace.endpoints.postgres.dsn) for _ in range(5)]
    leaked[0].execute("BEGIN")
    leaked[0].execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
    maker.drop(namespace)
    assert not databases.exists(namespace.name)
    with pytest.raises(psycopg.OperationalError):
        leaked[0].execute("SELECT 1")
    again = maker.make(template)
    assert as_seeded(again, dataset)
    maker.drop(again)
    for connection in leaked:
        connection.close()


def test_what_a_test_dropped_itself_is_no_trouble(maker: Maker, template: Template, dataset: Dataset) -> None:
    namespace = maker.make(template)
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        client.delete_table(TableName=dataset.table)
    with psycopg.connect(maker.base.postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {namespace.name}")
    maker.drop(namespace)


def test_a_protected_table_goes_too(maker: Maker, template: Template, dataset: Dataset) -> None:
    namespace = maker.make(template)
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        client.update_table(TableName=dataset.table, DeletionProtectionEnabled=True)
        maker.drop(namespace)
        assert client.list_tables()["TableNames"] == []


def test_connections_of_ours_that_are_cut_are_made_anew(maker: Maker, template: Template, dataset: Dataset) -> None:
    maker.drop(maker.make(template))
    with psycopg.connect(maker.base.postgres.dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'harness namespaces' AND pid <> pg_backend_pid()"
        )
    namespace = maker.make(template)
    assert as_seeded(namespace, dataset)
    maker.drop(namespace)


def test_several_templates_at_once(maker: Maker, databases: Databases, schema: Schema, dataset: Dataset) -> None:
    contents = (None, dataset, small(seed=2, messages=40))
    made = [(each, maker.make(prepare_template(databases, schema, each))) for each in contents]
    for each, namespace in made:
        if each is None:
            with open_stores(namespace.endpoints) as stores:
                assert all(found.count == 0 for found in stores.digests(dataset).values())
                assert stores.diff(schema) == ()
        else:
            assert as_seeded(namespace, each)
        maker.drop(namespace)


def test_a_namespace_that_cannot_be_made_leaves_nothing(maker: Maker, template: Template, databases: Databases) -> None:
    broken = replace(template, database="harness_template_gone")
    with pytest.raises(HarnessError, match="harness_template_gone"):
        maker.make(broken)
    namespace = maker.make(template)
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        assert client.list_tables()["TableNames"] == [template.tables[0].name]
    maker.drop(namespace)
    assert [name for name, _ in databases.named("harness_") if "template" not in name] == []


def test_tables_of_a_dead_process_whose_record_is_gone_are_not_its_heirs(
    base: Endpoints, template: Template, dataset: Dataset
) -> None:
    with closing(Maker(base)) as dead, closing(Databases(base.postgres)) as databases:
        lost = dead.make(template)
        with closing(make_client(lost.endpoints.dynamodb)) as client:
            client.create_table(
                TableName="another",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                DeletionProtectionEnabled=True,
            )
            client.delete_table(TableName=dataset.table)
        databases.drop(lost.name)
    with closing(Maker(base)) as heir:
        made = heir.make(template)
        assert made.endpoints.dynamodb.access_key_id == lost.endpoints.dynamodb.access_key_id
        with closing(make_client(made.endpoints.dynamodb)) as client:
            assert client.list_tables()["TableNames"] == [dataset.table]
        assert as_seeded(made, dataset)
        heir.drop(made)
