"""Slips of the pen in SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.gallery.slips.slip import Done, done, misspelled, one_of, put, slip
from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from random import Random

    from tests.gallery.tree import Tree

_FILES: tuple[str, ...] = ("sql-schema", "sql-seed")
_SEED: tuple[str, ...] = ("sql-seed",)


@slip
def comma_lost(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _FILES, tree, r"(?<!--)(?<=[\w')]),(?=\s)")
    return _at(tree, part, match, "", "SQL101")


@slip
def comma_too_many(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _FILES, tree, r"\)(?=;|\nON CONFLICT)|(?<=[\w)])(?=\n\);)")
    return _at(tree, part, match, f"{match[0]},", "SQL101")


@slip
def semicolon_for_a_comma(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r"(?<=\)),(?=\n)")
    return _at(tree, part, match, ";", "SQL101")


@slip
def semicolon_lost(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _FILES, tree, r";(?=\s*\n\S)")
    return _at(tree, part, match, "", "SQL101")


@slip
def quote_lost(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r"(?<=')\b|\b'(?=, )")
    if not match[0]:
        part, match = one_of(random, _SEED, tree, r"'(?=\w)")
    return _at(tree, part, match, "", "SQL101")


@slip
def parenthesis_lost(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r"^  \(|\)(?=,$)")
    return _at(tree, part, match, match[0].replace("(", "").replace(")", ""), "SQL101")


@slip
def key_word_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _FILES, tree, r"^(?:INSERT|CREATE|VALUES|DROP)\b")
    return _at(tree, part, match, misspelled(random, match[0]), "SQL101")


@slip
def needed_column_left_out(tree: Tree, random: Random) -> Done:
    name, at = random.choice([("display_name", 0), ("email", 1), ("handle", 2), ("cognito_user_id", 3)])
    found = re.search(r"INSERT INTO public\.users \((.*)\)\nVALUES\n((?:  \(.*\)[,;]?\n)+)", tree["sql-seed"])
    if found is None:
        raise DoesNotApply("no INSERT of users with its columns in one line")
    columns = ", ".join(column for column in found[1].split(", ") if column != name)
    rows = re.sub(r"\((.*)\)", lambda row: _without(row[1], at), found[2])
    put(
        tree,
        "sql-seed",
        found,
        f"INSERT INTO public.users ({columns})\nVALUES\n{rows}".replace("ON CONFLICT (handle)", ""),
    )
    return done(f"sql-seed without {name}", "SQL102")


def _without(row: str, at: int) -> str:
    return "({})".format(", ".join(value for number, value in enumerate(row.split(", ")) if number != at))


@slip
def column_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(
        random, _SEED, tree, r"(?<=[(, ])(?:display_name|email|cognito_user_id|expires_at|user_uuid)(?=[,)])"
    )
    return _at(tree, part, match, misspelled(random, match[0]), "SQL103")


@slip
def table_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r"(?<=INTO public\.)(?:users|activities)")
    return _at(tree, part, match, misspelled(random, match[0]), "SQL103")


@slip
def nothing_unique(tree: Tree, _random: Random) -> Done:
    tree.replace("sql-schema", ("handle text NOT NULL UNIQUE", "handle text NOT NULL"))
    tree.replace("sql-seed", ("\nON CONFLICT (handle) DO NOTHING", ""))
    return done("users inserted again each time", "SQL110")


@slip
def guard_of_the_schema_lost(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, ("sql-schema",), tree, r" IF (?:NOT )?EXISTS|^DROP TABLE .*\n")
    return _at(tree, part, match, "", "SQL201")


def _at(tree: Tree, part: str, match: re.Match[str], new: str, *codes: str) -> Done:
    line = tree[part].count("\n", 0, match.start()) + 1
    put(tree, part, match, new)
    return done(f"{part}, line {line}: {match[0]!r} became {new!r}", *codes)
