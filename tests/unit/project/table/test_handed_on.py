"""Code that leaves the making of requests and items to functions of its own."""

from __future__ import annotations

from pathlib import Path

from harness.project.source import Project, Source
from harness.project.table.declarations import declared_tables
from harness.project.table.functions import table_functions
from harness.project.table.requests import requests_of

LIBRARY = """
class Ddb:
    def pages(client, query):
        while True:
            page = client.query(**query)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            query = {**query, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def groups(client, user):
        query = {"TableName": "t", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": f"GRP#{user}"}}}
        return Ddb.pages(client, query)

    def messages(client, group):
        return Ddb.pages(client, {"KeyConditionExpression": Key("pk").eq("MSG#" + group)})

    def create(client, group, text):
        items = [Ddb.row(group), Ddb.message(group, text)]
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": item}} for item in items])

    def row(group):
        return {"pk": {"S": f"GRP#{group.user}"}}

    def message(group, text):
        return {"pk": {"S": f"MSG#{group}"}, "message": {"S": text}}
"""
SCHEMA = """
TABLE = os.getenv("TABLE_OF_MESSAGES", "messages")
client.create_table(
    TableName=TABLE,
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
)
"""


def library() -> Source:
    return Source(path="lib/ddb.py", text=LIBRARY, language="python")


def test_a_query_that_is_handed_to_a_function_is_one_of_the_function_that_writes_it() -> None:
    reads = {each.name: each.reads for each in table_functions(library())}
    assert reads["groups"] == {"GRP#"}
    assert reads["messages"] == {"MSG#"}
    handed = [request for request in requests_of(library()) if request.conditions]
    assert [(request.operation, request.paged) for request in handed] == [("Query", True), ("Query", True)]


def test_items_that_functions_make_are_written_by_who_calls_them() -> None:
    writes = {each.name: each.writes for each in table_functions(library())}
    assert writes["create"] == {"GRP#", "MSG#"}


def project(environment: str) -> Project:
    schema = Source(path="schema", text=SCHEMA, language="python", roles=frozenset({"table-schema"}))
    variables = Source(path=".env", text=environment, language="dotenv")
    return Project(root=Path("/nowhere"), sources={"schema": schema, ".env": variables})


def test_a_table_has_the_name_that_stands_beside_its_variable_where_nothing_sets_that() -> None:
    assert [table.name for table in declared_tables(project("OTHER=1"))] == ["messages"]
    assert [table.name for table in declared_tables(project('os.getenv("TABLE_OF_MESSAGES", "old")'))] == ["messages"]
    assert declared_tables(project("TABLE_OF_MESSAGES=chat")) == ()
