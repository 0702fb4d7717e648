from __future__ import annotations

import pytest

from harness.project.recognition.python_roles import python_roles
from harness.project.source import Source

PAGES = """
import boto3
client = boto3.client("dynamodb")
for page in client.get_paginator("query").paginate(KeyConditionExpression="pk = :pk", ExpressionAttributeValues={{":pk": {{"S": f"{}{{key}}"}}}}):
    print(page)
"""


@pytest.mark.parametrize(
    ("path", "prefix", "role"),
    [
        ("bin/dynamo/chats", "GRP#", "pattern-groups"),
        ("bin/dynamo/one-chat", "MSG#", "pattern-messages"),
        ("bin/dynamo/patterns/one-chat", "MS#", "pattern-messages"),
        ("bin/dynamo/patterns/chats", "grp-", "pattern-groups"),
        ("bin/dynamo/anything", "MS#", "table-tool"),
    ],
)
def test_a_pattern_script_is_known_by_pages_and_odd_prefixes_too(path: str, prefix: str, role: str) -> None:
    assert python_roles(Source(path=path, text=PAGES.format(prefix), language="python")) == {role}


@pytest.mark.parametrize(("path", "roles"), [("cache/table.py", set()), ("bin/ddb/schema-load", {"table-schema"})])
def test_who_imports_its_neighbours_is_no_script_unless_it_lies_among_scripts(path: str, roles: set[str]) -> None:
    text = """
import boto3
from .names import TABLE
boto3.client("dynamodb").create_table(TableName=TABLE, KeySchema=[])
"""
    assert python_roles(Source(path=path, text=text, language="python")) == roles
