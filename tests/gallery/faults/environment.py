"""Faults of scripts and of what is around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery.faults.fault import fault

if TYPE_CHECKING:
    from tests.gallery.tree import Tree


@fault("ENV201", words=("bin/ddb/seed",))
def python_is_sourced(tree: Tree) -> None:
    tree["db-setup"] += 'source "$HERE/../ddb/seed"\n'


@fault("ENV202")
def python_with_the_shebang_of_bash(tree: Tree) -> None:
    tree.replace("table-seed", ("#!/usr/bin/env python3", "#!/usr/bin/env bash"))


@fault("ENV202")
def shebang_forgotten(tree: Tree) -> None:
    tree.replace("messages", ("#!/usr/bin/env python3\n", ""))


@fault("ENV203")
def carriage_returns(tree: Tree) -> None:
    tree["db-setup"] = tree["db-setup"].replace("\n", "\r\n")


@fault("ENV204")
def not_executable(tree: Tree) -> None:
    tree.executable.discard(tree.path("table-seed"))


@fault("ENV205")
def production_by_a_part_of_a_word(tree: Tree) -> None:
    tree.replace(
        "table-schema",
        (
            'client = boto3.client("dynamodb", endpoint_url="http://localhost:8000", region_name="us-east-1")',
            (
                'attrs = {"endpoint_url": "http://localhost:8000", "region_name": "us-east-1"}\n'
                'if len(sys.argv) == 2 and "prod" in sys.argv[1]:\n    attrs = {}\n\nclient = boto3.client("dynamodb", **attrs)'
            ),
        ),
        ("import os\n", "import os\nimport sys\n"),
    )


@fault("ENV206")
def arguments_of_the_caller(tree: Tree) -> None:
    for part in ("db-schema-load", "db-seed"):
        tree.replace(
            part,
            (
                "set -e\n",
                'set -e\nURL=$CONNECTION_URL\nif [ "$1" = "prod" ]; then\n  URL=$PROD_CONNECTION_URL\nfi\n',
            ),
            ('psql "$CONNECTION_URL"', 'psql "$URL"'),
        )
    tree["db-setup"] = "".join(
        f"source {line}" if line.startswith('"$HERE/') else line for line in tree["db-setup"].splitlines(keepends=True)
    ).replace("HERE", "THERE")
    tree.replace(
        "environment",
        ("AWS_DEFAULT", "PROD_CONNECTION_URL=postgresql://root:secret@db.example.com:5432/cruddur\nAWS_DEFAULT"),
    )


@fault("ENV210", words=("lib",))
def folder_of_modules_elsewhere(tree: Tree) -> None:
    tree.replace("table-seed", ('"..", "..", "backend-flask"', '"..", "..", "back"'))


@fault("ENV212", words=("bin/ddb/seed imports backend_flask", "backend-flask"))
def folder_by_another_name(tree: Tree) -> None:
    tree.replace("table-seed", ("from lib.db import db", "from backend_flask.lib.db import db"))


@fault("ENV211", words=("boto3",))
def package_not_listed(tree: Tree) -> None:
    tree.replace("requirements", ("boto3\n", ""))


@fault("ENV220", words=("localhost",))
def localhost_in_the_container(tree: Tree) -> None:
    tree.replace("compose", ("postgres:password@db:5432", "postgres:password@localhost:5432"))


@fault("ENV220", words=("db",))
def name_of_a_container_on_the_host(tree: Tree) -> None:
    tree.replace("environment", ("@127.0.0.1:5432", "@db:5432"))


@fault("ENV220")
def one_variable_for_host_and_container(tree: Tree) -> None:
    tree.replace("compose", ('"postgresql://postgres:password@db:5432/cruddur"', '"${CONNECTION_URL}"'))


@fault("ENV221")
def no_region_anywhere(tree: Tree) -> None:
    tree.each(".py", lambda text: text.replace(', region_name="us-east-1"', ""))
    tree.replace("environment", ("AWS_DEFAULT_REGION=us-east-1\n", ""))
    tree.replace("compose", ('      AWS_DEFAULT_REGION: "us-east-1"\n', ""))


@fault("ENV222", words=("bin/ddb/seed",))
def endpoint_forgotten(tree: Tree) -> None:
    tree.replace("table-seed", ('endpoint_url="http://localhost:8000", ', ""))


@fault("ENV222", words=("8001",))
def endpoint_of_another_port(tree: Tree) -> None:
    tree.replace("table-seed", ("http://localhost:8000", "http://localhost:8001"))


@fault("ENV223", words=("ca-central-1",))
def another_region_without_shared_db(tree: Tree) -> None:
    tree.replace("compose", (" -sharedDb", ""))
    tree.replace("table-seed", ('region_name="us-east-1"', 'region_name="ca-central-1"'))


@fault("ENV224", words=("work",))
def profile_of_one_person(tree: Tree) -> None:
    tree.replace("table-seed", ("boto3.client(", 'boto3.Session(profile_name="work").client('))


@fault("ENV230", words=("/workspace",))
def path_of_one_machine(tree: Tree) -> None:
    tree.replace(
        "db-seed", ('"$HERE/../../backend-flask/db/seed.sql"', '"/workspace/cruddur/backend-flask/db/seed.sql"')
    )


@fault("ENV301", words=("example.com",))
def people_from_the_network(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            "CONVERSATION = ",
            'try:\n    urllib.request.urlopen("https://example.com/people.json")\nexcept OSError:\n    pass\n\nCONVERSATION = ',
        ),
        ("import sys\n", "import sys\nimport urllib.request\n"),
    )


@fault("ENV302")
def written_outside(tree: Tree) -> None:
    tree["table-seed"] += 'with open("/etc/seeded", "w") as file:\n    file.write("yes")\n'


@fault("ENV303")
def server_left_running(tree: Tree) -> None:
    tree.replace("table-seed", ("import sys\n", "import subprocess\nimport sys\n"))
    tree["table-seed"] += 'subprocess.Popen([sys.executable, "-m", "http.server", "8999"], start_new_session=True)\n'


@fault("ENV390", words=("DDB_TABLE",))
def variable_that_nobody_sets(tree: Tree) -> None:
    tree.replace(
        "table-schema", ('os.getenv("DDB_MESSAGE_TABLE", "cruddur-messages")', 'os.environ["DDB_TABLE_OF_MINE"]')
    )


@fault("ENV231", words=("$(pwd)",))
def path_from_where_one_is(tree: Tree) -> None:
    tree.replace("db-seed", ('"$HERE/../../backend-flask/db/seed.sql"', '"$(pwd)/backend-flask/db/seed.sql"'))


@fault("ENV207", words=("rds.amazonaws.com",))
def local_variable_of_production(tree: Tree) -> None:
    tree.replace("environment", ("password@127.0.0.1", "password@app.c0ffee.eu-central-1.rds.amazonaws.com"))


@fault("ENV209", words=("-e: command not found",))
def option_on_a_line_by_itself(tree: Tree) -> None:
    tree.replace("db-setup", ("set -e\n", "-e   # stop if it fails\n"))
