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
    tree.replace("table-seed", ('"..", "..", "backend-flask"', '"..", ".."'))


@fault("ENV211", words=("boto3",))
def package_not_listed(tree: Tree) -> None:
    tree.replace("requirements", ("boto3\n", ""))
