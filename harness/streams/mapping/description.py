"""The configuration object that Create, Get, Update, List and Delete answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.streams.mapping.rules import request_of

if TYPE_CHECKING:
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.mapping.names import FunctionReference

State = Literal["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"]
NOTHING_PROCESSED = "No records processed"
_REQUEST_ONLY = ("FunctionName", "Enabled", "Tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A mapping as the control plane holds it."""

    mapping: EventSourceMapping
    function: FunctionReference
    #: Epoch seconds of the last change of its settings.
    last_modified: float
    #: `No records processed`, `OK`, or `PROBLEM: …`.
    last_processing_result: str = NOTHING_PROCESSED

    @property
    def state(self) -> State:
        """What it is once a change is through."""
        return "Enabled" if self.mapping.enabled else "Disabled"


def describe(registered: Registered, *, region: str, account: str, state: State) -> dict[str, Any]:
    """Return the object under AWS's names; LastModified in epoch seconds, as on the wire."""
    mapping = registered.mapping
    shown = {key: value for key, value in request_of(mapping).items() if key not in _REQUEST_ONLY}
    kept = {
        "KMSKeyArn": mapping.kms_key_arn,
        "MetricsConfig": mapping.metrics,
        "FilterCriteria": mapping.filter_patterns,
    }
    return {
        "UUID": mapping.uuid,
        "EventSourceMappingArn": f"arn:aws:lambda:{region}:{account}:event-source-mapping:{mapping.uuid}",
        "FunctionArn": registered.function.arn,
        **{key: value for key, value in shown.items() if key not in kept or kept[key]},
        "LastModified": registered.last_modified,
        "LastProcessingResult": registered.last_processing_result,
        "State": state,
        "StateTransitionReason": "User action",
    }
