"""The mistakes that policies of stream functions usually have, each with what to do about it.

A fault is found from the refusals and from the statements that come near to allowing them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.streams.permissions.evaluation import applies
from harness.streams.permissions.needs import STREAM_ACTIONS
from harness.streams.permissions.wildcard import covers, wild

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.streams.permissions.permission import Permission
    from harness.streams.permissions.policy import Policy, Statement

    #: Looks at a refused permission and the statements that allow things; returns the words of a statement that is near.
    Finder = Callable[[Permission, Sequence[tuple[str, Statement]]], str | None]

_STREAM_ACTIONS = frozenset(f"dynamodb:{action}" for action in STREAM_ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A mistake with a name."""

    code: str
    #: What is wrong, and what to write instead.
    advice: str
    #: Where it was seen.
    evidence: str
    #: What is refused because of it, as `action on resource`; () for one that will only break later.
    refused: tuple[str, ...] = ()


ADVICE = {
    "stream-actions-on-table": "Reading the stream is allowed on the table; the stream is a resource of its own. Name "
    "table/<table>/stream/* instead.",
    "pinned-stream-label": "The policy names one label of the stream. The label is a new one when the stream is switched off "
    "and on or the table is made anew, and then nothing is read any more. Name table/<table>/stream/* instead.",
    "table-actions-on-stream": "Items live in the table, not in its stream. Name table/<table> for calls on items.",
    "index-not-named": "An index is a resource of its own. Add table/<table>/index/* beside table/<table>.",
    "item-wildcard": "dynamodb:*Item covers Get, Put, Update, Delete, BatchGet, BatchWrite and ConditionCheck, but not Query, "
    "Scan and the PartiQL actions. Name those that are called.",
    "destination-rights": "The mapping's destination may not be written to, and nothing tells so before the first discard, "
    "which is then lost. Allow it on the destination; a key of your own on it needs kms:GenerateDataKey as well.",
    "list-streams": "ListStreams is missing, or limited to another table. Allow it on table/<table>/stream/* or on *; "
    "without it the mapping can't be made.",
    "other-place": "The policy names the same resource in another account or region. If the policy is right, hand its "
    "account and region to the check; else the function calls where it may not.",
    "stream-rights-only": "The role may read the stream but do nothing with the table: AWSLambdaDynamoDBExecutionRole "
    "grants no access to items. Add the actions that the handler calls, on table/<table>.",
}


def find_faults(
    refused: Sequence[Permission], needs: Sequence[Permission], policies: Sequence[Policy]
) -> tuple[Fault, ...]:
    """Return the known mistakes behind what is refused, and those that will break later."""
    allowing = [
        (f"{policy.name}, {statement.label}", statement)
        for policy in policies
        for statement in policy.statements
        if statement.allow and not statement.but_actions and not statement.but_resources
    ]
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for permission in refused:
        for code, finder in _FINDERS.items():
            if (evidence := finder(permission, allowing)) is not None:
                found[code, evidence].append(f"{permission.action} on {permission.resource}")
                break
        else:
            if permission in needs and permission.service in {"sqs", "sns", "s3"}:
                found["destination-rights", "no statement allows it"].append(
                    f"{permission.action} on {permission.resource}"
                )
    for need in needs:
        if (evidence := _pinned(need, allowing)) is not None:
            found.setdefault(("pinned-stream-label", evidence), [])
    return tuple(
        Fault(code=code, advice=ADVICE[code], evidence=evidence, refused=tuple(lost))
        for (code, evidence), lost in found.items()
    )


def _grants(statement: Statement, action: str, resource: str) -> bool:
    return applies(statement, action, resource)[0]


def _acts(statement: Statement, action: str) -> bool:
    return any(covers(pattern, action, fold_case=True) for pattern in statement.actions)


def _on_table(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find a stream action that is allowed on the table."""
    if permission.action not in _STREAM_ACTIONS or "/stream/" not in permission.resource:
        return None
    table = permission.resource.partition("/stream/")[0]
    return next((where for where, statement in allowing if _grants(statement, permission.action, table)), None)


def _pinned(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find a statement that names a label of the stream, whether it is today's one or not."""
    stream, _, _ = permission.resource.partition("/stream/")
    if permission.action not in _STREAM_ACTIONS:
        return None
    for where, statement in allowing:
        for resource in statement.resources if _acts(statement, permission.action) else ():
            named, _, label = resource.partition("/stream/")
            if re.match(r"\d{4}-", label) and covers(named, stream):
                return f"{where}: {resource}"
    return None


def _on_stream(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find an action on items that is allowed on the stream."""
    if permission.action in _STREAM_ACTIONS or ":table/" not in permission.resource:
        return None
    for where, statement in allowing:
        if _acts(statement, permission.action) and any("/stream/" in resource for resource in statement.resources):
            return where
    return None


def _without_index(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find an action on an index that is allowed on the table."""
    table, index, _ = permission.resource.partition("/index/")
    if not index:
        return None
    return next((where for where, statement in allowing if _grants(statement, permission.action, table)), None)


def _not_an_item(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find an action that a pattern like `dynamodb:*Item` was thought to cover."""
    if permission.service != "dynamodb" or permission.action in _STREAM_ACTIONS:
        return None
    for where, statement in allowing:
        for pattern in statement.actions:
            if wild(pattern) and pattern.lower().endswith("item"):
                as_meant = replace(statement, actions=(permission.action,))
                if not _acts(statement, permission.action) and _grants(
                    as_meant, permission.action, permission.resource
                ):
                    return f"{where}: {pattern}"
    return None


def _elsewhere(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    """Find an action that is allowed on a resource of the same name in another account or region."""
    _, _, service, region, account, name = _parts(permission.resource)
    for where, statement in allowing:
        for resource in statement.resources if name and _acts(statement, permission.action) else ():
            _, _, its_service, its_region, its_account, its_name = _parts(resource)
            same = its_service == service and covers(its_name, name)
            if same and (its_region, its_account) != (region, account):
                return f"{where}: {resource} is in {its_account} {its_region}, the call in {account} {region}"
    return None


def _parts(arn: str) -> list[str]:
    """Return the six parts of an ARN; empty ones for what is none."""
    parts = arn.split(":", 5)
    return parts if len(parts) == 6 else [""] * 6  # noqa: PLR2004 - arn:partition:service:region:account:resource


def _no_list(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    if permission.action != "dynamodb:ListStreams":
        return None
    where = [where for where, statement in allowing if _acts(statement, permission.action)]
    return f"{where[0]} names other resources" if where else "no statement allows it"


def _nothing_for_tables(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> str | None:
    if permission.service != "dynamodb" or permission.action in _STREAM_ACTIONS:
        return None
    reading = [where for where, statement in allowing if _acts(statement, "dynamodb:GetRecords")]
    acting = any(
        _acts(statement, f"dynamodb:{name}") for _, statement in allowing for name in ("GetItem", "PutItem", "Query")
    )
    return reading[0] if reading and not acting and not _acts_at_all(permission, allowing) else None


def _acts_at_all(permission: Permission, allowing: Sequence[tuple[str, Statement]]) -> bool:
    return any(_acts(statement, permission.action) for _, statement in allowing)


#: Asked in this order for each refusal; the first that answers names the fault.
_FINDERS: dict[str, Finder] = {
    "stream-actions-on-table": _on_table,
    "pinned-stream-label": _pinned,
    "index-not-named": _without_index,
    "other-place": _elsewhere,
    "table-actions-on-stream": _on_stream,
    "item-wildcard": _not_an_item,
    "list-streams": _no_list,
    "stream-rights-only": _nothing_for_tables,
}
