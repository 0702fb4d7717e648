"""Layouts: how SQL is written and given to psql."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gallery.tree import Tree


def crlf_in_sql(tree: Tree) -> None:
    """SQL files from Windows: psql takes them."""
    tree.each(".sql", lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"))


def comments_in_sql(tree: Tree) -> None:
    """Comments of both kinds, with semicolons, quotes and statements in them."""
    before = (
        "/* People; that's who they are.\n   /* nested: INSERT INTO nowhere VALUES ('x'; */\n   DROP TABLE users; */\n"
        "-- it's all made up; don't worry (\n"
    )
    for part in ("sql-schema", "sql-seed"):
        tree[part] = before + re.sub(
            r"(?m)^\);?$", lambda found: f"{found[0]} -- that's all; it isn't much", tree[part]
        )


def odd_literals(tree: Tree) -> None:
    """A newline, apostrophes, semicolons and dollars in texts."""
    text = "'It''s late again;\nthe ferry''s skipper said: \"no (sorry) -- /* really */\" $1'"
    tree.replace("sql-seed", ("'The ferry is late again.'", text))
    tree.replace("sql-seed", ("'Mia Sol'", "E'Mia \\'Sol\\' O\\\\Hara'"))
    tree["sql-seed"] += "\nDO $do$\nBEGIN\n  PERFORM 'it''s; fine';\nEND;\n$do$;\n"


def echoes(tree: Tree) -> None:
    """`\\echo` and other commands of psql."""
    for part in ("sql-schema", "sql-seed"):
        tree[part] = f"\\set VERBOSITY terse\n\\echo 'loading {part}; it''s quick'\n{tree[part]}\\echo done\n"


def included_by_folder_of_file(tree: Tree) -> None:
    """The seed is in parts that `\\ir` brings in."""
    _in_parts(tree, "\\ir {}")


def included_by_folder_of_shell(tree: Tree) -> None:
    """The seed is in parts that `\\i` brings in, from the folder that the script goes to."""
    folder = PurePosixPath(tree.path("sql-seed")).parent
    _in_parts(tree, f"\\i {folder.name}/{{}}")
    tree.substitute("db-seed", r'^psql (.*) -f "([^"]*)/db/([^"]*)"$', r'cd "\2"\npsql \1 -f db/\3')


def _in_parts(tree: Tree, command: str) -> None:
    people, separator, notes = tree["sql-seed"].partition("\nINSERT INTO public.activities")
    folder = PurePosixPath(tree.path("sql-seed")).parent
    tree.add(f"{folder}/seeds/people.sql", people)
    tree.add(f"{folder}/seeds/notes.sql", separator.lstrip("\n") + notes)
    tree["sql-seed"] = f"{command.format('seeds/people.sql')}\n{command.format('seeds/notes.sql')}\n"


def psql_variables(tree: Tree) -> None:
    """The script hands variables to psql: `-v handle=…`, `:'handle'`."""
    tree.replace(
        "db-seed", ("-v ON_ERROR_STOP=1", "-v ON_ERROR_STOP=1 -v my_handle=idalind --set=mail=ida@example.com")
    )
    tree["sql-seed"] = tree["sql-seed"].replace("'idalind'", ":'my_handle'").replace("'ida@example.com'", ":'mail'")


def by_redirection(tree: Tree) -> None:
    """`psql $CONNECTION_URL < file`, with colours and messages around it."""
    for part in ("db-schema-load", "db-seed"):
        tree.substitute(
            part,
            r'^psql ("\$\w+") (.*)-f (\S+)$',
            r"""CYAN='\\033[1;36m'
NO_COLOR='\\033[0m'
printf "${CYAN}== working${NO_COLOR}\\n"
file_path=\3
psql \2\1 < $file_path""",
        )


def rds_roles(tree: Tree) -> None:
    """Roles that only Amazon RDS has are granted."""
    tree["sql-schema"] += (
        "\nDO $$\nBEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cruddur_app') THEN\n"
        "    CREATE ROLE cruddur_app;\n  END IF;\nEND\n$$;\n"
        "GRANT rds_superuser TO cruddur_app;\nGRANT SELECT ON public.users TO rds_iam;\n"
    )


def upper_or_lower(tree: Tree) -> None:
    """Key words in the other case, names without `public.`, and odd blanks."""

    def change(text: str) -> str:
        for word in ("INSERT INTO", "VALUES", "CREATE TABLE", "DROP TABLE IF EXISTS", "SELECT", "FROM", "WHERE"):
            text = re.sub(rf"\b{word}\b", word.lower().replace(" ", "  "), text)
        return text.replace("public.", "")

    for part in ("sql-schema", "sql-seed"):
        tree[part] = change(tree[part])


def one_insert_each(tree: Tree) -> None:
    """A statement for each user, with another order of columns."""
    rows = re.findall(r"\('(.*)', '(.*)', '(.*)', 'MOCK'\)", tree["sql-seed"])
    statements = "".join(
        f"INSERT INTO public.users (handle, cognito_user_id, display_name, email)\n"
        f"VALUES ('{handle}', 'MOCK', '{name}', '{mail}') ON CONFLICT DO NOTHING;\n"
        for name, mail, handle in rows
    )
    tree.substitute("sql-seed", r"INSERT INTO public\.users[^;]*;", lambda _: statements.rstrip())


def emptied_first(tree: Tree) -> None:
    """The seed empties its tables before it fills them, and says who the note's author is by a sub-select."""
    tree.replace(
        "sql-seed",
        ("INSERT INTO public.users", "TRUNCATE public.activities, public.users CASCADE;\n\nINSERT INTO public.users"),
        ("\nON CONFLICT (handle) DO NOTHING;", ";"),
    )
    tree.substitute(
        "sql-seed",
        r"SELECT users\.uuid, ('[^;]*'), current_timestamp \+ interval '10 day'\n[^;]*;",
        r"""VALUES (
  (SELECT uuid FROM public.users WHERE users.handle = 'idalind' LIMIT 1),
  \1,
  current_timestamp + interval '10 day'
);""",
    )


def without_final_semicolon(tree: Tree) -> None:
    """The last statement has no `;`: psql runs it at the end of the file."""
    tree["sql-seed"] = tree["sql-seed"].rstrip().removesuffix(";") + "\n"
