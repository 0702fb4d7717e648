"""Small projects written to a folder, and rehearsed on engines of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from harness.project.recognition.languages import language_of
from harness.project.source import Project, Source
from harness.rehearsal.rehearse import rehearse
from tests.integration.conftest import started_pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.project.roles import Role
    from harness.rehearsal.results import Rehearsal

    #: By path: the role of a file, or none, and its text.
    Files = Mapping[str, tuple[Role | None, str]]

SCHEMA = """\
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
DROP TABLE IF EXISTS public.users;
CREATE TABLE public.users (
  uuid UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  display_name text NOT NULL,
  handle text NOT NULL,
  email text NOT NULL
);
"""
SEED = """\
\\echo filling the users
INSERT INTO public.users (display_name, handle, email)
VALUES
  ('Ines', 'ines', 'ines@example.com'),
  ('Tariq', 'tariq', 'tariq@example.com');

INSERT INTO public.users (display_name, handle)
VALUES ('Nobody', 'nobody');
"""
DB = """\
import os

from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.getenv("CONNECTION_URL"))


def user(handle):
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuid::text, display_name FROM users WHERE handle = %s", (handle,))
        row = cursor.fetchone()
    return {"uuid": row[0], "name": row[1], "handle": handle}
"""
#: How the scripts of `backend-flask/bin` find `lib`.
PATHS = """\
import os, sys
sys.path.append(os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")))
"""
TABLE = """\
#!/usr/bin/env python3
import boto3

boto3.client("dynamodb", endpoint_url="http://localhost:8000", region_name="ca-central-1").create_table(
    TableName="chats",
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("message_group_uuid", "pk", "sk")],
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    GlobalSecondaryIndexes=[{
        "IndexName": "by-group",
        "KeySchema": [
            {"AttributeName": "message_group_uuid", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    }],
    ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
)
print("made")
"""


def write(folder: Path, files: Files) -> Project:
    """Write the files, all of them executable, and return the project that they make up."""
    for path, (_, text) in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    sources = {
        path: Source(
            path=path,
            text=text,
            language=language_of(path, text),
            roles=frozenset({role} if role else ()),
            executable=True,
        )
        for path, (role, text) in files.items()
    }
    return Project(root=folder, sources=sources)


def rehearsed(home: Path, files: Files, *, timeout: float = 20.0) -> Rehearsal:
    """Rehearse, and see that the project is as it was afterwards."""
    for name in ("project", "engines"):
        (home / name).mkdir()
    project = write(home / "project", files)
    before = fingerprint(project.root)
    with started_pair("embedded", home / "engines") as endpoints:
        found = rehearse(project, endpoints, ground=home / "ground", timeout=timeout)
    assert fingerprint(project.root) == before
    return found


def fingerprint(folder: Path) -> dict[str, str]:
    """Return paths with modes, times and digests."""
    return {
        str(path.relative_to(folder)): f"{path.stat().st_mode:o} {path.stat().st_mtime_ns} "
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    }
