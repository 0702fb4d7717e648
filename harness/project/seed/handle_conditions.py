"""What a query compares handles with: `WHERE users.handle = 'bayko'`, `IN (%(mine)s, %(theirs)s)`, `= ANY(%s)`.

A comparison that folds letters or takes wildcards is passed over: it says nothing of how the handle must be written.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.sql.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_IS_QUERY = re.compile(r"\b(?:select|update|delete|where)\b", re.IGNORECASE)
_SLOT = re.compile(r"slot_(\d+)_of_query")
_PERCENT = re.compile(r"%s|%\((\w+)\)s")
_BRACES = re.compile(r"\{(\w*)\}")
_LONGEST = 20_000
#: Of a text put together with `+`.
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Query:
    """A query in Python code, with the expressions that are pasted into it."""

    text: str
    slots: tuple[ast.expr, ...]

    def compared(self) -> Iterator[str | ast.expr]:
        """Yield what handles are compared with: literals, and expressions that are pasted in."""
        for token in _compared_with_handles(self.text):
            word = token.string if token.kind == "string" else token.text
            slot = _SLOT.fullmatch(word or "")
            if slot is not None:
                yield self.slots[int(slot.group(1))]
            elif token.kind == "string" and word and not _SLOT.search(word):
                yield word

    def placeholders(self) -> Iterator[str | int]:
        """Yield the placeholders that handles are compared with: the name, or for `%s` how many stand before it."""
        positional = [token.start for token in tokens(self.text) if token.text == "%s"]
        for token in _compared_with_handles(self.text):
            if token.text == "%s":
                yield positional.index(token.start)
            elif token.kind == "placeholder":
                yield token.text[2:-2]


def query_of(node: ast.expr) -> Query | None:
    """Return the query that an expression spells out; None where it asks for no handle."""
    pieces = _pieces(node)
    if not any(isinstance(piece, str) and "handle" in piece.casefold() for piece in pieces):
        return None
    slots = tuple(piece for piece in pieces if not isinstance(piece, str))
    numbers = iter(range(len(slots)))
    text = "".join(piece if isinstance(piece, str) else f"slot_{next(numbers)}_of_query" for piece in pieces)
    return Query(text, slots) if len(text) < _LONGEST and _IS_QUERY.search(text) else None


def _pieces(node: ast.expr, depth: int = 0) -> list[str | ast.expr]:
    """Take a text apart that is put together with `+`, `%`, `.format` or as an f-string."""
    parts: list[ast.expr] = []
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.FormattedValue(value=value):
            return [value]
        case ast.JoinedStr(values=values):
            parts = values
        case ast.BinOp(op=ast.Add(), left=left, right=right) if depth < _DEEPEST:
            parts = [left, right]
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text)), right=values):
            return _filled(text, _PERCENT, values.elts if isinstance(values, ast.Tuple) else [values], _named(values))
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=given, keywords=rest
        ):
            return _filled(text, _BRACES, given, {each.arg: each.value for each in rest if each.arg})
    return [piece for part in parts for piece in _pieces(part, depth + 1)] or [node]


def _named(node: ast.expr) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Dict):
        return {}
    pairs = zip(node.keys, node.values, strict=True)
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _filled(
    text: str, hole: re.Pattern[str], given: Sequence[ast.expr], named: dict[str, ast.expr]
) -> list[str | ast.expr]:
    """Return the text with expressions in its holes; a hole that nothing is found for stays as it is written."""
    pieces: list[str | ast.expr] = []
    at = 0
    for count, found in enumerate(hole.finditer(text)):
        name = found.group(1) or str(count)
        known = named.get(name) if not name.isdecimal() else next(iter(given[int(name) : int(name) + 1]), None)
        pieces += [text[at : found.start()], known if known is not None else found.group()]
        at = found.end()
    return [*pieces, text[at:]]


def _compared_with_handles(sql: str) -> Iterator[Token]:
    """Yield the tokens that stand for values behind `handle =`, `handle IN (` and `handle = ANY(`."""
    some = list(tokens(sql))
    for index, token in enumerate(some):
        if token.name == "handle" and _begins_condition(some, index):
            yield from (each for each in _values(some[index + 1 :]) if each.closed)


def _begins_condition(some: Sequence[Token], index: int) -> bool:
    while index > 1 and some[index - 1].says("."):
        index -= 2
    return (
        index > 0
        and some[index - 1].says("WHERE", "AND", "OR", "ON", "NOT", "(")
        and not (index > 1 and some[index - 1].says("(") and some[index - 2].says("LOWER", "UPPER", "TRIM", "BTRIM"))
    )


def _values(rest: Sequence[Token]) -> Iterator[Token]:
    is_list = rest[:1] and rest[0].says("IN")
    if is_list or (len(rest) > 1 and rest[0].says("=") and rest[1].says("ANY")):
        depth = 0
        for token in rest[1 if is_list else 2 :]:
            depth += token.says("(") - token.says(")")
            if depth > 0 or token.kind == "placeholder":
                yield token
            if depth <= 0 or token.says("SELECT"):
                return
    elif rest[:1] and rest[0].says("="):
        yield from rest[1:2]
