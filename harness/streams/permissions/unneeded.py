"""Grants that nothing made use of: remarks, since what was recorded may not be all that the function ever does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.permissions.evaluation import applies
from harness.streams.permissions.wildcard import covers, wild

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.streams.permissions.permission import Permission
    from harness.streams.permissions.policy import Policy, Statement


def unneeded_grants(required: Sequence[Permission], policies: Sequence[Policy]) -> tuple[str, ...]:
    """Return remarks on what the policies allow beyond what was asked for, statement by statement.

    Policies that AWS wrote are looked at as a whole: their content isn't the reader's to change.
    """
    remarks: list[str] = []
    for policy in policies:
        allowing = [statement for statement in policy.statements if statement.allow]
        if policy.own:
            remarks += [
                f"{policy.name}, {remark}" for statement in allowing for remark in _of_statement(statement, required)
            ]
        elif allowing and not any(_used(statement, required) for statement in allowing):
            remarks.append(f"{policy.name}: nothing that it allows was asked for")
    return tuple(remarks)


def _used(statement: Statement, required: Sequence[Permission]) -> list[Permission]:
    return [need for need in required if applies(statement, need.action, need.resource)[0]]


def _of_statement(statement: Statement, required: Sequence[Permission]) -> Iterator[str]:
    used = _used(statement, required)
    if statement.but_actions or statement.but_resources:
        yield f"{statement.label}: allows everything but what it names; name what is needed instead"
        return
    for pattern in statement.actions:
        covered = sorted({need.action for need in used if covers(pattern, need.action, fold_case=True)})
        if not covered:
            yield f"{statement.label}: {pattern} was not asked for"
        elif wild(pattern):
            yield f"{statement.label}: {pattern} allows more than was asked for, which is {', '.join(covered)}"
    narrower = sorted({need.granted for need in used})
    if used and "*" in statement.resources and "*" not in narrower:
        yield f"{statement.label}: on every resource (*); asked for was {', '.join(narrower)}"
