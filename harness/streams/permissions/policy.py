"""Policy documents: read, and refused where IAM would refuse them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The version in which `${…}` stands for a value of the request; the older one takes it as plain text.
CURRENT = "2012-10-17"
_VERSIONS = (CURRENT, "2008-10-17")
_KEYS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
_REFERENCE = 'see "IAM JSON policy element reference" in the IAM user guide'


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy for an identity."""

    #: How a report names it: `statement 2`, or `statement 2 (Sid)`.
    label: str
    allow: bool
    actions: tuple[str, ...]
    #: Whether the actions are all but those named (NotAction).
    but_actions: bool = False
    resources: tuple[str, ...]
    #: Whether the resources are all but those named (NotResource).
    but_resources: bool = False
    #: As it stands in the document; {} where there is none.
    condition: Mapping[str, Any]
    #: Whether `${…}` is a variable.
    variables: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that a role has, or one that can't be seen from here."""

    name: str
    statements: tuple[Statement, ...] = ()
    #: Why its content isn't known; None for one that is.
    unexamined: str | None = None
    #: Whether its statements were written for this project, and not by AWS.
    own: bool = True


def parse_policy(document: Any, *, name: str, where: str, own: bool = True) -> Policy:
    """Read a policy document; `where` names its place in errors.

    Raises:
        UsageError: the document is not one that IAM would take for an identity.

    """
    if not isinstance(document, dict) or "Statement" not in document:
        raise _wrong(where, f"no policy document: {_shown(document)} has no Statement")
    # YAML takes an unquoted version for a date.
    version = str(document.get("Version", "2008-10-17"))
    if version not in _VERSIONS:
        raise _wrong(where, f"Version {version!r}; it is one of {', '.join(_VERSIONS)}")
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    return Policy(
        name=name,
        own=own,
        statements=tuple(
            _statement(entry, number, where, variables=version == CURRENT) for number, entry in enumerate(statements, 1)
        ),
    )


def _statement(entry: Any, number: int, where: str, *, variables: bool) -> Statement:
    label = f"statement {number}"
    place = f"{where}: {label}"
    _check_shape(entry, place)
    actions, but_actions = _either(entry, "Action", place)
    resources, but_resources = _either(entry, "Resource", place)
    for action in actions:
        if action != "*" and ":" not in action:
            raise _wrong(place, f"action {action!r} has no service before it, as in dynamodb:{action}")
    for resource in resources:
        if resource != "*" and not resource.startswith(("arn:", "${")):
            raise _wrong(place, f'resource {resource!r} is neither an ARN nor "*"')
    return Statement(
        label=f"{label} ({entry['Sid']})" if entry.get("Sid") else label,
        allow=entry["Effect"] == "Allow",
        actions=actions,
        but_actions=but_actions,
        resources=resources,
        but_resources=but_resources,
        condition=entry.get("Condition", {}),
        variables=variables,
    )


def _check_shape(entry: Any, place: str) -> None:
    if not isinstance(entry, dict):
        raise _wrong(place, f"{_shown(entry)} is no object")
    if "Principal" in entry or "NotPrincipal" in entry:
        raise UsageError(
            f"{place}: names a Principal, so it is a trust policy or a policy of a resource, not one of a role",
            hint="hand over the policy that is attached to the function's role",
        )
    for key in entry:
        if key not in _KEYS:
            raise UsageError(f"{place}: unknown key {key!r}", hint=did_you_mean(str(key), _KEYS, otherwise=_REFERENCE))
    if entry.get("Effect") not in ("Allow", "Deny"):  # a list, for what can't be hashed
        raise _wrong(place, f"Effect {entry.get('Effect')!r}; it is Allow or Deny")
    condition = entry.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(keys, dict) for keys in condition.values()):
        raise _wrong(place, f"Condition {_shown(condition)}; it is operators, and under each its keys with values")


def _either(entry: Mapping[str, Any], key: str, place: str) -> tuple[tuple[str, ...], bool]:
    """Return `Action` or `NotAction`, of which there is one, as a tuple; and whether it was the `Not`."""
    given = [name for name in (key, f"Not{key}") if name in entry]
    if len(given) != 1:
        raise _wrong(place, f"has {' and '.join(given) or f'neither {key} nor Not{key}'}; one of the two belongs there")
    value = entry[given[0]]
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and text for text in values):
        raise _wrong(place, f"{given[0]} {_shown(value)}; it is a text or a list of texts")
    return tuple(values), given[0] != key


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - half a line


def _wrong(place: str, message: str) -> UsageError:
    return UsageError(f"{place}: {message}", hint=_REFERENCE)
