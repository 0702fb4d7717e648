"""Layouts: where files lie, and what tables, people and groups are called."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gallery.tree import Tree


def bin_in_the_back_end(tree: Tree) -> None:
    """`backend-flask/bin/`, as the class had it at first."""
    tree.move("bin", "backend-flask/bin")
    tree.each(".sh", lambda text: text.replace("/../../backend-flask", "/../.."))
    for path in [path for path in tree.files if "/bin/" in path]:
        tree.files[path] = re.sub(
            r"""((?:["']\.\.["'], ){1,2}["']\.\.["']), ["']backend-flask["']""", r"\1", tree.files[path]
        )


def with_suffixes(tree: Tree) -> None:
    """Scripts are called `seed.sh` and `seed.py`."""
    for path in [path for path in tree.files if "bin/" in path and "." not in PurePosixPath(path).name]:
        suffix = ".py" if "python" in tree.files[path].partition("\n")[0] else ".sh"
        tree.move(path, path + suffix)
    for part in ("drop", "create", "schema-load", "seed"):
        tree.replace("db-setup", (f'"$HERE/{part}"', f'"$HERE/{part}.sh"'))
    tree["db-setup"] = tree["db-setup"].replace("/ddb/seed", "/ddb/seed.py")


def other_names_of_scripts(tree: Tree) -> None:
    """Scripts, folders and SQL files have names of the student's own."""
    tree.move("bin/ddb", "bin/dynamo")
    tree.move("bin/dynamo/schema-load", "bin/dynamo/create-table")
    tree.move("bin/dynamo/seed", "bin/dynamo/load-data")
    tree.move("bin/dynamo/patterns/get-conversation", "bin/dynamo/patterns/show-chat")
    tree.move("bin/dynamo/patterns/list-conversations", "bin/dynamo/patterns/chats")
    tree["db-setup"] = tree["db-setup"].replace("/ddb/seed", "/dynamo/load-data")
    tree.move("backend-flask/db/schema.sql", "backend-flask/db/tables.sql")
    tree.move("backend-flask/db/seed.sql", "backend-flask/db/sample_data.sql")
    tree.replace("db-schema-load", ("db/schema.sql", "db/tables.sql"))
    tree.replace("db-seed", ("db/seed.sql", "db/sample_data.sql"))
    tree.everywhere("backend-flask/db/seed.sql first", "backend-flask/db/sample_data.sql first")
    tree.everywhere("see backend-flask/db/seed.sql", "see backend-flask/db/sample_data.sql")


def scripts_folder(tree: Tree) -> None:
    """`scripts/` instead of `bin/`."""
    tree.move("bin", "scripts")


def other_back_end(tree: Tree) -> None:
    """The back end's folder is called `backend`."""
    tree.move("backend-flask", "backend")
    tree.everywhere("backend-flask", "backend")


def renamed_table(tree: Tree) -> None:
    """The table has another name; one that was misspelled still is."""
    _rename(tree, "cruddur-messages", "harbour-chat")


def renamed_index(tree: Tree) -> None:
    """The index has another name, everywhere the same."""
    _rename(tree, "message-group-sk-index", "by-message-group")


def _rename(tree: Tree, old: str, new: str) -> None:
    tree.everywhere(old, new)
    for path, text in tree.files.items():
        for name in get_close_matches(old, re.findall(r"""["']([\w-]{9,30})["']""", text), n=9, cutoff=0.9):
            tree.files[path] = tree.files[path].replace(name, new[:-1])


def other_group(tree: Tree) -> None:
    """The message group has another uuid."""
    tree.everywhere("c0ffee00-1111-4222-8333-444455556666", "9f0d2c1e-77aa-4b0b-8c1d-0123456789ab")


def other_handles(tree: Tree) -> None:
    """Other people, with other letters in their handles."""
    for old, new in (
        ("idalind", "Ana.Maria-91"),
        ("ottoberg", "o_brien"),
        ("Otto Berg", "Seán Ó Brien"),
        ("miasol", "x"),
    ):
        tree.everywhere(old, new)


def lambda_folder(tree: Tree) -> None:
    """The handler has a folder of its own, as SAM wants it."""
    tree.move("aws/lambdas/messaging-stream.py", "aws/lambdas/messaging_stream/lambda_function.py")


def lambdas_at_the_root(tree: Tree) -> None:
    """`lambdas/`, and policies beside them in `json/`."""
    tree.move("aws/lambdas", "lambdas")
    tree.move("aws/policies", "aws/json")


def in_a_folder_of_the_repository(tree: Tree) -> None:
    """The project is not the repository's root: journals lie beside it."""
    for path in [*tree.files]:
        tree.move(path, f"cruddur/{path}")
    tree.add("README.md", "# My journey\n\nWeek by week.\n")


def old_copies(tree: Tree) -> None:
    """Older and broken states lie beside what is in use, as do journals with code in them."""
    broken = 'INSERT INTO public.users (display_name, handle) VALUES\n  ("Ida", idalind"\n'
    tree.add("journal/week4.md", f"# Week 4\n\nMy seed was\n\n```sql\n{broken}```\n\nand it failed.\n")
    tree.add("journal/week5/seed.sql.txt", broken)
    tree.add(f"{tree.path('sql-seed')}.bak", broken)
    old = tree["table-seed"].replace("tzinfo=timezone.utc", "").replace("GRP#", "GROUP#").replace("ottoberg", "nobody")
    tree.add(f"{tree.path('table-seed')}.old", old)
    handler = str(PurePosixPath(tree.path("handler")).with_suffix(".py.orig"))
    tree.add(handler, tree["handler"].replace('event["Records"]', 'event["Records"][:1]'))
    tree.add("frontend-react-js/src/pages/Home.js", "export default function Home() { return null; }\n")


def without_env_file(tree: Tree) -> None:
    """Variables come from Gitpod's settings, not from a `.env`."""
    lines = [line for line in tree["environment"].splitlines() if "=" in line and not line.startswith("#")]
    tree.remove("environment")
    told = "\n".join(f"      export {name}='{value}'" for name, value in (line.split("=", 1) for line in lines))
    tree.add(".gitpod.yml", f"tasks:\n  - name: variables\n    before: |\n{told}\n")
    tree.parts["environment"] = ".gitpod.yml"
