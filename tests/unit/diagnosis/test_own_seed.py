"""No check finds anything in the data that the harness itself makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.dataset import USER_COLUMNS
from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.held import Column, Held, Relation, Table
from harness.seeding.generate import generate
from tests.unit.seeding.plans import baseline

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("overrides", [{}, {"seed": 7}, {"messages": 40}, {"users": 3, "groups": 1, "messages": 1}])
def test_the_shipped_seed_is_clean(overrides: dict[str, Any]) -> None:
    plan = baseline(**overrides)
    dataset = generate(plan)
    rows = tuple(dict(zip(USER_COLUMNS, user.row(), strict=True)) for user in dataset.users)
    users = Relation(
        name="users",
        columns=tuple(Column(name=name, type="text", nullable=False, has_default=False) for name in USER_COLUMNS),
        rows=rows,
        unique=(("uuid",), ("handle",)),
        count=len(rows),
    )
    schema = json.loads((ROOT / "seeds/schema/dynamodb/cruddur-messages.json").read_text(encoding="utf-8"))
    items = tuple(dataset.items())
    table = Table(name=schema["TableName"], description=schema, items=items, count=len(items))
    held = Held(relations={"users": users}, tables={table.name: table})
    now = max(datetime.now(UTC), plan.as_of) + timedelta(seconds=1)
    assert diagnose(Facts(now=now, held=held), all_checks()) == ()
