"""Whether an access key id is a namespace where DynamoDB answers. It is asked, not guessed by the engine's name."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from harness.namespaces.namespace import NUMBERS, OWNERS, access_key_id
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_ready import table_names
from harness.stores.dynamodb_wire import Wire

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint

#: Keys that no namespace gets.
_ONE, _OTHER = (access_key_id(OWNERS - 1, NUMBERS - n) for n in (1, 2))


def not_isolating(endpoint: DynamoDBEndpoint) -> str | None:
    """None when tables made with one access key id can't be seen with another; else the reason why that isn't so."""
    wire = Wire(endpoint)
    one, other = wire.with_key(_ONE), wire.with_key(_OTHER)
    name = f"harness-probe-{os.getpid()}"
    probe = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    try:
        with translated(endpoint):
            one.call_once("CreateTable", json.dumps(probe).encode())
            try:
                shared = name in table_names(other)
            finally:
                one.call("DeleteTable", {"TableName": name})
    finally:
        wire.close()
    return f"DynamoDB at {endpoint.url} shows every access key the same tables (-sharedDb)" if shared else None
