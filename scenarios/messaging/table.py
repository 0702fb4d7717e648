"""The few DynamoDB requests that reads and writes are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .keys import GROUP_INDEX, group_pk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .keys import Item

#: DynamoDB's own limit for a partition key, in bytes: what is longer can't be in the table.
_LONGEST_KEY = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A boto3 client and the name of the table."""

    client: Any
    name: str

    def query(self, condition: str, values: dict[str, str], **parameters: Any) -> Iterator[Item]:
        """Yield the items of a Query, page after page, and no page more than is read from."""
        parameters |= {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }
        while True:
            page = self.client.query(**parameters)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def group_rows(self, message_group_uuid: str) -> list[Item]:
        """Return a group's rows, one for each participant, as the index has them by now."""
        if not 0 < len(message_group_uuid.encode(errors="replace")) <= _LONGEST_KEY:
            return []
        rows = self.query("message_group_uuid = :group", {":group": message_group_uuid}, IndexName=GROUP_INDEX)
        return [row for row in rows if row["pk"]["S"].startswith("GRP#")]

    def is_member(self, user_uuid: str, message_group_uuid: str, rows: list[Item]) -> bool:
        """Tell whether the user has one of the rows, or, as the index lags behind the table, has it in the table."""
        if any(row["pk"]["S"] == group_pk(user_uuid) for row in rows):
            return True
        own = self.query(
            "pk = :pk",
            {":pk": group_pk(user_uuid), ":group": message_group_uuid},
            FilterExpression="message_group_uuid = :group",
            ConsistentRead=True,
        )
        return next(own, None) is not None
