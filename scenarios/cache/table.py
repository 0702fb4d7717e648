"""The cache's own DynamoDB table: one item a key, with time-to-live.

Its own, because the conversations' table has a stream, a seed and a digest: there every cached user would be a record
that the trigger is called for, and an item that a seed doesn't know; docs/cache.md.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .model import CacheDown, Entry, User, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Key, Terms

#: CreateTable's parameters but for the name. On demand: a cache's load is anybody's guess.
DEFINITION: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_TTL = "expires_at"
_MAY_LEASE = (
    "(attribute_not_exists(fresh_until) OR fresh_until <= :now) AND "
    "(attribute_not_exists(leased_until) OR leased_until <= :now)"
)
_OURS = "lease = :token"


def make_table(client: Any, name: str) -> None:
    """Make the table, unless it is there."""
    try:
        client.create_table(TableName=name, **DEFINITION)
    except client.exceptions.ResourceInUseException:
        return
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": _TTL})


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTable:
    """A boto3 client with short time-outs, and the name of the table."""

    client: Any
    name: str
    terms: Terms

    def get(self, key: Key) -> Entry:
        """Read the entry, consistently: at half the price it might be one that a change has removed already."""
        with _reaching():
            answer = self.client.get_item(TableName=self.name, Key=_item_key(key), ConsistentRead=True)
        return _entry(answer.get("Item", {}))

    def lease(self, key: Key, token: str, *, now: float, until: float) -> Entry | None:
        """Take the lease, unless the value is fresh or somebody else's lease runs. Return what was there before."""
        refused: list[str] = []
        with _reaching(refused):
            answer = self.client.update_item(
                TableName=self.name,
                Key=_item_key(key),
                UpdateExpression="SET lease = :token, leased_until = :until, #ttl = if_not_exists(#ttl, :gone)",
                ConditionExpression=_MAY_LEASE,
                ExpressionAttributeNames={"#ttl": _TTL},
                ExpressionAttributeValues={
                    ":token": {"S": token},
                    ":now": _number(now),
                    ":until": _number(until),
                    ":gone": _whole(until),
                },
                ReturnValues="ALL_OLD",
            )
        return None if refused else _entry(answer.get("Attributes", {}))

    def fill(self, key: Key, token: str, value: Value) -> bool:
        """Store the value and give the lease back, if it is still ours."""
        item = _item_key(key) | {
            "fresh_until": _number(value.fresh_until),
            _TTL: _whole(value.fresh_until + self.terms.stale),
        }
        if value.user is not None:
            item["user"] = {"M": {name: {"S": text} for name, text in asdict(value.user).items()}}
        refused: list[str] = []
        with _reaching(refused):
            self.client.put_item(
                TableName=self.name,
                Item=item,
                ConditionExpression=_OURS,
                ExpressionAttributeValues={":token": {"S": token}},
            )
        return not refused

    def release(self, key: Key, token: str) -> None:
        """Give the lease back, if it is still ours."""
        with _reaching([]):
            self.client.update_item(
                TableName=self.name,
                Key=_item_key(key),
                UpdateExpression="REMOVE lease, leased_until",
                ConditionExpression=_OURS,
                ExpressionAttributeValues={":token": {"S": token}},
            )

    def forget(self, key: Key) -> None:
        """Remove value and lease, whosever it is."""
        with _reaching():
            self.client.delete_item(TableName=self.name, Key=_item_key(key))


@contextmanager
def _reaching(refused: list[str] | None = None) -> Iterator[None]:
    """Turn what can go wrong with a request into CacheDown; a condition that did not hold is noted in `refused`."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if refused is None or code != "ConditionalCheckFailedException":
            raise CacheDown(str(error)) from error
        refused.append(code)
    except BotoCoreError as error:
        raise CacheDown(str(error)) from error


def _item_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": f"USER#{key.by}#{key.value}"}}


def _entry(item: dict[str, Any]) -> Entry:
    leased_until = float(item["leased_until"]["N"]) if "leased_until" in item else 0.0
    if "fresh_until" not in item:
        return Entry(leased_until=leased_until)
    fields = item.get("user", {}).get("M")
    user = None if fields is None else User(**{name: value["S"] for name, value in fields.items()})
    return Entry(value=Value(user=user, fresh_until=float(item["fresh_until"]["N"])), leased_until=leased_until)


def _number(seconds: float) -> dict[str, str]:
    """Return milliseconds' worth, rounded down: nothing lasts longer than it was given."""
    return {"N": f"{math.floor(seconds * 1000) / 1000:.3f}"}


def _whole(seconds: float) -> dict[str, str]:
    """Return what time-to-live takes: whole seconds since the epoch."""
    return {"N": str(math.ceil(seconds))}
