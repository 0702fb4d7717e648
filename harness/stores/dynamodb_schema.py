"""Bringing live DynamoDB tables to what their files say."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFailure, UsageError
from harness.stores.dynamodb_diff import billing_mode, compare, keys_text, view_type
from harness.stores.dynamodb_wire import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.schema import Difference, TableSchema
    from harness.stores.dynamodb_wire import Wire

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The control plane of one endpoint. Each change waits until the table is ACTIVE again."""

    wire: Wire
    #: Filling a new index of a large table takes AWS minutes.
    timeout: float = 600.0
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return DescribeTable's answer, or None where there is no such table."""
        try:
            described: dict[str, Any] = self.wire.call("DescribeTable", {"TableName": name})["Table"]
        except ServiceError as exc:
            if exc.code == "ResourceNotFoundException":
                return None
            raise
        return described

    def diff(self, table: TableSchema) -> tuple[Difference, ...]:
        """Compare a file with the live table."""
        live = self.describe(table.name)
        return compare(table, live, self.ttl(table.name) if live else None)

    def create(self, table: TableSchema, *, stream: bool = True) -> None:
        """Make a table that doesn't exist, with its stream or, for loading, without."""
        self.wire.call("CreateTable", create_request(table, stream=stream))
        self.settle(table.name)
        if table.ttl_attribute:
            self._change_ttl(table.name, table.ttl_attribute, enabled=True)

    def delete(self, name: str) -> None:
        """Delete a table and wait until it is gone; one that isn't there is gone already."""
        if self.describe(name) is None:
            return
        self.wire.call("DeleteTable", {"TableName": name})
        deadline = self.clock() + self.timeout
        while self.describe(name) is not None:
            self._wait_until(deadline, f"table {name} is still being deleted")

    def set_stream(self, table: TableSchema, wanted: str) -> None:
        """Switch the stream to a view type or `off`; AWS changes a view type only by way of `off`."""
        live = view_type(self.describe(table.name) or {})
        for state in ["off", wanted] if live not in {"off", wanted} else [wanted]:
            if state != live:
                specification = (
                    {"StreamEnabled": False} if state == "off" else {"StreamEnabled": True, "StreamViewType": state}
                )
                self._update(table.name, StreamSpecification=specification)
                live = state

    def change(self, table: TableSchema, differences: tuple[Difference, ...]) -> Iterator[str]:
        """Make every change that can be made in place and yield a line for each; the stream comes last."""
        whats = {difference.what: difference for difference in differences}
        if "table" in whats:
            self.create(table)
            yield f"table {table.name}: created"
            return
        if any(what.startswith(("BillingMode", "ProvisionedThroughput")) for what in whats):
            self._change_capacity(table)
        for what, difference in whats.items():
            kind, _, name = what.partition(".")
            if kind == "GlobalSecondaryIndexes":
                self._change_index(table, name, difference)
            elif kind == "TimeToLiveSpecification":
                if difference.found != "off":
                    self._change_ttl(table.name, difference.found, enabled=False)
                if table.ttl_attribute:
                    self._change_ttl(table.name, table.ttl_attribute, enabled=True)
            elif kind == "StreamSpecification":
                self.set_stream(table, difference.wanted)
            yield f"table {table.name}: {what}: {difference.wanted} (was {difference.found})"

    def _change_index(self, table: TableSchema, name: str, difference: Difference) -> None:
        """Delete and create: an index can't be altered, and only one at a time can be made."""
        if difference.found != "none":
            self._update(table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
        if difference.wanted == "none":
            return
        [index] = [index for index in table.definition["GlobalSecondaryIndexes"] if index["IndexName"] == name]
        if billing_mode(table.definition) == "PROVISIONED":
            index = {"ProvisionedThroughput": table.definition["ProvisionedThroughput"]} | index
        keys = {key["AttributeName"] for key in index["KeySchema"]}
        attributes = [each for each in table.definition["AttributeDefinitions"] if each["AttributeName"] in keys]
        self._update(table.name, AttributeDefinitions=attributes, GlobalSecondaryIndexUpdates=[{"Create": index}])

    def _change_capacity(self, table: TableSchema) -> None:
        mode = billing_mode(table.definition)
        live = self.describe(table.name) or {}
        if mode == "PAY_PER_REQUEST":
            self._update(table.name, BillingMode=mode)
            return
        units = table.definition["ProvisionedThroughput"]
        named = {index["IndexName"]: index for index in table.definition.get("GlobalSecondaryIndexes") or ()}
        parameters: dict[str, Any] = {"BillingMode": mode}
        if billing_mode(live) != mode or not _same_units(live, units):
            parameters["ProvisionedThroughput"] = units
        updates = [
            {"Update": {"IndexName": index["IndexName"], "ProvisionedThroughput": wanted}}
            for index in live.get("GlobalSecondaryIndexes") or ()
            for wanted in [named.get(index["IndexName"], {}).get("ProvisionedThroughput", units)]
            if not _same_units(index, wanted)
        ]
        if updates:
            parameters["GlobalSecondaryIndexUpdates"] = updates
        self._update(table.name, **parameters)

    def _update(self, name: str, **parameters: Any) -> None:
        self.wire.call("UpdateTable", {"TableName": name, **parameters})
        self.settle(name)

    def settle(self, name: str) -> None:
        """Wait until a table and its indexes are ACTIVE."""
        deadline = self.clock() + self.timeout
        while True:
            live = self.describe(name) or {"TableStatus": "missing"}
            states = [live["TableStatus"], *(i["IndexStatus"] for i in live.get("GlobalSecondaryIndexes") or ())]
            if set(states) == {"ACTIVE"}:
                return
            self._wait_until(deadline, f"table {name} is {', '.join(states)}, not ACTIVE")

    def _wait_until(self, deadline: float, state: str) -> None:
        if self.clock() > deadline:
            raise EnvironmentFailure(f"{state} after {self.timeout:g} s", hint="harness schema diff")
        self.pause(_POLL_SECONDS)

    def ttl(self, name: str) -> str | None:
        """Return the attribute that a table's items expire by, or None."""
        described = self.wire.call("DescribeTimeToLive", {"TableName": name})["TimeToLiveDescription"]
        enabled = described.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        return described.get("AttributeName") if enabled else None

    def _change_ttl(self, name: str, attribute: str, *, enabled: bool) -> None:
        specification = {"Enabled": enabled, "AttributeName": attribute}
        self.wire.call("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": specification})


def create_request(table: TableSchema, *, stream: bool) -> dict[str, Any]:
    """Return what CreateTable is asked for, with the table's stream or, for loading, without."""
    definition = {
        key: value for key, value in table.definition.items() if value and (stream or key != "StreamSpecification")
    }
    if billing_mode(definition) == "PROVISIONED" and "GlobalSecondaryIndexes" in definition:
        definition["GlobalSecondaryIndexes"] = [
            {"ProvisionedThroughput": definition["ProvisionedThroughput"]} | index
            for index in definition["GlobalSecondaryIndexes"]
        ]
    return {"TableName": table.name, **definition}


def _same_units(described: dict[str, Any], units: dict[str, Any]) -> bool:
    live = described.get("ProvisionedThroughput") or {}
    return all(live.get(key) == units[key] for key in ("ReadCapacityUnits", "WriteCapacityUnits"))


def refuse_recreate(table: TableSchema, live: dict[str, Any] | None, differences: tuple[Difference, ...]) -> None:
    """Raise for what only making the table anew can change."""
    lasting = [difference for difference in differences if difference.remedy == "recreate"]
    if not lasting or live is None:
        return
    if lasting[0].what == "KeySchema":
        said = (
            f"exists with another key schema: {lasting[0].found}; {table.source} wants "
            f"{keys_text(table.definition, table.definition['KeySchema'])}"
        )
    else:
        said = "; ".join(f"{each.what} is {each.found}, {table.source} wants {each.wanted}" for each in lasting)
        said += " (local secondary indexes are only made together with the table)"
    raise UsageError(
        f"table {table.name}: {said}",
        hint="`harness schema load --recreate` deletes the table with its items and makes it anew",
    )
