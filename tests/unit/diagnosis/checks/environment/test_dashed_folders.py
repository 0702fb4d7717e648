"""Folders with a dash that scripts import from."""

from __future__ import annotations

import pytest

from harness.diagnosis.checks.environment.dashed_folders import folders_are_imported_by_their_names
from harness.project.source import Project
from tests.unit.diagnosis.checks.loaded_project import facts, only, problems, project, ran, source

HEAD = """\
#!/usr/bin/env python3
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
"""
ADDED = "sys.path.append(os.path.join(here, {}))\n"
IMPORT = "from backend_flask.lib.db import db\n"
LOST = ("ModuleNotFoundError", "No module named 'backend_flask'")


def scripts(text: str, library: str = "backend-flask/lib/db.py", **more: str) -> Project:
    others = (source(path, text) for path, text in more.items())
    return project(
        source("bin/ddb/seed", f"{HEAD}{text}", "table-seed"), source(library, "db = 1\n", "db-library"), *others
    )


@pytest.mark.parametrize(
    ("before", "way_out"),
    [
        (
            ADDED.format("'..', '..', 'backend-flask'"),
            "backend-flask is in sys.path: write `from lib.db import db` in place of `from backend_flask.lib.db import db`",
        ),
        (
            ADDED.format("'..', '..'"),
            "Let the path in line 6 go '..', '..', 'backend-flask' from the script's folder, and write `from lib.db",
        ),
        (
            "\n",
            "os.path.dirname(os.path.abspath(__file__)), '..', '..', 'backend-flask')) before the import, and write",
        ),
    ],
)
@pytest.mark.parametrize("with_run", [True, False])
def test_the_folder_is_named_with_the_way_out(before: str, way_out: str, *, with_run: bool) -> None:
    runs = [ran("bin/ddb/seed", LOST, line=7)] if with_run else []
    problem = only(folders_are_imported_by_their_names, facts(scripts(before + IMPORT), scripts=runs))
    assert "bin/ddb/seed imports backend_flask, and the folder is called backend-flask" in problem.cause
    assert str(problem.place) == "bin/ddb/seed:7"
    assert way_out in problem.advice
    assert problem.advice.endswith("or call the folder backend_flask, wherever the project names it.")
    assert ("No module named" in problem.evidence[-1].text) == with_run


def test_one_finding_for_all_scripts() -> None:
    second = source("bin/db/people", f"{HEAD}import backend_flask.lib.db\n", "users-tool")
    where = scripts(IMPORT)
    both = Project(root=where.root, sources={**where.sources, second.path: second})
    problem = only(folders_are_imported_by_their_names, facts(both))
    assert problem.cause.startswith("bin/db/people, bin/ddb/seed import backend_flask")
    # A link of that name: whoever runs finds it.
    assert problems(folders_are_imported_by_their_names, facts(both, scripts=[ran("bin/ddb/seed")])) == []


@pytest.mark.parametrize(
    "where",
    [
        scripts(ADDED.format("'..', '..', 'backend-flask'") + "from lib.db import db\n"),
        scripts(IMPORT, library="backend_flask/lib/db.py"),
        scripts(f"try:\n    {IMPORT}except ImportError:\n    from lib.db import db\n"),
        scripts(IMPORT, **{"requirements.txt": "backend-flask\n"}),
        scripts("from psycopg_pool import ConnectionPool\nimport aws_xray_sdk\n"),
    ],
)
def test_names_that_can_be_imported(where: Project) -> None:
    assert problems(folders_are_imported_by_their_names, facts(where)) == []


def test_a_script_that_ends_otherwise() -> None:
    runs = [ran("bin/ddb/seed", ("ModuleNotFoundError", "No module named 'psycopg'"), line=2)]
    assert problems(folders_are_imported_by_their_names, facts(scripts(IMPORT), scripts=runs)) == []
    assert problems(folders_are_imported_by_their_names, facts()) == []
