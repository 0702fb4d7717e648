"""Lambda's control plane for event source mappings, in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.mapping import rules
from harness.streams.mapping.constraints import violations
from harness.streams.mapping.description import Registered, State, describe
from harness.streams.mapping.errors import conflict, invalid, not_found, violated
from harness.streams.mapping.names import FunctionReference, mapping_uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.streams.clock import Clock
    from harness.streams.mapping.model import EventSourceMapping


@dataclass(kw_only=True)
class Registry:
    """Creates, changes, lists and deletes mappings as the Lambda API does.

    A change is through when the call returns; what it returns still has the state on the way (`Creating`, …), as AWS's
    answer has. A mapping outlives its function and its table. Errors are `ApiError`, or `UsageError` as in `rules`.
    """

    clock: Clock
    #: Asked with a stream's ARN as the handler is shown it.
    stream_exists: Callable[[str], bool]
    #: Asked with a function's plain name.
    function_exists: Callable[[str], bool]
    region: str = "us-east-1"
    account: str = "123456789012"
    filter_quota: int = rules.FILTER_QUOTA
    _held: dict[str, Registered] = field(default_factory=dict)
    #: Mappings of a pair that were made so far: one that is deleted and made again begins anew, under its own UUID.
    _made: Counter[tuple[str, str]] = field(default_factory=Counter)

    def create(self, request: Mapping[str, Any], *, uuid: str | None = None) -> dict[str, Any]:
        """Make a mapping and return its description; without `uuid` it gets the one of `mapping_uuid`."""
        mapping = rules.create(request, uuid=uuid or "", filter_quota=self.filter_quota)
        function = self._function(mapping)
        if not self.stream_exists(mapping.event_source_arn):
            hint = "the table has no stream of this ARN: `aws dynamodbstreams list-streams` shows those that are there"
            raise invalid(f"Stream not found: {mapping.event_source_arn}", hint=hint)
        self._refuse_second(mapping, function)
        if uuid in self._held:
            raise UsageError(f"there is a mapping with UUID {uuid} already", hint="leave the UUID out, or take another")
        pair = (function.arn, mapping.event_source_arn)
        mapping = replace(
            mapping, uuid=uuid or mapping_uuid(function, mapping.event_source_arn, generation=self._made[pair])
        )
        self._made[pair] += 1
        return self._hold(mapping, function, "Creating")

    def update(self, uuid: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change a mapping. Its UUID stays, and with it how far it has come."""
        before = self._registered(uuid).mapping
        mapping = rules.update(before, changes, filter_quota=self.filter_quota)
        function = self._function(mapping) if "FunctionName" in changes else self._registered(uuid).function
        self._refuse_second(mapping, function)
        switched: State = "Enabling" if mapping.enabled else "Disabling"
        return self._hold(mapping, function, "Updating" if mapping.enabled == before.enabled else switched)

    def delete(self, uuid: str) -> dict[str, Any]:
        """Take a mapping away and return what it was."""
        gone = self._registered(uuid)
        del self._held[uuid]
        return self._described(gone, "Deleting")

    def get(self, uuid: str) -> dict[str, Any]:
        """Return the description of one mapping."""
        registered = self._registered(uuid)
        return self._described(registered, registered.state)

    def list(self, *, event_source_arn: str | None = None, function_name: str | None = None) -> list[dict[str, Any]]:
        """Return the descriptions of all mappings, oldest first, or of one stream's or one function's."""
        if function_name is not None and (broken := violations({"FunctionName": function_name})):
            raise violated(broken, hint="name a function, `function:alias`, or an ARN")
        wanted = None if function_name is None else self._reference(function_name).arn
        return [
            self._described(registered, registered.state)
            for registered in self._held.values()
            if event_source_arn in (None, registered.mapping.event_source_arn)
            and wanted in (None, registered.function.arn)
        ]

    def mapping(self, uuid: str) -> EventSourceMapping:
        """Return a mapping itself."""
        return self._registered(uuid).mapping

    def processed(self, uuid: str, result: str) -> None:
        """Note what came of a mapping's last batch: `OK` or `PROBLEM: …`. One that was deleted meanwhile is passed by."""
        if uuid in self._held:
            self._held[uuid] = replace(self._held[uuid], last_processing_result=result)

    def _registered(self, uuid: str) -> Registered:
        if uuid not in self._held:
            raise not_found()
        return self._held[uuid]

    def _reference(self, function_name: str) -> FunctionReference:
        return FunctionReference.of(function_name, region=self.region, account=self.account)

    def _function(self, mapping: EventSourceMapping) -> FunctionReference:
        function = self._reference(mapping.function_name)
        if not self.function_exists(function.name):
            raise invalid("Function does not exist", hint=f"there is no handler {function.name}: see harness.toml")
        return function

    def _refuse_second(self, mapping: EventSourceMapping, function: FunctionReference) -> None:
        for other in self._held.values():
            same = (other.mapping.event_source_arn, other.function.arn) == (mapping.event_source_arn, function.arn)
            if same and other.mapping.uuid != mapping.uuid:
                raise conflict(mapping.event_source_arn, function.qualified, other.mapping.uuid)

    def _hold(self, mapping: EventSourceMapping, function: FunctionReference, state: State) -> dict[str, Any]:
        known = self._held.get(mapping.uuid)
        registered = Registered(mapping=mapping, function=function, last_modified=self.clock.now())
        if known is not None:
            registered = replace(registered, last_processing_result=known.last_processing_result)
        self._held[mapping.uuid] = registered
        return self._described(registered, state)

    def _described(self, registered: Registered, state: State) -> dict[str, Any]:
        return describe(registered, region=self.region, account=self.account, state=state)
