"""Faults of Postgres' schema and seed, and of how the application asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery.faults.fault import fault

if TYPE_CHECKING:
    from tests.gallery.tree import Tree

_LAST_BUT_ONE = "  ('Otto Berg', 'otto@example.com', 'ottoberg', 'MOCK'),"


@fault("SQL101", words=("seed.sql",))
def semicolon_behind_a_row(tree: Tree) -> None:
    tree.replace("sql-seed", (_LAST_BUT_ONE, _LAST_BUT_ONE[:-1] + ";"))


@fault("SQL101")
def comma_missing_between_rows(tree: Tree) -> None:
    tree.replace("sql-seed", (_LAST_BUT_ONE, _LAST_BUT_ONE[:-1]))


@fault("SQL101")
def comma_missing_between_columns(tree: Tree) -> None:
    tree.replace("sql-schema", ("  email text NOT NULL,", "  email text NOT NULL"))


@fault("SQL101")
def comma_behind_the_last_row(tree: Tree) -> None:
    tree.replace("sql-seed", ("'miasol', 'MOCK')", "'miasol', 'MOCK'),"))


@fault("SQL101")
def quote_missing(tree: Tree) -> None:
    tree.replace("sql-seed", ("'ottoberg', 'MOCK'", "'ottoberg, 'MOCK'"))


@fault("SQL101")
def value_missing(tree: Tree) -> None:
    tree.replace(
        "sql-seed", ("('Otto Berg', 'otto@example.com', 'ottoberg', 'MOCK')", "('Otto Berg', 'ottoberg', 'MOCK')")
    )


@fault("SQL102", words=("email",))
def email_not_filled(tree: Tree) -> None:
    tree.replace("sql-seed", ("(display_name, email, handle", "(display_name, handle"))
    tree.substitute("sql-seed", r", '\w+@example\.com'", "", count=0)


@fault("SQL103", words=("handel",))
def column_misspelled(tree: Tree) -> None:
    tree.replace("sql-seed", ("email, handle, cognito", "email, handel, cognito"))


@fault("SQL103", words=("user",))
def table_misspelled(tree: Tree) -> None:
    tree.replace("sql-seed", ("INSERT INTO public.users", "INSERT INTO public.user"))


@fault("SQL103", words=("uuid_generate_v4",))
def extension_missing(tree: Tree) -> None:
    tree.replace("sql-schema", ('CREATE EXTENSION IF NOT EXISTS "uuid-ossp";\n', ""))


@fault("SQL104", words=("idalin",))
def sub_select_finds_nobody(tree: Tree) -> None:
    _by_sub_select(tree, "idalin")


def _by_sub_select(tree: Tree, handle: str) -> None:
    tree.substitute(
        "sql-seed",
        r"(?s)SELECT users\.uuid, ('The ferry is late again\.'), .*;",
        rf"VALUES ((SELECT uuid FROM public.users WHERE handle = '{handle}' LIMIT 1), \1, current_timestamp + interval '10 day');",
    )


@fault("SQL111")
def notes_doubled(tree: Tree) -> None:
    _by_sub_select(tree, "idalind")


@fault("SQL105", words=("ottoberg",))
def handle_inserted_twice(tree: Tree) -> None:
    tree.replace(
        "sql-seed",
        ("'mia@example.com', 'miasol'", "'mia@example.com', 'ottoberg'"),
        ("\nON CONFLICT (handle) DO NOTHING", ""),
    )


@fault("SQL106")
def note_of_nobody(tree: Tree) -> None:
    tree.substitute(
        "sql-seed",
        r"(?s)SELECT users\.uuid, ('The ferry is late again\.'), .*;",
        r"VALUES ('11111111-2222-4333-8444-555555555555', \1, current_timestamp);",
    )


@fault("SQL107")
def no_uuid_at_all(tree: Tree) -> None:
    tree.substitute(
        "sql-seed",
        r"(?s)SELECT users\.uuid, ('The ferry is late again\.'), .*;",
        r"VALUES ('ida', \1, current_timestamp);",
    )


@fault("SQL110")
def nothing_unique(tree: Tree) -> None:
    tree.replace("sql-schema", ("handle text NOT NULL UNIQUE", "handle text NOT NULL"))
    tree.replace("sql-seed", ("\nON CONFLICT (handle) DO NOTHING", ""))


@fault("SQL201")
def table_not_dropped(tree: Tree) -> None:
    tree.replace("sql-schema", ("DROP TABLE IF EXISTS public.activities CASCADE;\n", ""))


@fault("SQL201")
def drop_without_if_exists(tree: Tree) -> None:
    tree.replace("sql-schema", ("DROP TABLE IF EXISTS public.users", "DROP TABLE public.users"))


@fault("SQL201")
def extension_created_again(tree: Tree) -> None:
    tree.replace("sql-schema", ("CREATE EXTENSION IF NOT EXISTS", "CREATE EXTENSION"))


@fault("SQL202", words=("reply_to_activity_uuid",))
def reply_is_an_integer(tree: Tree) -> None:
    tree.replace("sql-schema", ("reply_to_activity_uuid UUID", "reply_to_activity_uuid integer"))


@fault("SQL301")
def template_with_semicolon(tree: Tree) -> None:
    tree.replace(
        "db-library",
        ("cursor.execute(sql, params or {})", 'cursor.execute(f"SELECT * FROM ({sql}) found", params or {})'),
    )
    tree.replace("sql-query", ("LIMIT 1", "LIMIT 1;"))


@fault("SQL306", words=("user_handle", "hands over handle"))
def parameter_of_another_name(tree: Tree) -> None:
    tree.replace("sql-query", ("%(handle)s", "%(user_handle)s"))


@fault("SQL307", words=("uuid_form_handle.sql",))
def query_that_is_not_there(tree: Tree) -> None:
    tree.replace("groups", ('"uuid_from_handle"', '"uuid_form_handle"'))


@fault("SQL308", words=("before 'FROM'",))
def comma_before_from(tree: Tree) -> None:
    tree.replace("sql-query", ("SELECT users.uuid\n", "SELECT users.uuid,\n"))


@fault("SQL302")
def first_column_of_no_row(tree: Tree) -> None:
    tree.substitute(
        "db-library",
        r"(?s)    def query_value.*?(?=\n    def query_commit)",
        """\
    def query_value(self, sql, params=None):
        with self.pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute(sql, params or {})
            return cursor.fetchone()[0]
""",
    )


@fault("SQL303")
def empty_object_not_returned(tree: Tree) -> None:
    tree.replace(
        "db-library",
        (
            "        return rows[0] if rows else None\n",
            "        if not rows:\n            None\n            {}\n        return rows[0]\n".replace(
                "            None\n", ""
            ),
        ),
    )
    tree.replace(
        "db-library",
        ("            {}\n        return rows[0]\n", "            {}\n        else:\n            return rows[0]\n"),
    )


@fault("SQL304", words=("pgerror",))
def error_of_psycopg_2(tree: Tree) -> None:
    tree.replace(
        "db-library",
        (
            "        with self.pool.connection() as connection:\n            connection.execute(sql, params or {})\n",
            (
                "        try:\n            with self.pool.connection() as connection:\n"
                "                connection.execute(sql, params or {})\n"
                "        except Exception as err:\n            print(err.pgerror)\n"
            ),
        ),
    )


@fault("SQL108")
def included_file_missing(tree: Tree) -> None:
    tree["sql-seed"] += "\\ir more/notes.sql\n"


@fault("SQL311")
def url_mangled_by_sed(tree: Tree) -> None:
    tree.replace("environment", ("postgres:password@", "cruddurroot:password@"))
    for part in ("db-create", "db-drop"):
        tree.replace(part, ("${CONNECTION_URL%/*}/postgres", "$(sed 's/\\/cruddur//g' <<< \"$CONNECTION_URL\")"))


@fault("ENV232", words=("which is not there; ",))
def one_folder_too_many(tree: Tree) -> None:
    tree.replace("db-seed", ("/seed.sql", "/sql/seed.sql"))


@fault("ENV208", words=("SERVER_URL",))
def assignment_glued_to_a_text(tree: Tree) -> None:
    tree.replace("db-create", ("set -e\nSERVER_URL", 'echo "== create"SERVER_URL'))


@fault("SQL312")
def sessions_left_open(tree: Tree) -> None:
    tree.replace("db-drop", (" WITH (FORCE)", ""))


@fault("SQL112", words=("idalind",))
def handle_of_two_users(tree: Tree) -> None:
    tree.replace(
        "sql-schema",
        ("handle text NOT NULL UNIQUE", "handle text NOT NULL"),
        ("  email text NOT NULL", "  email text NOT NULL UNIQUE"),
    )
    tree.replace("sql-seed", ("'miasol', 'MOCK'", "'idalind', 'MOCK'"), ("ON CONFLICT (handle)", "ON CONFLICT (email)"))


@fault("SQL109")
def two_primary_keys(tree: Tree) -> None:
    tree.replace(
        "sql-schema",
        (
            "  user_uuid UUID NOT NULL REFERENCES public.users (uuid),",
            "  user_uuid UUID PRIMARY KEY NOT NULL REFERENCES public.users (uuid),",
        ),
    )


@fault("SQL305", words=("execute()",))
def parameters_with_a_star(tree: Tree) -> None:
    tree["aws/lambdas/post-confirmation.py"] = """\
import os

import psycopg


def lambda_handler(event, context):
    user = event["request"]["userAttributes"]
    params = [user["name"], user["email"], user["preferred_username"], user["sub"]]
    sql = "INSERT INTO public.users (display_name, email, handle, cognito_user_id) VALUES (%s, %s, %s, %s)"
    with psycopg.connect(os.environ["CONNECTION_URL"]) as connection:
        connection.cursor().execute(sql, *params)
    return event
"""


@fault("SQL309", words=("'cognito_user_uuid'", "aws/lambdas/post-confirmation.py"))
def column_of_another_name(tree: Tree) -> None:
    tree["aws/lambdas/post-confirmation.py"] = """\
import os

import psycopg


def lambda_handler(event, context):
    user = event["request"]["userAttributes"]
    with psycopg.connect(os.environ["CONNECTION_URL"]) as connection:
        connection.execute(
            "INSERT INTO public.users (display_name, email, handle, cognito_user_uuid) VALUES (%s, %s, %s, %s)",
            [user["name"], user["email"], user["preferred_username"], user["sub"]],
        )
    return event
"""
