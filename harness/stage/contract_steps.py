"""What an HTTP API answered in a scenario, held to its contract: a step for each clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.http_target.contract import judge
from harness.stage.steps import Step

if TYPE_CHECKING:
    from harness.http_target.target import HttpTarget


def kept_contract(http: HttpTarget) -> list[Step]:
    """Return the steps for what was answered since the last scenario; none where nothing was."""
    exchanges = http.client.take()
    if not exchanges:
        return []
    return [
        Step(
            name=f"all answers: {kept.clause.name}",
            passed=not kept.breaches,
            expected=kept.clause.must if kept.breaches else None,
            actual="\n".join(kept.breaches) or None,
        )
        for kept in judge(exchanges, frozenset(http.users))
    ]
