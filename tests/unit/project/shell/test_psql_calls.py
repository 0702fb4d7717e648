from __future__ import annotations

import pytest

from harness.project.shell.psql_calls import PsqlCall, psql_calls
from harness.project.shell.values import HOLE
from tests.unit.project.written import project, source

SQL = source("backend/db/seed.sql", "SELECT 1;")


def call(text: str, path: str = "backend/bin/db/seed") -> PsqlCall:
    [found] = psql_calls(project(source(path, text), SQL))
    return found


@pytest.mark.parametrize(
    "line",
    [
        "psql $CONNECTION_URL < db/seed.sql",
        "psql $CONNECTION_URL cruddur < $(realpath .)/db/seed.sql",
        'psql "$CONNECTION_URL" -f "$(dirname $0)/../../db/seed.sql"',
        'HERE="$(cd "$(dirname "$0")" && pwd)"\npsql -d "$CONNECTION_URL" --file="$HERE/../../db/seed.sql"',
        "SEED=db/seed.sql\ncat $SEED | psql $CONNECTION_URL",
        "psql -tAXf db/seed.sql --dbname $CONNECTION_URL",
        "URL=$CONNECTION_URL\n/usr/bin/psql $URL -v x=1 -f $THEIA_WORKSPACE_ROOT/backend/db/seed.sql",
        "docker compose exec -T db psql $CONNECTION_URL < db/seed.sql",
        "if ! psql $CONNECTION_URL < db/seed.sql; then exit 1; fi",
        "R=$(psql $CONNECTION_URL -f db/seed.sql)",
    ],
)
def test_file_and_url_are_found_however_they_are_given(line: str) -> None:
    found = call(f"#!/bin/bash\n{line}\n")
    assert found.files == ("backend/db/seed.sql",)
    assert found.target_variables == ("CONNECTION_URL",)


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("import os\nos.system('psql $CONNECTION_URL < db/seed.sql')", ("backend/db/seed.sql",)),
        ("import os\nos.system(f'psql {url} -f db/seed.sql')", ("backend/db/seed.sql",)),
        ("subprocess.run(['psql', url, '-f', 'db/seed.sql'], check=True)", ("backend/db/seed.sql",)),
        ("subprocess.run(['psql', url, '-f', f'{base}/db/seed.sql'])", ("backend/db/seed.sql",)),
        ("subprocess.run('PGPASSWORD=x psql -h localhost', shell=True)", ()),
    ],
)
def test_python_that_starts_psql_counts(code: str, files: tuple[str, ...]) -> None:
    assert call(code, "backend/bin/db/seed.py").files == files


@pytest.mark.parametrize(
    "code", ["print('psql is not there')", "# psql x", "run(['ls', 'psql'])", "os.system(5)", "f'psql'", "x = 'psql"]
)
def test_other_python_does_not(code: str) -> None:
    assert psql_calls(project(source("bin/x.py", f"import os\n{code}"), SQL)) == ()


def test_options_are_sorted() -> None:
    found = call(
        "psql -h db -p 5432 -U ada -vON_ERROR_STOP=1 --set who='a b' -c 'SELECT 1' talks other -f gone.sql <<< 'SELECT 2'"
    )
    assert (found.host, found.user, found.target, found.stops_on_error) == ("db", "ada", "talks", True)
    assert found.variables == (("ON_ERROR_STOP", "1"), ("who", "a b"))
    assert found.sql == ("SELECT 1", "SELECT 2")
    assert (found.files, found.named_files) == ((), ("gone.sql",))


@pytest.mark.parametrize(
    ("line", "stops"),
    [
        ("psql x", False),
        ("psql -v ON_ERROR_STOP=0 x", False),
        ("psql --variable=ON_ERROR_STOP=on x", True),
        ("psql x <<E\n\\set ON_ERROR_STOP on\nE", True),
    ],
)
def test_whether_an_error_stops_it(line: str, stops: bool) -> None:  # noqa: FBT001 - a column
    assert call(line).stops_on_error is stops


def test_the_second_word_is_the_user() -> None:
    found = call("NO=$(sed 's/x//g' <<< \"$CONNECTION_URL\")\npsql $NO cruddur")
    assert (found.user, found.targets) == ("cruddur", (HOLE,))
    assert found.target_variables == ("CONNECTION_URL",)


def test_echoed_sql_is_sql() -> None:
    assert call("echo 'DROP TABLE a;' | psql $U").sql == ("DROP TABLE a;",)
