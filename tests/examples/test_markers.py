"""Another seed, another size, another schema, no data at all."""

import pytest


@pytest.mark.harness(seed=7, users=3, groups=2, messages=10)
def test_few(harness_namespace, harness_dataset):
    assert harness_dataset.seed == 7
    assert len(harness_namespace.dataset.users) == 3
    assert harness_namespace.table.scan()["Count"] == 2 * 2 + 10


@pytest.mark.harness(as_of="now", messages=40)
def test_of_today(harness_dataset, harness_dynamodb_table):
    newest = max(group.last_message.created_at for group in harness_dataset.groups)
    assert (harness_dataset.as_of - newest).total_seconds() < 24 * 3600
    assert harness_dynamodb_table.scan(Limit=1)["Count"] == 1


@pytest.mark.harness_empty
def test_nothing(harness_dynamodb_table, harness_postgres, harness_dataset):
    assert harness_dynamodb_table.scan()["Items"] == []
    assert harness_postgres.execute("SELECT count(*) FROM users").fetchone() == (0,)
    assert harness_dataset.users == ()


@pytest.mark.harness(seed_module="tests/seeds.py:two_friends")
def test_own_data(harness_dynamodb_table, harness_postgres):
    [message] = harness_dynamodb_table.scan()["Items"]
    assert message["message"] == "hi"
    assert harness_postgres.execute("SELECT count(*) FROM users").fetchone() == (2,)


@pytest.mark.harness(schema="tests/schema/*.sql")
def test_own_schema(harness_postgres):
    assert harness_postgres.execute("SELECT name FROM tags ORDER BY name").fetchall() == [("blue",), ("red",)]


@pytest.mark.harness(seed=7, users=6, groups=5)
class TestOfOneSeed:
    def test_all_of_the_class(self, harness_dataset):
        assert (harness_dataset.seed, len(harness_dataset.users)) == (7, 6)

    @pytest.mark.harness(users=8)
    def test_closest_marker_goes_first(self, harness_dataset):
        assert (harness_dataset.seed, len(harness_dataset.users)) == (7, 8)


@pytest.mark.harness(engine="external")
def test_on_an_engine(harness_namespace):
    assert harness_namespace.config.engine == "external"
