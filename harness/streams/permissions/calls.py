"""From a recorded call to the permissions that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.permissions.dynamodb import dynamodb_needs
from harness.streams.permissions.permission import Request
from harness.streams.permissions.services import service_needs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.invocation import AwsCall
    from harness.streams.permissions.permission import Identity, Permission


def required(call: AwsCall, identity: Identity) -> tuple[Permission, ...]:
    """Return the permissions of one call, in the region that it asked for; none for what AWS answers to anybody."""
    request = Request.of(call, identity)
    needs = dynamodb_needs if call.service in {"dynamodb", "dynamodbstreams"} else service_needs
    return tuple(needs(request))


def required_by(calls: Iterable[AwsCall], identity: Identity) -> tuple[Permission, ...]:
    """Return the permissions of many calls, each once, ordered by action and resource."""
    return distinct(permission for call in calls for permission in required(call, identity))


def distinct(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """Return each action on each resource once, with the first reason given, ordered by action and resource."""
    found: dict[tuple[str, str], Permission] = {}
    for permission in permissions:
        found.setdefault((permission.action, permission.resource), permission)
    return tuple(found[key] for key in sorted(found))
