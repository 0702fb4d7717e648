"""What a handler was seen to need, kept until a template is written."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.permissions.calls import distinct, required_by
from harness.streams.permissions.permission import Identity, Permission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.streams.invocation import AwsCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The permissions of one handler's calls, with the place that stands in their ARNs."""

    partition: str
    region: str
    account: str
    permissions: tuple[Permission, ...]
    #: Digest of the file that made the calls.
    code: str

    @classmethod
    def of(cls, calls: Iterable[AwsCall], identity: Identity, code: Path) -> Recorded:
        """Take the permissions of calls that were heard from the handler in a file."""
        return cls(
            partition=identity.partition,
            region=identity.region,
            account=identity.account,
            permissions=required_by(calls, identity),
            code=code_digest(code),
        )

    def placed(self, identity: Identity) -> tuple[Permission, ...]:
        """Return the permissions with another place in the ARNs that have this one."""
        moves = {self.partition: identity.partition, self.region: identity.region, self.account: identity.account}
        return tuple(
            replace(each, resource=_moved(each.resource, moves), grant=_moved(each.grant, moves))
            for each in self.permissions
        )

    def over(self, earlier: Recorded | None) -> Recorded:
        """Return it with what the same code was seen to need before: no run shows everything."""
        if earlier is None or earlier.code != self.code:
            return self
        here = Identity(region=self.region, account=self.account, partition=self.partition, role="", function="")
        return replace(self, permissions=distinct((*self.permissions, *earlier.placed(here))))


def code_digest(file: Path) -> str:
    """Return the digest by which a handler's file is known again."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def recorded_path(state_folder: Path, handler: str) -> Path:
    """Return where a handler's permissions are kept."""
    return state_folder / "permissions" / f"{handler}.json"


def remember(path: Path, recorded: Recorded) -> None:
    """Keep them; what was kept of other code, or is no record, is replaced."""
    try:
        whole = recorded.over(recall(path))
    except UsageError:
        whole = recorded
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(asdict(whole), indent=2) + "\n", encoding="utf-8")
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
