"""What a second load of the same seed leaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.project.place import Place
from harness.project.sql.change import Change
from harness.project.sql.relations import all_relations
from harness.project.sql.text import insert_of
from harness.project.sql.words import find_words, relation_name, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.held import Held, Relation
    from harness.project.source import Source
    from harness.project.sql.text import Insert, Statement

_HANDLE = "handle"
_FEW = 5


@dataclass(frozen=True, kw_only=True)
class _Doubling:
    """An INSERT that adds its rows once more each time it is run."""

    source: Source
    statement: Statement
    insert: Insert

    @property
    def place(self) -> Place:
        return Place(path=self.source.path, line=self.statement.line)


@check(
    "SQL110",
    severity="warning",
    example="""
    -- handle is not UNIQUE
    INSERT INTO users (handle) VALUES ('ada');   -- run twice: two rows
    """,
)
def loading_twice_keeps_users(facts: Facts) -> Iterator[Problem]:
    """Loading the seed twice leaves every user once.

    Make `handle` UNIQUE in the schema and end the INSERT with `ON CONFLICT DO NOTHING`.
    """
    found = [each for each in _doubling(facts) if _has_rows(facts, each) and not _stays(facts, each)]
    doubling = [each for each in found if _HANDLE in each.insert.columns]
    others = sorted({each.insert.table for each in found} - {each.insert.table for each in doubling})
    for path in dict.fromkeys(each.source.path for each in doubling):
        yield _doubles_users(facts, [each for each in doubling if each.source.path == path], others)
    if not doubling and (grown := _grown(facts)):
        yield Problem(
            cause=f"a second load adds rows to users: there are more for {_listed(grown)} than after the first",
            evidence=tuple(Evidence(text=f"{handle}: {count} rows") for handle, count in grown[:_FEW]),
        )


@check(
    "SQL111",
    severity="note",
    requires={"SQL110"},
    example="INSERT INTO activities (user_uuid, message) …;   -- run twice: every activity twice",
)
def loading_twice_keeps_the_rest(facts: Facts) -> Iterator[Problem]:
    """Loading the seed twice leaves every row once.

    Give the rows fixed keys and end the INSERT with `ON CONFLICT DO NOTHING`, or begin the seed with TRUNCATE.
    """
    tables = {
        each.insert.table: each for each in _doubling(facts) if _has_rows(facts, each) and not _stays(facts, each)
    }
    for table, each in sorted(tables.items()):
        yield Problem(cause=f"a second load inserts the rows of {table} once more", place=each.place)


@check("SQL112", severity="warning", example="SELECT handle, count(*) FROM users GROUP BY handle;   ada | 2")
def handles_are_there_once(facts: Facts) -> Iterator[Problem]:
    """Every handle belongs to one user.

    Take the second row out; look-ups by handle pick either of them. Make `handle` UNIQUE, so that it can't happen again.
    """
    users = facts.held.users
    counts = Counter(row.get(_HANDLE) for row in users.rows) if users is not None else Counter()
    several = sorted((str(handle), count) for handle, count in counts.items() if handle is not None and count > 1)
    if not several or users is None:
        return
    everybody = len(several) == len(counts) and len({count for _, count in several}) == 1 and len(counts) > 1
    loaded = f": the seed was loaded {several[0][1]} times" if everybody else ""
    places = tuple(_places(facts, several[0][0]))
    yield Problem(
        cause=f"{users.name} has more than one row for {_listed(several)}{loaded}",
        evidence=(
            *(Evidence(text=f"{handle}: {count} rows") for handle, count in several[:_FEW]),
            *(Evidence(text=several[0][0], place=place) for place in places),
        ),
        place=places[-1] if len(places) > 1 else None,
    )


def _doubling(facts: Facts) -> Iterator[_Doubling]:
    if facts.project is None:
        return
    written = all_relations(facts.project)
    for source in facts.project.with_role("sql-seed"):
        cleared: set[str] = set()
        for statement in statements(source.text) if source.language == "sql" else ():
            cleared |= _cleared(statement)
            insert = insert_of(statement)
            if insert is None or insert.table in cleared or not insert.columns or _is_careful(insert):
                continue
            known = written.get(insert.table)
            unique = (known.unique if known is not None else frozenset()) | _unique(facts, insert.table)
            if not unique & set(insert.columns):
                yield _Doubling(source=source, statement=statement, insert=insert)


def _cleared(statement: Statement) -> set[str]:
    """Return the tables that a statement empties or takes away."""
    for words in (
        ("TRUNCATE", "TABLE"),
        ("TRUNCATE",),
        ("DELETE", "FROM"),
        ("DROP", "TABLE", "IF", "EXISTS"),
        ("DROP", "TABLE"),
    ):
        at = find_words(statement.tokens[: len(words)], *words)
        if at is not None:
            return {relation_name(statement.tokens, index)[0] for index in range(at, len(statement.tokens))}
    return set()


def _is_careful(insert: Insert) -> bool:
    return any(find_words(insert.rest, *words) for words in (("ON", "CONFLICT"), ("NOT", "EXISTS"), ("NOT", "IN")))


def _unique(facts: Facts, table: str) -> frozenset[str]:
    held = facts.rehearsal.first.relations.get(table) if facts.rehearsal is not None else None
    return frozenset(columns[0] for columns in held.unique if len(columns) == 1) if held is not None else frozenset()


def _has_rows(facts: Facts, each: _Doubling) -> bool:
    """Whether the INSERT works at all, as far as that was tried."""
    if facts.rehearsal is None or not any(run.path == each.source.path for run in facts.rehearsal.sql):
        return True
    held = facts.rehearsal.first.relations.get(each.insert.table)
    return held is not None and bool(held.rows)


def _stays(facts: Facts, each: _Doubling) -> bool:
    """Whether a second load was tried, and left as many rows as there were."""
    rehearsal = facts.rehearsal
    if rehearsal is None or rehearsal.second is None:
        return False
    first, second = (held.relations.get(each.insert.table) for held in (rehearsal.first, rehearsal.second))
    again = any(run.path == each.source.path and run.pass_ != 1 for run in rehearsal.sql)
    return again and first is not None and second is not None and len(second.rows) <= len(first.rows)


def _doubles_users(facts: Facts, doubling: list[_Doubling], others: list[str]) -> Problem:
    each, grown = doubling[0], _grown(facts)
    also = f"; the rows of {', '.join(others)} double with them" if others else ""
    seeds = tuple(map(_careful_edit, doubling))
    schema = _unique_handle(facts, each.insert.table)
    return Problem(
        cause=f"nothing in {each.insert.table} is unique that {each.source.path} inserts, and its INSERT has no "
        f"ON CONFLICT: each load adds all users again, and look-ups by handle pick any of them{also}",
        evidence=tuple(
            Evidence(text=f"{handle}: {count} rows after the second load") for handle, count in grown[:_FEW]
        ),
        place=each.place,
        advice=(f"In {schema.path}:{schema.first} write `{schema.new.strip()}`, and " if schema else "")
        + f"{'end' if schema else 'End'} the INSERT in {' and in '.join(str(one.place) for one in doubling)} with `ON CONFLICT DO NOTHING;`."
        + ("" if schema else " Make handle UNIQUE."),
        edits=(schema, *seeds) if schema else (),
    )


def _careful_edit(each: _Doubling) -> Edit:
    text = each.source.text
    first, last, new = _careful(each.statement, "\r\n" if "\r\n" in text else "\n").lines(text)
    return Edit(path=each.source.path, first=first, last=last, new=new)


def _careful(statement: Statement, line_end: str) -> Change:
    """Return the change that ends an INSERT with ON CONFLICT DO NOTHING, before its RETURNING."""
    at = find_words(statement.tokens, "RETURNING")
    index = at - 1 if at is not None else len(statement.tokens) - (1 if statement.ended else 0)
    before = statement.tokens[index - 1]
    return Change(start=before.end, end=before.end, new=f"{line_end}ON CONFLICT DO NOTHING")


def _unique_handle(facts: Facts, table: str) -> Edit | None:
    """Return the edit that makes the handle unique in the schema."""
    written = all_relations(facts.project).get(table) if facts.project is not None else None
    column = written.column(_HANDLE) if written is not None else None
    source = facts.project.find(column.place.path) if facts.project is not None and column is not None else None
    if source is None or column is None:
        return None
    for statement in statements(source.text):
        tokens = [token for token in statement.tokens if token.line == column.place.line]
        at = find_words(tokens, "NOT", "NULL")
        if at is not None and tokens[0].name == _HANDLE:
            end = tokens[at - 1].end
            first, last, new = Change(start=end, end=end, new=" UNIQUE").lines(source.text)
            return Edit(path=source.path, first=first, last=last, new=new)
    return None


def _grown(facts: Facts) -> list[tuple[str, int]]:
    """Return the handles that a second load added rows to, with their number then."""
    if facts.rehearsal is None or facts.rehearsal.second is None:
        return []
    first, second = _handles(facts.rehearsal.first), _handles(facts.rehearsal.second)
    return sorted((handle, count) for handle, count in second.items() if count > first[handle] > 0)


def _handles(held: Held) -> Counter[str]:
    users: Relation | None = held.users
    rows = users.rows if users is not None else ()
    return Counter(str(row[_HANDLE]) for row in rows if row.get(_HANDLE) is not None)


def _listed(counts: list[tuple[str, int]]) -> str:
    names = ", ".join(name for name, _ in counts[:_FEW])
    return names if len(counts) <= _FEW else f"{names} and {len(counts) - _FEW} more"


def _places(facts: Facts, handle: str) -> Iterator[Place]:
    for source in facts.project.with_role("sql-seed") if facts.project is not None else ():
        for insert in filter(None, map(insert_of, statements(source.text))):
            if _HANDLE in insert.columns:
                index = insert.columns.index(_HANDLE)
                for row in insert.rows:
                    if index < len(row.values) and row.values[index].string == handle:
                        yield Place(path=source.path, line=row.values[index].line)
