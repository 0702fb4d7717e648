from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.project.settings.hosts import hosts
from tests.unit.project.written import project, source

if TYPE_CHECKING:
    from harness.project.roles import Role


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        (".env", "CONNECTION_URL=postgresql://ada:p%40ss@db:5433/talks\n", [("db", 5433, "postgres")]),
        (".env", "CONNECTION_URL='postgres://ada:secret@talks.abc.rds.amazonaws.com/talks'\n",
         [("talks.abc.rds.amazonaws.com", 5432, "postgres")]),
        ("a.py", "url = 'postgresql+psycopg://127.0.0.1/x'\n", [("127.0.0.1", 5432, "postgres")]),
        ("a.py", "attrs = {'endpoint_url': 'http://localhost:8000'}\n", [("localhost", 8000, "dynamodb")]),
        ("a.py", "endpoint = 'http://dynamodb-local:9000/'\n", [("dynamodb-local", 9000, "dynamodb")]),
        ("a.py", "endpoint = 'https://dynamodb.eu-west-1.amazonaws.com'\n", [("dynamodb.eu-west-1.amazonaws.com", 443, "aws")]),
        ("a.py", "url = 'http://[::1]:8000'\n", [("::1", 8000, "dynamodb")]),
        ("a.py", "url = f'http://{host}:8000'\n", []),
        ("a.py", "import psycopg\npsycopg.connect(host='db', port=5433, dbname='x')\n", [("db", 5433, "postgres")]),
        ("a.py", "server = dict(host='db', port=5433)\n", []),
        ("a.sh", "psql -h db.internal -U ada < x.sql\n", [("db.internal", 5432, "postgres")]),
        ("a.sh", "export PGHOST=db1\npsql\n", [("db1", 5432, "postgres")]),
        ("App.js", "fetch('https://api.example.com/x')\n", [("api.example.com", 443, "http")]),
        ("compose.yml", "services:\n  db:\n    image: postgres\n  dynamo:\n    image: amazon/dynamodb-local\n    ports: ['9000:8000']\n",
         [("db", 5432, "postgres"), ("dynamo", 8000, "dynamodb")]),
        ("compose.yml", "services:\n  back:\n    build: .\n", [("back", None, "service")]),
        ("a.txt", "http://\nhttp:///\nhttp://-\nhttps://x:99999999/\npostgres://\n", []),
    ],
)  # fmt: skip
def test_hosts_of_any_file(path: str, text: str, wanted: list[tuple[str, int | None, str]]) -> None:
    roles: tuple[Role, ...] = ("compose",) if path == "compose.yml" else ()
    assert [(host.name, host.port, host.kind) for host in hosts(project(source(path, text, *roles)))] == wanted
