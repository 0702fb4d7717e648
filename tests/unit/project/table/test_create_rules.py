from __future__ import annotations

from typing import Any

import pytest

from harness.project.python.expressions import UNKNOWN
from harness.project.table.create_rules import refusals

PK, SK = ({"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE")))
INDEX = {
    "IndexName": "i",
    "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
FINE = {
    "TableName": "talks",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [PK, SK],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
    "GlobalSecondaryIndexes": [INDEX],
}  # fmt: skip


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in FINE.items() if key != name}


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        (FINE, []),
        (without("AttributeDefinitions"), ["pk is a key of the table and is not", "sk is a key of the index i and is not"]),
        (FINE | {"KeySchema": [SK, PK]}, ["RANGE and HASH"]),
        (FINE | {"KeySchema": [PK, {"AttributeName": "pk", "KeyType": "RANGE"}]}, ["pk as both"]),
        (FINE | {"GlobalSecondaryIndexes": [{key: value for key, value in INDEX.items() if key != "Projection"}]},
         ["has no Projection"]),
        (without("BillingMode"), ["the index i has no ProvisionedThroughput", "needs a ProvisionedThroughput"]),
        (FINE | {"ProvisionedThroughput": {}}, ["takes no ProvisionedThroughput"]),
        (FINE | {"GlobalSecondaryIndexes": [], "KeySchema": [PK]}, ["sk is in AttributeDefinitions and is a key of nothing"]),
        (FINE | {"LocalSecondaryIndexes": [INDEX]}, ["has the HASH key sk"]),
        (FINE | {"KeySchema": UNKNOWN}, []),
        (FINE | {"AttributeDefinitions": [{"AttributeName": UNKNOWN}]}, []),
    ],
)  # fmt: skip
def test_what_create_table_refuses(parameters: dict[str, Any], wanted: list[str]) -> None:
    found = list(refusals(parameters))
    assert len(found) == len(wanted)
    assert all(part in reason for part, reason in zip(wanted, found, strict=True))


@pytest.mark.parametrize("odd", [None, 5, "x", [5], [{}], {}, [[]]])
def test_odd_parameters_raise_nothing(odd: Any) -> None:
    for name in FINE:
        list(refusals(FINE | {name: odd}))
