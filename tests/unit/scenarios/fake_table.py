"""A table in memory that understands just the requests that the stream handler makes, with an index that lags."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Item = dict[str, dict[str, Any]]


class Cancelled(Exception):
    """As botocore raises it: the reasons are in the response."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(f"Transaction cancelled: {codes}")
        self.response = {"CancellationReasons": [{"Code": code} for code in codes]}


class FakeTable:
    """A boto3 client, as far as the handler goes."""

    class exceptions:  # noqa: N801 - as boto3 names it
        TransactionCanceledException = Cancelled

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.index: list[Item] = []
        self.transactions: list[list[dict[str, Any]]] = []

    def put(self, item: Item) -> None:
        self.items[item["pk"]["S"], item["sk"]["S"]] = deepcopy(item)

    def catch_up(self) -> None:
        """Let the index see what the table holds."""
        self.index = deepcopy([item for item in self.items.values() if "message_group_uuid" in item])

    def collection(self, pk: str) -> list[Item]:
        return deepcopy([item for key, item in sorted(self.items.items()) if key[0] == pk])

    def query(self, **request: Any) -> dict[str, Any]:
        values = request["ExpressionAttributeValues"]
        match request:
            case {"IndexName": "message-group-sk-index", "KeyConditionExpression": "message_group_uuid = :group"}:
                assert "ConsistentRead" not in request, "DynamoDB refuses this on an index"
                found = [item for item in deepcopy(self.index) if item["message_group_uuid"] == values[":group"]]
            case {"KeyConditionExpression": "pk = :pk AND sk < :letters"}:
                found = [
                    item for item in self.collection(values[":pk"]["S"]) if item["sk"]["S"] < values[":letters"]["S"]
                ]
            case {"KeyConditionExpression": "pk = :pk AND sk = :sk"}:
                found = [item for item in self.collection(values[":pk"]["S"]) if item["sk"] == values[":sk"]]
            case {"KeyConditionExpression": "pk = :pk", "FilterExpression": "message_group_uuid = :group"}:
                found = self.collection(values[":pk"]["S"])
                found = [item for item in found if item.get("message_group_uuid") == values[":group"]]
            case _:
                raise AssertionError(f"a query that nobody expected: {request}")
        assert request.get("ConsistentRead") or "IndexName" in request, (
            "a moment-old read of the table would lose messages"
        )
        if not request.get("ScanIndexForward", True):
            found.reverse()
        return {"Items": found[: request.get("Limit")]}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - as boto3 names it
        actions = [next(iter(action.items())) for action in TransactItems]
        keys = [self._key(kind, request) for kind, request in actions]
        assert len(set(keys)) == len(keys), f"DynamoDB refuses two actions on one item: {keys}"
        codes = [
            "None" if self._holds(key, request) else "ConditionalCheckFailed"
            for key, (_, request) in zip(keys, actions, strict=True)
        ]
        if set(codes) != {"None"}:
            raise Cancelled(codes)
        self.transactions.append(TransactItems)
        for key, (kind, request) in zip(keys, actions, strict=True):
            if kind == "Delete":
                del self.items[key]
            else:
                self.put(request["Item"])

    def _key(self, kind: str, request: dict[str, Any]) -> tuple[str, str]:
        key = request["Key" if kind == "Delete" else "Item"]
        return key["pk"]["S"], key["sk"]["S"]

    def _holds(self, key: tuple[str, str], request: dict[str, Any]) -> bool:
        item, values = self.items.get(key), request.get("ExpressionAttributeValues", {})
        match request["ConditionExpression"]:
            case "attribute_not_exists(pk)":
                return item is None
            case "message_group_uuid = :group AND #message = :message":
                assert request["ExpressionAttributeNames"] == {"#message": "message"}
                return (
                    item is not None
                    and item.get("message_group_uuid") == values[":group"]
                    and item.get("message") == values[":message"]
                )
        raise AssertionError(f"a condition that nobody expected: {request}")
