"""The seeds of `seeds/broken`: each trips the check whose code it is called by, and no other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.held import Column, Held, Relation, Table

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "seeds/broken"
#: The twin that the others differ from in one thing.
CLEAN = "clean"
COLUMNS = ("uuid", "display_name", "handle", "email", "cognito_user_id")
_SCHEMA = ROOT / "seeds/schema/dynamodb/cruddur-messages.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenSeed:
    """What one file holds."""

    #: The code of the check, or `CLEAN`.
    name: str
    why: str
    #: Whether the shipped schema keeps it out, so that only other schemas can hold it.
    refused: bool
    users: tuple[dict[str, str], ...]
    #: In DynamoDB JSON.
    items: tuple[dict[str, dict[str, Any]], ...]

    def held(self) -> Held:
        """Return it as two databases would hold it that have the shipped schema."""
        schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
        columns = tuple(Column(name=name, type="text", nullable=False, has_default=False) for name in COLUMNS)
        unique = (("uuid",),) if self.refused else (("uuid",), ("handle",))
        users = Relation(name="users", columns=columns, rows=self.users, unique=unique, count=len(self.users))
        table = Table(name=schema["TableName"], description=schema, items=self.items, count=len(self.items))
        return Held(relations={"users": users}, tables={table.name: table})


def broken_seed(name: str) -> BrokenSeed:
    """Read one by its code."""
    read = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return BrokenSeed(
        name=name,
        why=read["why"],
        refused=read.get("refused", False),
        users=tuple(read["users"]),
        items=tuple(read["items"]),
    )


def broken_codes() -> tuple[str, ...]:
    """Return the codes that have one."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != CLEAN))
