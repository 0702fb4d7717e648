"""SQL files as migrations: each must be able to run inside one transaction of ours."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.schema import Migration
from harness.schema_files.documents import place, read_text

if TYPE_CHECKING:
    from pathlib import Path

#: Comments, quoted text and dollar-quoted bodies: what is in them is no statement (PostgreSQL manual, 4.1).
_OPAQUE = re.compile(
    r"--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL
)
#: `END` is left out: it also closes `BEGIN ATOMIC`. The store notices a transaction that was ended under it.
_OWN_TRANSACTION = re.compile(
    r"(?:\A|;)\s*(BEGIN|START\s+TRANSACTION|COMMIT|ABORT|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b))\b",
    re.IGNORECASE,
)
_FROM_CLIENT = re.compile(r"\b(FROM\s+STDIN|TO\s+STDOUT)\b", re.IGNORECASE)
_PSQL = re.compile(r"^[ \t]*(\\[a-zA-Z!?]+)", re.MULTILINE)


def read_migration(path: Path) -> Migration:
    """Read one SQL file; refuse what can't run in a transaction that isn't its own."""
    sql = read_text(path)
    bare = _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), sql)
    for pattern, why in (
        (_OWN_TRANSACTION, "each file already runs in a transaction of its own"),
        (_FROM_CLIENT, "only psql can hand in the rows; write INSERT"),
        (_PSQL, "that is a command of psql, not SQL"),
    ):
        if found := pattern.search(bare):
            raise UsageError(
                f"{path}:{place(sql, found.start(1))}: {found.group(1)}: {why}", hint=f"take it out of {path.name}"
            )
    return Migration(name=path.name, sql=sql, checksum=hashlib.sha256(sql.encode()).hexdigest(), source=path)
