"""A SQL file as psql takes it apart: statements with their lines, meta-commands, and the rows of an INSERT.

`statements(text)`, `meta_commands(text)`, `insert_of(statement)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.project.sql.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BETWEEN = frozenset({"OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "GLOBAL", "LOCAL", "CONCURRENTLY"})
#: Meta-commands that send what stands before them.
_SENDING = frozenset({"g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What psql sends in one piece."""

    #: From its first word to its last sign, `;` included; comments before it left out.
    text: str
    tokens: tuple[Token, ...]
    #: Whether `;` (or `\\g`) ends it; psql sends an open rest at the end of the file too.
    ended: bool
    #: Lines of data that follow a COPY … FROM STDIN, with their numbers.
    data: tuple[tuple[int, str], ...] = ()

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.tokens[0].line

    @property
    def last_line(self) -> int:
        """Where it ends."""
        return self.tokens[-1].last_line

    @property
    def kind(self) -> str:
        """`INSERT`, `SELECT`, `CREATE TABLE`, `DROP EXTENSION`; a sign where no word begins it."""
        words = [each.text.upper() for each in self.tokens[:6] if each.kind in {"word", "symbol"}]
        if words[:1] and words[0] in {"CREATE", "DROP", "ALTER"}:
            objects = [word for word in words[1:] if word not in _BETWEEN]
            return " ".join(words[:1] + objects[:1])
        return words[0] if words else self.tokens[0].text


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaCommand:
    r"""A line for psql itself: `\echo`, `\i`, `\set`, `\c`."""

    line: int
    #: Without the backslash.
    name: str
    #: The rest of the line; quotes stay.
    arguments: str


class Value(NamedTuple):
    """One field of a row."""

    text: str
    line: int
    #: What a string literal means, with or without a cast; None for everything else.
    string: str | None
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of VALUES."""

    line: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """An INSERT, as far as it is written out."""

    #: Without `public.`; folded to small letters unless quoted.
    table: str
    line: int
    #: Empty where none are named.
    columns: tuple[str, ...]
    #: Empty for INSERT … SELECT.
    rows: tuple[Row, ...]
    #: The rest, from the first word that is no row: `ON CONFLICT …`, `RETURNING …`, or the SELECT.
    rest: tuple[Token, ...]


def statements(sql: str) -> tuple[Statement, ...]:
    """Split a file at the semicolons that psql splits at: outside quotes, comments and parentheses."""
    return tuple(each for each in _pieces(sql) if isinstance(each, Statement))


def meta_commands(sql: str) -> tuple[MetaCommand, ...]:
    r"""Return the lines that psql keeps for itself, `\g` and its kin included."""
    return tuple(each for each in _pieces(sql) if isinstance(each, MetaCommand))


def insert_of(statement: Statement) -> Insert | None:
    """Take an INSERT apart; None for any other statement. A comma that is missing between two rows is passed over."""
    if statement.kind != "INSERT" or len(statement.tokens) < 3 or not statement.tokens[1].says("INTO"):  # noqa: PLR2004
        return None
    table, rest = _qualified_name(statement.tokens[2:])
    if rest[:1] and rest[0].says("AS"):
        rest = rest[2:]
    columns: tuple[str, ...] = ()
    if rest[:1] and rest[0].says("("):
        inside, after = parenthesised(rest)
        if not (inside and inside[0].says("SELECT", "WITH")):
            columns = tuple(each.name for each in inside if each.name is not None)
            rest = after
    line = statement.line
    if not (rest[:1] and rest[0].says("VALUES", "VALUE")):
        return Insert(table=table, line=line, columns=columns, rows=(), rest=tuple(rest))
    rows, rest = _rows(rest[1:], statement)
    return Insert(table=table, line=line, columns=columns, rows=tuple(rows), rest=tuple(rest))


def parenthesised(some: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Return what stands between the `(` at the beginning and its partner, and what follows."""
    end = _closing(some, 0)
    return some[1:end], some[end + 1 :]


def _closing(some: Sequence[Token], at: int) -> int:
    """Return the index of the partner of the `(` at an index; of the end where there is none."""
    depth = 0
    for index in range(at, len(some)):
        depth += some[index].says("(") - some[index].says(")")
        if depth == 0:
            return index
    return len(some)


def at_commas(some: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Split at the commas outside parentheses."""
    depth, start = 0, 0
    for index, each in enumerate(some):
        depth += each.says("(", "[") - each.says(")", "]")
        if depth == 0 and each.says(","):
            yield some[start:index]
            start = index + 1
    if some[start:]:
        yield some[start:]


def _pieces(sql: str) -> Iterator[Statement | MetaCommand]:
    held: list[Token] = []
    depth, stream = 0, tokens(sql)
    while (token := next(stream, None)) is not None:
        if token.kind == "meta":
            if (meta := _meta(token)).name in _SENDING and held:
                yield _statement(sql, held, ended=True)
                held, depth = [], 0
            if meta.name not in {"", "."}:
                yield meta
            continue
        depth = max(0, depth + token.says("(") - token.says(")"))
        if token.says(";") and depth == 0:
            if held:
                resume, data = _copied(sql, [*held, token])
                yield _statement(sql, [*held, token], ended=True, data=data)
                if resume:
                    stream = tokens(sql, resume)
            held = []
            continue
        held.append(token)
    if held:
        yield _statement(sql, held, ended=False)


def _statement(sql: str, held: Sequence[Token], *, ended: bool, data: tuple[tuple[int, str], ...] = ()) -> Statement:
    return Statement(text=sql[held[0].start : held[-1].end], tokens=tuple(held), ended=ended, data=data)


def _copied(sql: str, held: Sequence[Token]) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Return where SQL goes on after the data of a COPY … FROM STDIN, and that data."""
    words = [each.text.upper() for each in held if each.kind == "word"]
    if words[:1] != ["COPY"] or "STDIN" not in words:
        return 0, ()
    start = sql.find("\n", held[-1].end) + 1
    if start == 0:
        return len(sql), ()
    stop = sql.find("\n\\.", start - 1)
    block = sql[start : stop + 1 if stop >= 0 else len(sql)]
    # Not splitlines(): a form feed or U+2028 in a field ends no line.
    rows = [each.removesuffix("\r") for each in block.removesuffix("\n").split("\n")] if block else []
    lines = tuple(enumerate(rows, held[-1].line + 1))
    return (stop + 1 if stop >= 0 else len(sql)), lines


def _meta(token: Token) -> MetaCommand:
    name, arguments = [*token.text[1:].strip().split(None, 1), "", ""][:2]
    return MetaCommand(line=token.line, name=name, arguments=arguments)


def _qualified_name(some: Sequence[Token]) -> tuple[str, Sequence[Token]]:
    parts: list[str] = []
    for index, each in enumerate(some):
        if each.name is not None and (not parts or some[index - 1].says(".")):
            parts.append(each.name)
        elif not each.says("."):
            return ".".join(parts).removeprefix("public."), some[index:]
    return ".".join(parts).removeprefix("public."), ()


def _rows(rest: Sequence[Token], statement: Statement) -> tuple[list[Row], Sequence[Token]]:
    rows: list[Row] = []
    at = 0
    while at < len(rest) and rest[at].says("(", ","):
        end = _closing(rest, at) if rest[at].says("(") else at
        if end > at:
            values = (_value(each, statement) for each in at_commas(rest[at + 1 : end]) if each)
            rows.append(Row(line=rest[at].line, values=tuple(values)))
        at = end + 1
    return rows, [each for each in rest[at:] if not each.says(";")]


def _value(some: Sequence[Token], statement: Statement) -> Value:
    first = statement.tokens[0].start
    plain = len(some) == 1 or (len(some) > 2 and some[1].says("::"))  # noqa: PLR2004 - a literal and its cast
    return Value(
        text=statement.text[some[0].start - first : some[-1].end - first],
        line=some[0].line,
        string=some[0].string if plain else None,
        tokens=tuple(some),
    )
