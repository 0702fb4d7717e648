"""The tables that a project's SQL files create, as they are written there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.sql.text import at_commas, parenthesised
from harness.project.sql.words import find_words, relation_name, statements, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.project.source import Project, Source
    from harness.project.sql.text import Statement
    from harness.project.sql.tokens import Token

_CONSTRAINTS = frozenset({"PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT", "CHECK", "EXCLUDE", "LIKE"})
_TYPE_ENDS = frozenset(
    {"NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "CONSTRAINT", "GENERATED", "COLLATE"}
)


@dataclass(frozen=True, kw_only=True)
class WrittenColumn:
    """A column as CREATE TABLE or ALTER TABLE … ADD has it."""

    name: str
    #: Lower case: `timestamp without time zone`, `integer`.
    type: str
    needed: bool
    place: Place


@dataclass(frozen=True, kw_only=True)
class WrittenRelation:
    """A CREATE TABLE."""

    name: str
    columns: tuple[WrittenColumn, ...]
    #: Columns that are a key or unique by themselves.
    unique: frozenset[str]
    place: Place

    def column(self, name: str) -> WrittenColumn | None:
        """Return a column by its name."""
        return next((each for each in self.columns if each.name == name), None)


@lru_cache(maxsize=64)
def _of_text(text: str, path: str) -> tuple[WrittenRelation, ...]:
    return tuple(_read(text, path))


def written_relations(source: Source) -> tuple[WrittenRelation, ...]:
    """Return the tables that one file creates."""
    return _of_text(source.text, source.path)


def all_relations(project: Project) -> dict[str, WrittenRelation]:
    """Return the tables of all SQL files by name; of two with one name that of a schema file."""
    found: dict[str, WrittenRelation] = {}
    for source in sorted(
        (each for each in project.sources.values() if each.language == "sql"),
        key=lambda each: ("sql-schema" not in each.roles, each.path),
    ):
        for relation in written_relations(source):
            found.setdefault(relation.name, relation)
    return found


def created_name(statement: Statement) -> str | None:
    """Return the name of the table that a statement creates."""
    at = _behind_create(statement)
    return relation_name(statement.tokens, at)[0] if at is not None else None


def _behind_create(statement: Statement) -> int | None:
    if statement.kind != "CREATE TABLE":
        return None
    return find_words(statement.tokens, "IF", "NOT", "EXISTS") or find_words(statement.tokens, "TABLE")


def _read(text: str, path: str) -> Iterator[WrittenRelation]:
    added = list(_additions(text, path))
    for statement in statements(text):
        begin = _behind_create(statement)
        if begin is None:
            continue
        name, at = relation_name(statement.tokens, begin)
        if at >= len(statement.tokens) or statement.tokens[at].text != "(":
            continue
        parts = [part for part in at_commas(parenthesised(statement.tokens[at:])[0]) if part]
        columns = [_column(part, path) for part in parts if word(part[0]) not in _CONSTRAINTS and part[0].name]
        yield WrittenRelation(
            name=name,
            columns=(*columns, *(column for relation, column in added if relation == name)),
            unique=frozenset((*_unique(parts), *_unique_later(text, name))),
            place=Place(path=path, line=statement.line),
        )


def _column(part: Sequence[Token], path: str) -> WrittenColumn:
    said = words(part)
    end = next((i for i in range(1, len(said)) if said[i] in _TYPE_ENDS), len(said))
    kind = " ".join(token.text.lower() for token in part[1:end])
    filled = "DEFAULT" in said or "GENERATED" in said or "serial" in kind
    needed = find_words(part, "NOT", "NULL") or find_words(part, "PRIMARY", "KEY")
    return WrittenColumn(
        name=part[0].name or part[0].text,
        type=kind,
        needed=not filled and needed is not None,
        place=Place(path=path, line=part[0].line),
    )


def _unique(parts: Sequence[Sequence[Token]]) -> Iterator[str]:
    for part in parts:
        said = words(part)
        if "UNIQUE" not in said and "PRIMARY" not in said:
            continue
        if said[0] not in _CONSTRAINTS:
            yield part[0].name or ""
        else:
            yield from _lone_column(part)


def _unique_later(text: str, relation: str) -> Iterator[str]:
    """Yield the columns that CREATE UNIQUE INDEX and ALTER TABLE … ADD UNIQUE make unique by themselves."""
    for statement in statements(text):
        tokens = statement.tokens
        if statement.kind == "CREATE INDEX" and word(tokens[1]) == "UNIQUE":
            at = find_words(tokens, "ON")
        elif statement.kind == "ALTER TABLE" and "UNIQUE" in words(tokens):
            at = 2
        else:
            continue
        if at is not None and relation_name(tokens, _past(tokens, at, "IF", "EXISTS", "ONLY"))[0] == relation:
            yield from _lone_column(tokens)


def _lone_column(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the column of a list in parentheses that names just one."""
    opening = find_words(tokens, "(")
    listed = list(at_commas(parenthesised(tokens[opening - 1 :])[0])) if opening else []
    if len(listed) == 1 and len(listed[0]) == 1:
        yield listed[0][0].name or ""


def _additions(text: str, path: str) -> Iterator[tuple[str, WrittenColumn]]:
    """Yield the columns of ALTER TABLE … ADD COLUMN with their relations."""
    for statement in statements(text):
        if statement.kind != "ALTER TABLE":
            continue
        tokens = [token for token in statement.tokens if token.text != ";"]
        name, at = relation_name(tokens, _past(tokens, 2, "IF", "EXISTS", "ONLY"))
        for part in at_commas(tokens[at:]):
            start = _past(part, 1, "COLUMN", "IF", "NOT", "EXISTS")
            if word(part[0]) == "ADD" and len(part) > start and word(part[start]) not in _CONSTRAINTS:
                yield name, _column(part[start:], path)


def _past(tokens: Sequence[Token], at: int, *skipped: str) -> int:
    """Return the index of the first token from `at` on that is none of some words."""
    while at < len(tokens) and word(tokens[at]) in skipped:
        at += 1
    return at
