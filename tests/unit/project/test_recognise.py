from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from harness.errors import UsageError
from harness.project.recognise import recognise
from harness.project.recognition.walk import MOST_BYTES
from tests.gallery.tree import Tree
from tests.unit.project.written import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.project.source import Project

SCHEMA = """\
CREATE TABLE public.users (
  uuid UUID PRIMARY KEY,
  handle text NOT NULL
);
"""
SEED = """\
INSERT INTO public.users (uuid, handle)
VALUES
  ('6d1f', 'ada'),
  ('7e2a', 'ben');
"""
TABLE = """\
#!/usr/bin/env python3
import boto3
client = boto3.client('dynamodb', endpoint_url='http://localhost:8000')
response = client.create_table(
  TableName='talks',
  KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
  AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
)
print(response)
"""
TABLE_SEED = """\
#!/usr/bin/env python3
import boto3
client = boto3.client('dynamodb')
for number in range(3):
  client.put_item(TableName='talks', Item={'pk': {'S': f'MSG#{number}'}})
"""
ONE_TALK = """\
#!/usr/bin/env python3
import boto3
client = boto3.client('dynamodb')
response = client.query(
  TableName='talks', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': 'MSG#1'}}
)
print(response['Items'])
"""
LIBRARY = """\
import boto3

class Talks:
  def client():
    return boto3.client('dynamodb')

  def list_messages(client, group):
    return client.query(TableName='talks', KeyConditionExpression='pk = :pk')

  def create_message(client, group, text):
    return client.put_item(TableName='talks', Item={'pk': {'S': f'MSG#{group}'}})
"""
HANDLER = """\
import boto3

def lambda_handler(event, context):
  for record in event['Records']:
    if record['eventName'] == 'REMOVE':
      continue
    print(record['dynamodb']['NewImage'])
"""
APP = """\
from flask import Flask
app = Flask(__name__)

@app.route('/api/messages')
def messages():
  return []
"""
PSQL = """\
#! /usr/bin/bash
psql $CONNECTION_URL < db/seed.sql
"""


def roles(root: Path) -> dict[str, set[str]]:
    return {path: set(source.roles) for path, source in recognise(root).sources.items() if source.roles}


@pytest.mark.parametrize(
    ("path", "text", "role"),
    [
        ("db/schema.sql", SCHEMA, "sql-schema"),
        ("db/tables.ddl", SCHEMA, "sql-schema"),
        ("db/seed.sql", SEED, "sql-seed"),
        ("x/y/z/everything.psql", SEED, "sql-seed"),
        ("db/seed", SEED, "sql-seed"),
        ("db/sql/show.sql", "SELECT * FROM users WHERE handle = %(handle)s", "sql-query"),
        ("db/sql/create.sql", "INSERT INTO users (handle) VALUES (%(handle)s) RETURNING uuid", "sql-query"),
        ("bin/ddb/schema-load", TABLE, "table-schema"),
        ("make_table.py", TABLE, "table-schema"),
        ("bin/ddb/create.sh", TABLE.removeprefix("#!/usr/bin/env python3\n"), "table-schema"),
        ("bin/ddb/seed", TABLE_SEED, "table-seed"),
        ("bin/ddb/seed.sh", TABLE_SEED.replace("python3", "bash"), "table-seed"),
        ("tools/fill.txt", TABLE_SEED, "table-seed"),
        ("bin/ddb/seed", TABLE_SEED.replace("range(3)", "range(3"), "table-seed"),
        ("bin/ddb/patterns/get-conversation", ONE_TALK, "pattern-messages"),
        ("scripts/whatever.py", ONE_TALK, "pattern-messages"),
        ("scripts/whatever.py", ONE_TALK.replace("MSG#", "GRP#"), "pattern-groups"),
        ("bin/ddb/drop", "#! /bin/bash\naws dynamodb delete-table --table-name $1\n", "table-tool"),
        ("bin/ddb/create", "#!/bin/sh\naws dynamodb create-table --cli-input-json file://t.json\n", "table-schema"),
        ("backend/lib/ddb.py", LIBRARY, "table-library"),
        ("api/app/conversations.py", LIBRARY, "table-library"),
        ("backend/app.py", APP, "application"),
        ("aws/lambdas/stream.py", HANDLER, "stream-handler"),
        ("handler.py", HANDLER.replace("lambda_handler(event, context)", "run(event, _)"), "stream-handler"),
        ("aws/lambdas/stream.py", HANDLER.replace("context):", "context)"), "stream-handler"),
        ("aws/lambdas/sign-up.py", "def lambda_handler(event, context):\n    return event\n", "lambda"),
        ("aws/lambdas/thumbs.py", HANDLER.replace("dynamodb", "s3").replace("NewImage", "object"), "lambda"),
        ("bin/db/create", "#!/bin/bash\ncreatedb talks\n", "db-tool"),
        ("bin/db/connect", "psql $CONNECTION_URL\n", "db-tool"),
        ("bin/cognito/list-users", "aws cognito-idp list-users --user-pool-id $POOL\n", "users-tool"),
        ("docker-compose.yml", "services:\n  db:\n    image: postgres\n", "compose"),
        ("local.yaml", "services:\n  db:\n    image: postgres\n", "compose"),
        ("template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {}\n", "template"),
        ("infra/all.json", '{"Resources": {"T": {"Type": "AWS::DynamoDB::Table"}}}', "template"),
        ("aws/policy.json", '{"Version": "2012-10-17", "Statement": []}', "policy"),
        (".env", "AWS_ENDPOINT_URL=http://localhost:8000\n", "environment"),
        ("backend/.env.example", "A=b\n", "environment"),
        (".gitpod.yml", "tasks:\n  - name: x\n", "environment"),
        (".devcontainer/devcontainer.json", "{}", "environment"),
        ("backend/requirements.txt", "flask\n", "requirements"),
    ],
)  # fmt: skip
def test_a_file_is_told_by_what_stands_in_it(path: str, text: str, role: str, tmp_path: Path) -> None:
    assert role in roles(write(tmp_path, {path: text}))[path]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("README.md", SEED),
        ("journal/week4.md", f"```sql\n{SEED}```\n```py\n{TABLE_SEED}```"),
        ("notes.txt", "Run bin/ddb/seed, then psql $CONNECTION_URL < db/seed.sql\n"),
        ("notebook.ipynb", '{"cells": [{"source": ["import boto3"]}]}'),
        ("frontend/src/App.js", "import React from 'react';\nexport default function App() {}\n"),
        ("frontend/package.json", '{"name": "x", "scripts": {"start": "react-scripts start"}}'),
        ("frontend/node_modules/x/seed.sql", SEED),
        (".venv/lib/seed.py", TABLE_SEED),
        ("odd-name-of-env/pyvenv.cfg", "home = /usr/bin"),
        ("tests/test_seed.py", TABLE_SEED),
        ("tests/fixtures/seed.sql", SEED),
        ("app.min.js", "a" * 100_000),
        ("LICENSE", "Permission is hereby granted,\nfree of charge\n"),
        ("logo", b"\x89PNG\0\0\0\x1f"),
        ("empty.py", ""),
        ("empty", ""),
        ("bin/hello", "#!/usr/bin/env node\nconsole.log('create_table')\n"),
        ("bin/run", "#!/bin/bash\nnpm start\n"),
    ],
)  # fmt: skip
def test_other_files_have_no_role(path: str, content: str | bytes, tmp_path: Path) -> None:
    assert roles(write(tmp_path, {path: content})) == {}


def test_an_empty_project_is_one(tmp_path: Path) -> None:
    assert recognise(tmp_path).sources == {}


LIVE: list[tuple[Mapping[str, str], dict[str, str]]] = [
    ({"db/seed.sql": SEED, "db/seed.old.sql": SEED + "-- old\n"}, {"sql-seed": "db/seed.sql"}),
    ({"db/seed.sql": SEED, "db/seed copy.sql": SEED + "-- x\n"}, {"sql-seed": "db/seed.sql"}),
    ({"db/seed.sql": SEED, "journal/week4/seed.sql": SEED + "-- x\n"}, {"sql-seed": "db/seed.sql"}),
    ({"db/start.sql": SEED, "db/seed.sql": SEED + "-- x\n", "bin/db/seed": PSQL.replace("seed.sql", "start.sql")},
     {"sql-seed": "db/start.sql", "db-seed-tool": "bin/db/seed"}),
    ({"bin/ddb/seed": TABLE_SEED, "backend/bin/ddb/seed": TABLE_SEED + "# was here\n"}, {"table-seed": "bin/ddb/seed"}),
    ({"backend/bin/ddb/seed": TABLE_SEED, "backend/bin/ddb/schema-load": TABLE, "bin/ddb/seed": TABLE_SEED + "# x\n"},
     {"table-seed": "backend/bin/ddb/seed", "table-schema": "backend/bin/ddb/schema-load"}),
    ({"bin/ddb/seed": TABLE_SEED, "bin/ddb/seed.bak": TABLE_SEED, "bin/ddb/seed_old.py": TABLE_SEED + "#\n"},
     {"table-seed": "bin/ddb/seed"}),
    ({"lib/ddb.py": LIBRARY, "lib/ddb_backup.py": LIBRARY + "#\n"}, {"table-library": "lib/ddb.py"}),
    ({"lib/talks.py": LIBRARY, "lib/ddb.py": LIBRARY + "#\n", "app.py": f"from lib.talks import Talks\n{APP}"},
     {"table-library": "lib/talks.py"}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "wanted"), LIVE)
def test_of_several_the_one_in_use_has_the_role(
    files: Mapping[str, str], wanted: dict[str, str], tmp_path: Path
) -> None:
    project = recognise(write(tmp_path, files))
    assert {role: _only(project, role) for role in wanted} == wanted


def _only(project: Project, role: str) -> str:
    [path] = [path for path, source in project.sources.items() if role in source.roles]
    return path


@pytest.mark.parametrize(
    "command", ["\\ir parts/people.sql", "\\i db/parts/people.sql", "\\include_relative 'parts/people.sql'"]
)
def test_a_seed_that_only_brings_in_others_is_one(command: str, tmp_path: Path) -> None:
    write(tmp_path, {"db/seed.sql": f"\\echo 'people'\n{command}\n", "db/parts/people.sql": SEED, "bin/db/seed": PSQL})
    found = roles(tmp_path)
    assert found["db/seed.sql"] == {"sql-seed"}
    assert found["db/parts/people.sql"] == {"sql-seed"}


def test_a_file_that_brings_in_everything_is_neither_schema_nor_seed(tmp_path: Path) -> None:
    write(tmp_path, {"db/all.sql": "\\ir schema.sql\n\\ir seed.sql\n", "db/schema.sql": SCHEMA, "db/seed.sql": SEED})
    assert "db/all.sql" not in roles(tmp_path)


def test_what_starts_the_others_is_the_setup(tmp_path: Path) -> None:
    setup = '#!/bin/bash\nset -e\nHERE=$(dirname "$0")\nsource "$HERE/create"\nbash $HERE/seed\n'
    write(
        tmp_path,
        {"bin/db/prepare": setup, "bin/db/create": "createdb talks\n", "bin/db/seed": PSQL, "db/seed.sql": SEED},
    )
    assert "setup" in roles(tmp_path)["bin/db/prepare"]


def test_modules_beside_the_application_belong_to_it(tmp_path: Path) -> None:
    write(tmp_path, {"back/app.py": APP, "back/services/talk.py": "def run():\n    return 1\n", "other.py": "x = 1\n"})
    found = roles(tmp_path)
    assert found["back/services/talk.py"] == {"application"}
    assert "other.py" not in found


def test_roles_can_be_said(tmp_path: Path) -> None:
    write(tmp_path, {"db/seed.sql": SEED, "db/other.sql": SEED + "--\n"})
    found = recognise(tmp_path, {"sql-seed": ["db/other.sql"]})
    assert _only(found, "sql-seed") == "db/other.sql"
    with pytest.raises(UsageError, match="no such text file"):
        recognise(tmp_path, {"sql-seed": ["db/gone.sql"]})


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"db/dump.sql": "-- x\n" * (MOST_BYTES // 5 + 1), "db/seed.sql": SEED, "video": b"\0" * (MOST_BYTES + 1)},
    )
    project = recognise(tmp_path)
    assert [path for path, _ in project.unread] == ["db/dump.sql"]
    assert set(project.sources) == {"db/seed.sql"}


def test_links_stay_inside_and_end(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.sql": SEED})
    root = write(tmp_path / "project", {"bin/ddb/seed": TABLE_SEED})
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to(root / "self")
    (root / "gone").symlink_to(root / "nowhere")
    (root / "leak.sql").symlink_to(outside / "secret.sql")
    (root / "folder").symlink_to(outside)
    (root / "seed").symlink_to(root / "bin" / "ddb" / "seed")
    os.mkfifo(root / "pipe")
    project = recognise(root)
    assert set(project.sources) == {"bin/ddb/seed", "seed"}
    assert {path for path, _ in project.unread} == {"self", "gone", "leak.sql", "folder"}


def test_odd_bytes_are_text_as_well(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "db/latin.sql": SEED.replace("ada", "adä").encode("latin-1"),
            "db/windows.sql": SCHEMA.encode("utf-16"),
            "bin/ddb/seed": b"\xef\xbb\xbf" + TABLE_SEED.replace("\n", "\r\n").encode(),
        },
    )
    found = roles(tmp_path)
    assert found["db/latin.sql"] == {"sql-seed"}
    assert found["db/windows.sql"] == {"sql-schema"}
    assert found["bin/ddb/seed"] == {"table-seed"}


def test_a_name_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.sql")).write_text(SEED)
    assert recognise(tmp_path).unread == (("caf?.sql", "its name is no UTF-8"),)


def test_what_is_worked_out_of_a_file_outlives_its_roles(tmp_path: Path) -> None:
    [source] = recognise(write(tmp_path, {"bin/ddb/seed": TABLE_SEED})).sources.values()
    assert source.with_roles(frozenset({"setup"})).tree is source.tree
    assert source.with_roles(frozenset({"setup"})).roles == {"setup"}


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_and_truncated_files_never_raise(seed: int, tmp_path: Path) -> None:
    random, tree = Random(seed), Tree.clean()
    files: dict[str, str | bytes] = {}
    for path, text in tree.files.items():
        data = text.encode()
        cut = data[: random.randrange(len(data) + 1)]
        files[path] = random.choice([cut, cut + random.randbytes(40), random.randbytes(200).replace(b"\0", b"")])
    recognise(write(tmp_path, files))


def test_scripts_that_take_their_table_from_a_module_beside_them(tmp_path: Path) -> None:
    files = {
        "bin/chat/settings.py": "import boto3\ndef resource():\n    return boto3.resource('dynamodb')\n",
        "bin/chat/make.py": "from settings import resource\nt = resource().create_table(TableName='t', KeySchema=[])\n",
        "bin/chat/fill.py": "from settings import resource\nwith resource().Table('t').batch_writer() as b:\n"
        "    b.put_item(Item=dict(pk='MSG#1'))\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    project = recognise(tmp_path)
    assert [each.path for each in project.with_role("table-schema")] == ["bin/chat/make.py"]
    assert [each.path for each in project.with_role("table-seed")] == ["bin/chat/fill.py"]
