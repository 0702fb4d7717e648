"""Endpoints, addresses, paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.environment.addresses import (
    addresses_fit_where_they_are_used,
    paths_are_not_of_one_machine,
    paths_begin_at_the_script,
)
from harness.diagnosis.checks.environment.endpoints import (
    a_region_is_given,
    scripts_have_one_endpoint,
    scripts_name_no_profile,
    writers_and_readers_have_one_region,
)
from tests.unit.diagnosis.checks.loaded_project import facts, only, problems, project, source

if TYPE_CHECKING:
    from harness.diagnosis.check import Check
    from harness.project.source import Project, Source

COMPOSE = """\
services:
  backend:
    build: ./backend
    environment:
      CONNECTION_URL: "postgresql://postgres:password@db:5432/app"
      AWS_DEFAULT_REGION: "${AWS_DEFAULT_REGION}"
  db:
    image: postgres:16
    ports: ["5432:5432"]
  dynamodb-local:
    image: amazon/dynamodb-local:latest
    command: "-jar DynamoDBLocal.jar -sharedDb -dbPath ./data"
    ports:
      - "8000:8000"
"""
GITPOD = """\
tasks:
  - name: postgres
    command: |
      export CONNECTION_URL="postgresql://postgres:password@127.0.0.1:5432/app"
"""
LOAD = "#!/bin/bash\npsql $CONNECTION_URL < db/schema.sql\n"
SCHEMA_LOAD = """\
#!/usr/bin/env python3
import boto3, sys
attrs = {'endpoint_url': 'http://localhost:8000'}
if sys.argv[1:] == ['prod']:
    attrs = {}
ddb = boto3.client('dynamodb', **attrs)
ddb.create_table(TableName='t')
"""
SEED = """\
#!/usr/bin/env python3
import boto3
ddb = boto3.resource('dynamodb', endpoint_url="http://localhost:8000")
ddb.Table('t').put_item(Item={})
"""


def wired(
    *others: Source, compose: str = COMPOSE, gitpod: str = GITPOD, load: str = SCHEMA_LOAD, seed: str = SEED
) -> Project:
    return project(
        source("docker-compose.yml", compose, "compose"),
        source(".gitpod.yml", gitpod, "environment"),
        source("bin/db/schema-load", LOAD, "db-seed-tool"),
        source("bin/ddb/schema-load", load, "table-schema"),
        source("bin/ddb/seed", seed, "table-seed"),
        *others,
    )


CHECKS = [
    a_region_is_given, addresses_fit_where_they_are_used, paths_are_not_of_one_machine, paths_begin_at_the_script, scripts_have_one_endpoint,
    scripts_name_no_profile, writers_and_readers_have_one_region,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_sound_wiring_has_no_problem(check: Check) -> None:
    assert problems(check, facts(wired())) == []
    assert problems(check, facts(project())) == []
    assert problems(check, facts()) == []


def test_a_container_that_looks_for_postgres_in_itself() -> None:
    where = wired(compose=COMPOSE.replace("@db:", "@localhost:"))
    problem = only(addresses_fit_where_they_are_used, facts(where))
    assert str(problem.place) == "docker-compose.yml:5"
    assert "password" not in problem.cause + problem.advice


@pytest.mark.parametrize("handed_on", ["${CONNECTION_URL}", "$CONNECTION_URL"])
def test_one_variable_for_host_and_container(handed_on: str) -> None:
    where = wired(compose=COMPOSE.replace("postgresql://postgres:password@db:5432/app", handed_on))
    problem = only(addresses_fit_where_they_are_used, facts(where))
    assert ".gitpod.yml:4 sets for this machine" in problem.cause
    assert "@db:5432" in problem.advice


def test_a_script_on_this_machine_that_looks_for_a_container() -> None:
    where = wired(gitpod=GITPOD.replace("127.0.0.1", "db"))
    assert str(only(addresses_fit_where_they_are_used, facts(where)).place) == ".gitpod.yml:4"


@pytest.mark.parametrize("path", ["erb/backend.env.erb", "backend.env", "env/backend.env.example"])
def test_a_template_of_the_file_that_only_a_container_reads(path: str) -> None:
    compose = COMPOSE.replace("    environment:\n", "    env_file:\n      - ./backend.env\n    environment:\n", 1)
    given = source(path, "CONNECTION_URL=postgresql://postgres:password@db:5432/app\n", "environment")
    assert problems(addresses_fit_where_they_are_used, facts(wired(given, compose=compose, gitpod=""))) == []
    run = source("bin/backend/run", '#!/bin/bash\ndocker run --rm --env-file "$ROOT/backend.env" backend\n')
    assert problems(addresses_fit_where_they_are_used, facts(wired(given, run, gitpod=""))) == []
    assert len(problems(addresses_fit_where_they_are_used, facts(wired(given, gitpod="")))) == 1


def test_a_file_that_only_a_container_reads() -> None:
    compose = COMPOSE.replace("    build: ./backend\n", "    build: ./backend\n    env_file: backend.env\n")
    env = source("backend.env", "CONNECTION_URL=postgresql://postgres:password@db:5432/app\n", "environment")
    assert problems(addresses_fit_where_they_are_used, facts(wired(env, compose=compose))) == []


@pytest.mark.parametrize(
    "client", ["boto3.resource('dynamodb')", "boto3.resource('dynamodb', region_name='us-east-1')"]
)
def test_a_seed_that_reaches_aws(client: str) -> None:
    seed = SEED.replace("boto3.resource('dynamodb', endpoint_url=\"http://localhost:8000\")", client)
    problem = only(scripts_have_one_endpoint, facts(wired(seed=seed)))
    assert str(problem.place) == "bin/ddb/seed:3"
    assert "http://localhost:8000" in problem.advice


def test_an_endpoint_from_the_environment_is_one() -> None:
    seed = SEED.replace(', endpoint_url="http://localhost:8000"', "")
    env = source(".env", "AWS_ENDPOINT_URL=http://localhost:8000\n", "environment")
    assert problems(scripts_have_one_endpoint, facts(wired(env, seed=seed))) == []
    seed = SEED.replace('"http://localhost:8000"', "os.getenv('AWS_ENDPOINT_URL')")
    assert problems(scripts_have_one_endpoint, facts(wired(seed=seed))) == []


def test_two_ports() -> None:
    problem = only(scripts_have_one_endpoint, facts(wired(seed=SEED.replace("8000", "8001"))))
    assert "http://localhost:8001" in problem.cause
    assert problems(scripts_have_one_endpoint, facts(wired(seed=SEED.replace("localhost", "127.0.0.1")))) == []


def test_two_regions_without_a_shared_database() -> None:
    seed = SEED.replace('8000")', "8000\", region_name='us-east-1')")
    load = SCHEMA_LOAD.replace("8000'}", "8000', 'region_name': 'eu-west-1'}")
    split = COMPOSE.replace(" -sharedDb", "")
    assert problems(writers_and_readers_have_one_region, facts(wired(load=load, seed=seed))) == []
    assert problems(writers_and_readers_have_one_region, facts(wired(compose=split, seed=seed))) == []
    problem = only(writers_and_readers_have_one_region, facts(wired(compose=split, load=load, seed=seed)))
    assert "eu-west-1" in problem.cause
    assert "us-east-1" in problem.cause


def test_a_container_and_a_script_of_two_regions() -> None:
    library = source("backend/lib/ddb.py", "import boto3\nddb = boto3.client('dynamodb')\n", "table-library")
    seed = SEED.replace('8000")', "8000\", region_name='us-east-1')")
    split = COMPOSE.replace(" -sharedDb", "")
    there = split.replace('"${AWS_DEFAULT_REGION}"', "ca-central-1")
    problem = only(writers_and_readers_have_one_region, facts(wired(library, compose=there, seed=seed)))
    assert problem.cause.startswith("docker-compose.yml:6 names ca-central-1 and bin/ddb/seed:3 names us-east-1")
    for compose in (split, there.replace("ca-central-1", "us-east-1"), there.replace("-jar", "-sharedDb -jar")):
        assert problems(writers_and_readers_have_one_region, facts(wired(library, compose=compose, seed=seed))) == []
    named = source(
        "backend/lib/ddb.py", "import boto3\nd = boto3.client('dynamodb', region_name='us-east-1')\n", "table-library"
    )
    assert problems(writers_and_readers_have_one_region, facts(wired(named, compose=there, seed=seed))) == []


def test_no_word_about_a_region() -> None:
    compose = COMPOSE.replace('      AWS_DEFAULT_REGION: "${AWS_DEFAULT_REGION}"\n', "")
    assert str(only(a_region_is_given, facts(wired(compose=compose))).place) == "bin/ddb/schema-load:6"


def test_a_profile() -> None:
    seed = SEED.replace("boto3.resource(", "boto3.Session(profile_name='work').resource(")
    assert "'work'" in only(scripts_name_no_profile, facts(wired(seed=seed))).cause


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ('source "/workspace/app/bin/db/drop"', 1),
        ("cd /home/ada/app && ls", 1),
        ("cd /Users/ada/code/app", 1),
        ("# cd /workspace/app/bin", 0),
        ('cd "${ROOT:-/workspace/app}"', 0),
        ('cd "$THEIA_WORKSPACE_ROOT/workspace/app"', 0),
        ("/usr/bin/psql -f x.sql", 0),
        ("curl https://example.com/home/ada/app", 0),
    ],
)
def test_paths_of_one_machine(line: str, count: int) -> None:
    where = project(source("bin/db/setup", f"#!/bin/bash\n{line}\n", "setup"))
    assert len(problems(paths_are_not_of_one_machine, facts(where))) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ('schema_path="$(realpath .)/db/schema.sql"', 1),
        ('source "$(pwd)/bin/db/drop"\nsource "$PWD/bin/db/create"\npsql < ${PWD}/../db/seed.sql', 3),
        ('cd "$(dirname "$0")/.."\nschema_path="$(realpath .)/db/schema.sql"', 0),
        ('here="$(realpath "$(dirname "$0")")/db"', 0),
        ('# schema_path="$(realpath .)/db/schema.sql"', 0),
        ('echo "you are in $PWD"', 0),
    ],
)
def test_paths_from_where_one_is(lines: str, count: int) -> None:
    found = problems(
        paths_begin_at_the_script, facts(project(source("bin/db/setup", f"#!/bin/bash\n{lines}\n", "setup")))
    )
    assert [len(each.evidence) for each in found] == ([count] if count else [])
