"""`watch` needs neither pytest's fixtures nor a stack: any boto3 client, resource or table will do."""

import boto3
import pytest

from harness.testing import watch


def test_any_client(harness_env, harness_dataset, monkeypatch):
    for name, value in harness_env.items():
        monkeypatch.setenv(name, value)
    table = boto3.Session().resource("dynamodb").Table(harness_dataset.table)
    with watch(table) as seen:
        table.put_item(Item={"pk": "MSG#1", "sk": "1", "likes": 3})
        table.scan(Limit=1)
    seen.assert_wrote([{"pk": "MSG#1", "sk": "1", "likes": 3}])
    assert [call.operation for call in seen.calls] == ["PutItem", "Scan"]
    with pytest.raises(AssertionError, match="expected  no Scan"):
        seen.assert_no_scan()
