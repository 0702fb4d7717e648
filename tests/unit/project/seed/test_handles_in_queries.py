from __future__ import annotations

import textwrap

import pytest

from harness.project.seed.handles import handles_asked
from harness.project.source import Source


def asked(code: str) -> list[tuple[str, int]]:
    source = Source(path="bin/ddb/seed", text=textwrap.dedent(code).lstrip("\n"), language="python")
    return [(each.handle, each.place.line) for each in handles_asked(source)]


@pytest.mark.parametrize(
    "code",
    [
        """db.query("SELECT uuid FROM users WHERE users.handle IN (%(me)s, %(you)s)", {"me": "ada", "you": "bo"})""",
        """db.query("SELECT uuid FROM users u WHERE u.handle IN (%s, %s)", ("ada", "bo"))""",
        """db.query("SELECT uuid FROM users WHERE handle = ANY(%s)", (["ada", "bo"],))""",
        """db.query("SELECT uuid FROM users WHERE handle IN %(both)s", dict(both=("ada", "bo")))""",
        """db.query("SELECT uuid FROM users WHERE handle = %(a)s OR handle = %(b)s", a="ada", b="bo")""",
        """db.query("SELECT uuid FROM users WHERE handle IN ('ada', 'bo')")""",
        """db.query(f"SELECT uuid FROM users WHERE handle IN ('{'ada'}', '{'bo'}')")""",
        """db.query("SELECT uuid FROM users WHERE handle IN ('%s', '%s')" % ("ada", "bo"))""",
        """db.query("SELECT uuid FROM users WHERE handle IN ('%(a)s', '%(b)s')" % {"a": "ada", "b": "bo"})""",
        """db.query("SELECT uuid FROM users WHERE handle IN ('{}', '{}')".format("ada", "bo"))""",
        """db.query("SELECT uuid FROM users WHERE handle IN ('{x}', '{y}')".format(x="ada", y="bo"))""",
        """db.query("SELECT uuid FROM users WHERE handle = '" + "ada" + "' OR handle = '" + "bo" + "'")""",
        """db.query("SELECT uuid FROM public.users WHERE public.users.handle = 'ada' OR (users.handle = 'bo')")""",
    ],
)
def test_handles_are_found_in_every_kind_of_query(code: str) -> None:
    assert asked(code) == [("ada", 1), ("bo", 1)]


def test_a_handle_stands_where_its_literal_does() -> None:
    assert asked(
        '''
        query = """
          SELECT uuid FROM users
          WHERE handle = 'ada'
             OR handle = %(other)s
        """
        other = "bo"
        values = {"other": other, "limit": "1"}
        db.query(query, values)
        '''
    ) == [("ada", 3), ("bo", 6)]


def test_handles_are_followed_through_functions_dictionaries_and_choices() -> None:
    assert asked(
        """
        import os
        PEOPLE = {"me": "ada", "you": "bo"}

        def uuid_of(name="cy"):
            return db.value("SELECT uuid FROM users WHERE handle = %(name)s", {"name": name})

        uuid_of(PEOPLE["me"])
        uuid_of(name=os.environ.get("YOU") or PEOPLE["you"])
        uuid_of()
        uuid_of("dee" if late else "eli")
        uuid_of(*everybody)
        """
    ) == [("ada", 2), ("bo", 2), ("cy", 4), ("dee", 10), ("eli", 10)]


@pytest.mark.parametrize(
    "code",
    [
        # Folded or with wildcards: any spelling will do.
        """db.query("SELECT uuid FROM users WHERE lower(handle) = lower('Ada')")""",
        """db.query("SELECT uuid FROM users WHERE handle ILIKE 'ada%'")""",
        # Other columns, joins, writes and inner queries.
        """db.query("SELECT handle FROM users WHERE email = %(e)s AND uuid = 'x'", {"e": "ada"})""",
        """db.query("SELECT a.handle FROM users a JOIN users b ON a.handle = b.handle WHERE b.email = 'ada'")""",
        """db.query("UPDATE users SET handle = 'ada' WHERE uuid = %(u)s", {"u": "bo"})""",
        """db.query("INSERT INTO users (handle, email) VALUES ('ada', 'bo')")""",
        """db.query("SELECT uuid FROM users WHERE handle IN (SELECT handle FROM users WHERE email = 'ada')")""",
        # What can't be told, and what is no query.
        """db.query(f"SELECT uuid FROM users WHERE handle = '{sys.argv[1]}' OR handle = '@{name}'")""",
        """db.query("SELECT uuid FROM users WHERE handle = '%s' OR handle = '{}'")""",
        """print("the handle = 'ada'")""",
        """db.query("SELECT uuid FROM users WHERE handle = 'ada""" + '")',
    ],
)
def test_nothing_is_taken_for_a_handle_that_is_none(code: str) -> None:
    assert asked(code) == []


def test_long_sums_and_circles_end() -> None:
    chain = " + ".join(['"x"'] * 900)
    assert asked(f'a = b\nb = a\ndb.query("SELECT uuid FROM users WHERE handle = \'" + a + "\'")\nc = {chain}') == []
