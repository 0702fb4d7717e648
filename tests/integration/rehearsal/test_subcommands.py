"""One script that makes the table and fills it, by the word that it is started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.rehearsal.projects import rehearsed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.rehearsal.projects import Files

TOOL = """\
#!/usr/bin/env python3
import argparse

import boto3

client = boto3.client("dynamodb", endpoint_url="http://localhost:8000", region_name="ca-central-1")


def make():
    client.create_table(
        TableName="chats",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )


def fill():
    client.put_item(TableName="chats", Item={"pk": {"S": "MSG#1"}, "sk": {"S": "2026-01-01T00:00:00+00:00"}})


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["make", "fill"])
args = parser.parse_args()
if args.what == "make":
    make()
elif args.what == "fill":
    fill()
"""
LOST = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('table')\nparser.parse_args()\n"


def test_each_run_is_told_what_to_do(tmp_path: Path) -> None:
    files: Files = {
        "bin/made": ("table-schema", TOOL),
        "bin/filled": ("table-seed", TOOL),
        "bin/lost": ("pattern-groups", LOST),
    }
    found = rehearsed(tmp_path, files)
    told = [(run.command, run.only_for, [call.operation for call in run.calls]) for run in found.scripts]
    assert told == [
        ("python bin/made make", "table-schema", ["CreateTable"]),
        ("python bin/filled fill", "table-seed", ["PutItem"]),
        ("python bin/lost", None, []),
        ("python bin/filled fill", "table-seed", ["PutItem"]),
    ]
    assert "which arguments it wants is not known: lost: error: the following arguments are required: table" in {
        each.why for each in found.not_done
    }
