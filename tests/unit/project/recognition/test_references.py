from __future__ import annotations

from harness.project.recognition.references import imported_files, included_files, referred
from tests.unit.project.written import project, source


def test_who_refers_to_what() -> None:
    some = project(
        source("bin/db/seed", "#!/bin/bash\npsql $U < db/seed.sql\n"),
        source("bin/setup", "#!/bin/bash\nbash bin/db/seed\n"),
        source("db/seed.sql", "\\ir parts/people.sql\n"),
        source("db/parts/people.sql", "INSERT INTO a VALUES (1);"),
        source("app.py", "from lib.db import db\nfrom .lib import ddb\nimport os\n"),
        source("lib/db.py", "db = 1\n"),
        source("lib/ddb/__init__.py", ""),
        source(
            "compose.yml", "services:\n  db:\n    volumes: ['./db/seed.sql:/docker-entrypoint-initdb.d/seed.sql']\n"
        ),
        source("template.yaml", "Resources:\n  F:\n    Properties:\n      CodeUri: ./functions/stream/\n"),
        source("functions/stream/handler.py", "def lambda_handler(event, context): pass\n"),
    )
    assert referred(some) == {
        "db/seed.sql": {"bin/db/seed", "compose.yml"},
        "bin/db/seed": {"bin/setup"},
        "db/parts/people.sql": {"db/seed.sql"},
        "lib/db.py": {"app.py"},
        "lib/ddb/__init__.py": {"app.py"},
        "functions/stream/handler.py": {"template.yaml"},
    }


def test_files_that_python_cannot_read_import_as_well() -> None:
    app = source("app.py", "from lib.db import db\nprint('x'\n")
    some = project(app, source("lib/db.py", ""))
    assert app.tree is None
    assert imported_files(app, some.paths) == {"lib/db.py"}


def test_what_a_file_brings_in_by_any_of_the_names() -> None:
    whole = source("db/all.sql", "\\i db/a.sql\n\\ir 'b.sql'\n\\include_relative c.sql\n\\echo d.sql\n\\i gone.sql\n")
    some = project(whole, *(source(f"db/{name}.sql", "SELECT 1;") for name in "abcd"))
    assert included_files(whole, some.paths) == ("db/a.sql", "db/b.sql", "db/c.sql")
