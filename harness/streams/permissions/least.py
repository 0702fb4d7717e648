"""The least policy that allows what was asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.calls import required
from harness.streams.permissions.policy import CURRENT
from harness.streams.permissions.wildcard import covers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.invocation import AwsCall
    from harness.streams.permissions.permission import Identity, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an action on a resource stands in the policy; JSON has no room for comments."""

    action: str
    resource: str
    because: tuple[str, ...]
    #: Whether the action was found in AWS's own material.
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastPolicy:
    """A policy document, and its reasons in the same order."""

    document: dict[str, Any]
    reasons: tuple[Reason, ...]


def least_policy(calls: Iterable[AwsCall], needs: Iterable[Permission], *, identity: Identity) -> LeastPolicy:
    """Return the smallest policy that allows these calls and these needs of the trigger: sorted, the same every time."""
    wanted: dict[tuple[str, str], list[Permission]] = defaultdict(list)
    for permission in [*needs, *(need for call in calls for need in required(call, identity))]:
        wanted[permission.action, permission.granted].append(permission)
    kept = sorted(pair for pair in wanted if not any(_within(pair, other) for other in wanted))
    reasons = [
        Reason(
            action=action,
            resource=resource,
            because=tuple(sorted({permission.reason for permission in wanted[action, resource]})),
            verified=all(permission.verified for permission in wanted[action, resource]),
        )
        for action, resource in kept
    ]
    return LeastPolicy(document={"Version": CURRENT, "Statement": _statements(kept)}, reasons=tuple(reasons))


def _within(pair: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether what one pair grants is part of what another one grants; of two that grant the same, the first stays."""
    if pair == other or not (covers(other[0], pair[0]) and covers(other[1], pair[1])):
        return False
    return other < pair or not (covers(pair[0], other[0]) and covers(pair[1], other[1]))


def _statements(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """One statement for the actions that share their resources."""
    resources: dict[str, list[str]] = defaultdict(list)
    for action, resource in pairs:
        resources[action].append(resource)
    actions: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, named in resources.items():
        actions[tuple(named)].append(action)
    return [
        {"Effect": "Allow", "Action": grouped, "Resource": list(named)}
        for named, grouped in sorted(actions.items(), key=lambda entry: entry[1])
    ]
