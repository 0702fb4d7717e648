"""What a handler was seen to need, kept until a template is written."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.permissions.calls import required_by
from harness.streams.permissions.permission import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.streams.invocation import AwsCall
    from harness.streams.permissions.permission import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The permissions of one handler's calls, with the place that stands in their ARNs."""

    partition: str
    region: str
    account: str
    permissions: tuple[Permission, ...]

    @classmethod
    def of(cls, calls: Iterable[AwsCall], identity: Identity) -> Recorded:
        """Take the permissions of calls that were heard."""
        found = required_by(calls, identity)
        return cls(partition=identity.partition, region=identity.region, account=identity.account, permissions=found)

    def placed(self, identity: Identity) -> tuple[Permission, ...]:
        """Return the permissions with another place in the ARNs that have this one."""
        moves = {self.partition: identity.partition, self.region: identity.region, self.account: identity.account}
        return tuple(
            replace(each, resource=_moved(each.resource, moves), grant=_moved(each.grant, moves))
            for each in self.permissions
        )


def recorded_path(state_folder: Path, handler: str) -> Path:
    """Return where a handler's permissions are kept."""
    return state_folder / "permissions" / f"{handler}.json"


def remember(path: Path, recorded: Recorded) -> None:
    """Keep them, instead of what was kept before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(asdict(recorded), indent=2) + "\n", encoding="utf-8")
    scratch.replace(path)


def recall(path: Path) -> Recorded | None:
    """Return what was kept; None where nothing was. Raises UsageError for a file that is not ours."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        said: dict[str, Any] = json.loads(text)
        permissions = tuple(Permission(**each) for each in said.pop("permissions"))
        return Recorded(permissions=permissions, **said)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise UsageError(
            f"{path}: is no record of permissions: {exc}", hint=f"rm {path}; harness stream policy"
        ) from exc


def _moved(arn: str, moves: dict[str, str]) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - arn:partition:service:region:account:resource
        return arn
    return ":".join(moves.get(part, part) if at in {1, 3, 4} else part for at, part in enumerate(parts))
