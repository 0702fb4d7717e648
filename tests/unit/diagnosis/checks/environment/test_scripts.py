"""How scripts start, what they import, and where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.environment.imports import own_modules_are_found, packages_are_listed
from harness.diagnosis.checks.environment.production import (
    local_scripts_are_given_the_local_database,
    production_is_named_exactly,
    sourced_scripts_get_no_arguments,
)
from harness.diagnosis.checks.environment.starting import (
    lines_end_with_line_feed,
    scripts_are_run_by_their_language,
    scripts_may_be_run,
    shebang_fits_the_language,
)
from tests.unit.diagnosis.checks.loaded_project import facts, mended, only, problems, project, ran, source

if TYPE_CHECKING:
    from harness.diagnosis.check import Check
    from harness.project.source import Project, Source


SETUP = """\
#!/usr/bin/env bash
set -e
bin="$(dirname "$(realpath "$0")")"
bash "$bin/drop"
bash "$bin/schema-load"
python3 "$bin/people"
"""
LOAD = """\
#! /bin/bash
if [ "$1" = "prod" ]; then
  URL=$PROD_CONNECTION_URL
else
  URL=$CONNECTION_URL
fi
psql "$URL" < db/schema.sql
"""
PEOPLE = """\
#!/usr/bin/env python3
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
parent = os.path.abspath(os.path.join(here, '..', '..', 'backend'))
sys.path.append(parent)
from lib.db import db

if len(sys.argv) > 1 and sys.argv[1] == "prod":
    print("production")
"""
LIBRARY = source("backend/lib/db.py", "import boto3\ndb = 1\n", "db-library")
DROP = source("bin/db/drop", "#!/bin/sh\npsql -c 'drop database app'\n", "db-tool")


def scripts(setup: str = SETUP, load: str = LOAD, people: str = PEOPLE, *others: Source) -> Project:
    return project(
        source("bin/db/setup", setup, "setup"),
        source("bin/db/schema-load", load, "db-seed-tool"),
        source("bin/db/people", people, "users-tool"),
        DROP,
        LIBRARY,
        source("backend/requirements.txt", "boto3==1.34\nflask\n", "requirements"),
        *others,
    )


CHECKS = [
    own_modules_are_found, packages_are_listed, production_is_named_exactly, sourced_scripts_get_no_arguments,
    lines_end_with_line_feed, scripts_are_run_by_their_language, scripts_may_be_run, shebang_fits_the_language,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_sound_scripts_have_no_problem(check: Check) -> None:
    assert problems(check, facts(scripts())) == []
    assert problems(check, facts()) == []


@pytest.mark.parametrize("how", ["source", ".", "bash"])
def test_a_python_script_that_bash_reads(how: str) -> None:
    setup = SETUP.replace("python3 ", f"{how} ")
    problem = only(scripts_are_run_by_their_language, facts(scripts(setup)))
    assert str(problem.place) == "bin/db/setup:6"
    assert mended(problem, setup) == SETUP


def test_a_shell_script_that_python_reads() -> None:
    setup = SETUP.replace('bash "$bin/schema', 'python3 "$bin/schema')
    problem = only(scripts_are_run_by_their_language, facts(scripts(setup)))
    assert mended(problem, setup) == SETUP


@pytest.mark.parametrize("first", ["#!/usr/bin/bash\n", "#!/bin/sh\n", "\ufeff#!/usr/bin/env python3\n", ""])
def test_a_python_script_without_its_shebang(first: str) -> None:
    people = PEOPLE.replace("#!/usr/bin/env python3\n", first)
    problem = only(shebang_fits_the_language, facts(scripts(SETUP.replace("python3 ", ""), people=people)))
    assert mended(problem, people) == PEOPLE


def test_a_script_that_is_handed_to_python_needs_no_shebang() -> None:
    people = PEOPLE.replace("#!/usr/bin/env python3\n", "")
    assert problems(shebang_fits_the_language, facts(scripts(people=people))) == []


@pytest.mark.parametrize(
    "first", ["#!/usr/bin/python3\n", "#! /usr/bin/env -S python3 -u\n", "#!/usr/local/bin/python3.11\n"]
)
def test_other_shebangs_of_python(first: str) -> None:
    people = PEOPLE.replace("#!/usr/bin/env python3\n", first)
    assert problems(shebang_fits_the_language, facts(scripts(people=people))) == []


def test_a_module_without_a_shebang_is_no_script() -> None:
    tool = source("bin/db/people.py", PEOPLE.split("\n", 1)[1], "users-tool", executable=False)
    assert problems(shebang_fits_the_language, facts(project(tool))) == []


def test_carriage_returns() -> None:
    setup = SETUP.replace("\n", "\r\n")
    problem = only(lines_end_with_line_feed, facts(scripts(setup)))
    (edit,) = problem.edits
    assert edit.new == SETUP
    assert problem.advice == "sed -i 's/\\r$//' bin/db/setup"


def test_a_script_that_may_not_be_run() -> None:
    where = project(source("bin/db/setup", SETUP, "setup", executable=False), DROP)
    assert only(scripts_may_be_run, facts(where)).advice == "chmod u+x bin/db/setup"
    unpacked = project(source("bin/db/setup", SETUP, "setup", executable=False))
    assert problems(scripts_may_be_run, facts(unpacked)) == []


@pytest.mark.parametrize(
    "test",
    [
        'if "prod" in sys.argv[1]:',
        "if 'prod' in sys.argv[1].lower():",
        "arg = sys.argv[1]\nif 'prod' in arg:",
        'if len(sys.argv) == 2 and "production" in argv[1]:',
    ],
)
def test_a_substring_leads_to_production(test: str) -> None:
    people = PEOPLE.replace('if len(sys.argv) > 1 and sys.argv[1] == "prod":', test)
    assert "bin/db/people" in only(production_is_named_exactly, facts(scripts(people=people))).cause


@pytest.mark.parametrize(
    "test", ['if "prod" in sys.argv:', 'if "prod" in sys.argv[1:]:', 'if "prod" in os.environ["STAGE"]:']
)
def test_an_exact_argument_does_not(test: str) -> None:
    people = PEOPLE.replace('if len(sys.argv) > 1 and sys.argv[1] == "prod":', test)
    assert problems(production_is_named_exactly, facts(scripts(people=people))) == []


def test_a_sourced_script_takes_the_callers_argument() -> None:
    setup = SETUP.replace("bash ", "source ").replace("python3 ", "python3  ")
    problem = only(sourced_scripts_get_no_arguments, facts(scripts(setup)))
    assert str(problem.place) == "bin/db/setup:5"
    assert "bin/db/drop stays with the local one" in problem.cause


def test_a_sourced_script_without_a_switch_does_not() -> None:
    setup = SETUP.replace("bash ", "source ")
    load = "#!/bin/bash\npsql $CONNECTION_URL < db/schema.sql   # not prod\n"
    assert problems(sourced_scripts_get_no_arguments, facts(scripts(setup, load))) == []


LOST = "ModuleNotFoundError", "No module named 'lib'"


@pytest.mark.parametrize("parts", ["'..', '..'", "'..'", "'..', '..', 'backend-flask'"])
@pytest.mark.parametrize("with_run", [True, False])
def test_a_folder_that_does_not_have_the_module(parts: str, *, with_run: bool) -> None:
    people = PEOPLE.replace("'..', '..', 'backend'", parts)
    runs = [ran("bin/db/people", LOST, line=8)] if with_run else []
    problem = only(own_modules_are_found, facts(scripts(people=people), scripts=runs))
    assert str(problem.place) == "bin/db/people:6"
    assert "lib, which is in backend" in problem.cause
    assert mended(problem, people) == PEOPLE


@pytest.mark.parametrize(
    ("way", "after"),
    [
        ("Path(__file__).parents[3] / 'backend'", "Path(__file__).parents[2] / 'backend'"),
        ("Path(__file__).parents[1] / 'backend'", "Path(__file__).parents[2] / 'backend'"),
        ("Path(__file__).parent.parent / 'backend'", None),
        ("os.path.join(os.path.dirname(here), 'backend')", None),
    ],
)
def test_the_edit_of_a_path_leads_to_the_folder_or_is_none(way: str, after: str | None) -> None:
    people = PEOPLE.replace("os.path.join(here, '..', '..', 'backend')", way)
    problem = only(own_modules_are_found, facts(scripts(people=people)))
    assert "in bin/db/people:6 go '..', '..', 'backend' from the script's folder" in problem.advice
    assert mended(problem, people) == (people.replace(way, after) if after else people)


def test_a_script_that_adds_nothing() -> None:
    people = "#!/usr/bin/env python3\nfrom lib.db import db\n"
    runs = [ran("bin/db/people", LOST, line=2)]
    problem = only(own_modules_are_found, facts(scripts(people=people), scripts=runs))
    assert "'..', '..', 'backend'" in problem.advice


@pytest.mark.parametrize(
    "path",
    [
        "os.path.join(here, '../../backend')",
        "here + '/../../backend'",
        "os.path.join(os.path.dirname(os.path.dirname(here)), 'backend')",
        "str(Path(__file__).resolve().parent.parent.parent / 'backend')",
        "os.environ['BACKEND']",
        "os.path.join(os.getcwd(), 'backend')",
    ],
)
def test_other_ways_to_the_module(path: str) -> None:
    people = PEOPLE.replace("os.path.join(here, '..', '..', 'backend')", path)
    assert problems(own_modules_are_found, facts(scripts(people=people))) == []


def test_a_package_that_is_not_installed_is_no_module_of_the_project() -> None:
    runs = [ran("bin/db/people", ("ModuleNotFoundError", "No module named 'psycopg'"))]
    assert problems(own_modules_are_found, facts(scripts(), scripts=runs)) == []


def test_a_package_that_no_list_has() -> None:
    where = project(LIBRARY, source("backend/requirements.txt", "flask\n", "requirements"))
    problem = only(packages_are_listed, facts(where))
    assert "backend/lib/db.py:1 imports boto3" in problem.cause
    painted = source("bin/people", "from colorama import Fore\n", "users-tool")
    where = project(painted, source("backend/requirements.txt", "boto3\n", "requirements"))
    assert "bin/people:1 imports colorama" in only(packages_are_listed, facts(where)).cause
    docker = source("backend/Dockerfile", "RUN pip3 install boto3\n")
    where = project(LIBRARY, source("backend/requirements.txt", "flask\n", "requirements"), docker)
    assert problems(packages_are_listed, facts(where)) == []
    assert problems(packages_are_listed, facts(project(LIBRARY))) == []


AT_AWS = "postgresql://root:secret@app.c0ffee.eu-central-1.rds.amazonaws.com:5432/app"
LOADING = source("bin/db/load", LOAD, "db-seed-tool")


@pytest.mark.parametrize("path", [".env", "backend-flask/.env"])
def test_the_local_variable_leads_to_aws(path: str) -> None:
    problem = only(
        local_scripts_are_given_the_local_database,
        facts(project(LOADING, source(path, f"CONNECTION_URL={AT_AWS}\n", "environment"))),
    )
    assert str(problem.place) == f"{path}:1"
    assert "secret" not in str(problem)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", f"PROD_CONNECTION_URL={AT_AWS}\n"),
        (".env.prod", f"CONNECTION_URL={AT_AWS}\n"),
        (".env", f"CONNECTION_URL=postgresql://me@localhost/app\n#CONNECTION_URL={AT_AWS}\n"),
        (".env", f"CONNECTION_URL={AT_AWS}\nCONNECTION_URL=postgresql://me@localhost/app\n"),
        (".env", f"OTHER={AT_AWS}\n"),
    ],
)
def test_aws_where_it_is_meant(path: str, text: str) -> None:
    given = facts(project(LOADING, source(path, text, "environment")))
    assert problems(local_scripts_are_given_the_local_database, given) == []
