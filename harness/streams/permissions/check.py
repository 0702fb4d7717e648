"""Would production allow it? Recorded calls and the trigger's needs, against the policies of a role."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.calls import distinct, required_by
from harness.streams.permissions.denial import cannot_access_stream, refusal
from harness.streams.permissions.evaluation import Allowed, AllowedOnlyIf, evaluate
from harness.streams.permissions.faults import find_faults
from harness.streams.permissions.needs import STREAM_ACTIONS
from harness.streams.permissions.unneeded import unneeded_grants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.streams.invocation import AwsCall
    from harness.streams.permissions.denial import Refusal
    from harness.streams.permissions.faults import Fault
    from harness.streams.permissions.permission import Identity, Permission
    from harness.streams.permissions.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """Something that is allowed only if what can't be told from here is so."""

    permission: Permission
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What production would say."""

    #: Ordered by action and resource, as everything here.
    refused: tuple[Refusal, ...]
    conditional: tuple[Conditional, ...]
    #: What is allowed for certain.
    allowed: tuple[Permission, ...]
    faults: tuple[Fault, ...]
    #: Grants that nothing recorded made use of, in words.
    unneeded: tuple[str, ...]
    #: Policies of the role that can't be seen from here, in words.
    unexamined: tuple[str, ...]
    #: What CreateEventSourceMapping would answer; None where it would make the mapping.
    creation_error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is refused."""
        return not self.refused

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def check(
    calls: Iterable[AwsCall], needs: Sequence[Permission], policies: Sequence[Policy], *, identity: Identity
) -> CheckReport:
    """Say which of the handler's calls and of the trigger's needs these policies refuse, and what is wrong with them."""
    required = distinct([*needs, *required_by(calls, identity)])
    allowed, conditional, refused = [], [], []
    for permission in required:
        verdict = evaluate(permission.action, permission.resource, policies)
        if isinstance(verdict, Allowed):
            allowed.append(permission)
        elif isinstance(verdict, AllowedOnlyIf):
            conditional.append(Conditional(permission=permission, condition=verdict.condition))
        else:
            refused.append(refusal(permission, identity, denied_by=verdict.by))
    return CheckReport(
        refused=tuple(refused),
        conditional=tuple(conditional),
        allowed=tuple(allowed),
        faults=find_faults([entry.permission for entry in refused if not entry.denied_by], needs, policies),
        unneeded=unneeded_grants(required, policies),
        unexamined=tuple(f"{policy.name}: {policy.unexamined}" for policy in policies if policy.unexamined),
        creation_error=_creation_error(refused, needs),
    )


def _creation_error(refused: Iterable[Refusal], needs: Sequence[Permission]) -> str | None:
    """Return the answer to making the mapping, for which AWS tries all four stream actions."""
    stream = {need.action: need.resource for need in needs if need.action.removeprefix("dynamodb:") in STREAM_ACTIONS}
    for entry in refused:
        if stream.get(entry.permission.action) == entry.permission.resource:
            return cannot_access_stream(entry.permission.resource)
    return None
