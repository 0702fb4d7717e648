"""Does a set of policies allow an action on a resource? Decided as IAM does, and left open where only AWS can tell.

Source: IAM user guide, "Policy evaluation logic", "IAM JSON policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.wildcard import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.streams.permissions.policy import Policy, Statement

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
#: Begins what a template leaves open until it is deployed; such text is a variable in any version of a policy.
UNRESOLVED = "template:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Some statement allows it, and none denies it."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Nothing allows it, or a statement denies it."""

    #: Whether a statement says Deny.
    explicit: bool
    #: That statement; "" where there is none.
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedOnlyIf:
    """It depends on something that can't be told from here."""

    condition: str


Verdict = Allowed | Denied | AllowedOnlyIf


def evaluate(action: str, resource: str, policies: Iterable[Policy]) -> Verdict:
    """Return what IAM would decide for a role that has these policies: an explicit Deny wins, else any Allow is enough."""
    allowed, doubts, objections = "", [], []
    for policy in policies:
        if policy.unexamined:
            doubts.append(f"{policy.name} allows it, which can't be examined here: {policy.unexamined}")
        for statement in policy.statements:
            fits, conditions = applies(statement, action, resource)
            if not fits:
                continue
            by = f"{policy.name}, {statement.label}"
            if statement.allow and not conditions:
                allowed = allowed or by
            elif statement.allow:
                doubts.append(f"{' and '.join(conditions)} ({by})")
            elif conditions:
                objections.append(f"not {' and '.join(conditions)}, which {by} denies")
            else:
                return Denied(explicit=True, by=by)
    if not allowed and not doubts:
        return Denied(explicit=False)
    if allowed and not objections:
        return Allowed(by=allowed)
    wanted = [] if allowed else [", or ".join(doubts)]
    return AllowedOnlyIf(condition="; and ".join(wanted + objections))


def applies(statement: Statement, action: str, resource: str) -> tuple[bool, list[str]]:
    """Whether a statement speaks of an action on a resource, and what would have to be true for it."""
    if any(covers(pattern, action, fold_case=True) for pattern in statement.actions) is statement.but_actions:
        return False, []
    named = [_names(pattern, resource, variables=statement.variables) for pattern in statement.resources]
    surely, perhaps = any(fit == [] for fit in named), [fit for fit in named if fit]
    conditions = [_words(operator, keys) for operator, keys in statement.condition.items()]
    if not surely and perhaps:
        found = " or ".join(" and ".join(fit) for fit in perhaps)
        return True, [f"not ({found})" if statement.but_resources else found, *conditions]
    return surely is not statement.but_resources, conditions


def _names(pattern: str, resource: str, *, variables: bool) -> list[str] | None:
    """Return what must be true for a pattern to name a resource: [] nothing more, None when it can't."""
    unknown: list[str] = []

    def spelled(found: re.Match[str]) -> str:
        name = found.group(1)
        if not variables and not name.startswith(UNRESOLVED):
            return found.group()
        if name == "$":
            return name
        unknown.append(f"${{{name.removeprefix(UNRESOLVED)}}} makes {pattern.replace(UNRESOLVED, '')} name {resource}")
        return "*"

    return unknown[:1] if covers(_VARIABLE.sub(spelled, pattern), resource) else None


def _words(operator: str, keys: Mapping[str, Any]) -> str:
    """`StringEquals aws:RequestedRegion eu-west-1` in words of the policy itself."""
    shown = []
    for key, values in keys.items():
        listed = values if isinstance(values, list) else [values]
        shown.append(f"{operator} {key} {' or '.join(str(value) for value in listed)}")
    return " and ".join(shown)
