"""The same Python text, written in another way."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Part = str | ast.expr


def concatenated(text: str) -> str:
    """Write f-strings as sums: `"GRP#" + str(uuid)`."""
    return _without_fstrings(text, lambda parts: " + ".join(_as_term(part) for part in parts))


def by_percent(text: str) -> str:
    """Write f-strings with the operator %."""
    return _without_fstrings(text, _percent)


def by_format(text: str) -> str:
    """Write f-strings with the method format."""
    return _without_fstrings(text, _format)


def single_quoted(text: str) -> str:
    """Write short strings in single quotes, as most students do."""
    return _with_strings(text, r'f?"[^"\'\\]*"', lambda string: string.replace('"', "'"))


def tabbed(text: str) -> str:
    """Indent by tabs."""
    return _reindented(text, "\t")


def by_two_spaces(text: str) -> str:
    """Indent by two spaces."""
    return _reindented(text, "  ")


def _reindented(text: str, unit: str) -> str:
    """Change what code is indented by; lines within a text in triple quotes stay as they are."""
    inside = {line for token in _strings(text) for line in range(token.start[0] + 1, token.end[0] + 1)}
    return "".join(
        line if number in inside else re.sub(r"^(?:    )+", lambda found: unit * (len(found[0]) // 4), line)
        for number, line in enumerate(text.splitlines(keepends=True), 1)
    )


def _strings(text: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            yield token


def _with_strings(text: str, pattern: str, change: Callable[[str], str]) -> str:
    """Change the literals of one line that match a pattern."""
    lines = text.splitlines(keepends=True)
    for token in reversed([*_strings(text)]):
        if token.start[0] == token.end[0] and re.fullmatch(pattern, token.string):
            row, begin, end = token.start[0] - 1, token.start[1], token.end[1]
            lines[row] = lines[row][:begin] + change(token.string) + lines[row][end:]
    return "".join(lines)


def _without_fstrings(text: str, write: Callable[[list[Part]], str]) -> str:
    lines = text.splitlines(keepends=True)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.JoinedStr) and _is_plain(node)]
    for node in sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        parts: list[Part] = [
            part.value if isinstance(part, ast.FormattedValue) else str(part.value)
            for part in node.values
            if isinstance(part, ast.FormattedValue | ast.Constant)
        ]
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + write(parts) + line[node.end_col_offset :]
    return "".join(lines)


def _is_plain(node: ast.JoinedStr) -> bool:
    """Whether it stands in one line, has no format, and no part that is more than a name, an attribute or a key."""
    values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    return (
        bool(values)
        and node.lineno == node.end_lineno
        and all(part.format_spec is None and part.conversion == -1 for part in values)
        and all(isinstance(part.value, ast.Name | ast.Attribute | ast.Subscript) for part in values)
    )


def _percent(parts: list[Part]) -> str:
    text = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    values = _values(parts)
    return f"{_quoted(text)} % {values[0] if len(values) == 1 else '(' + ', '.join(values) + ')'}"


def _format(parts: list[Part]) -> str:
    text = "".join(part if isinstance(part, str) else "{}" for part in parts)
    return f"{_quoted(text)}.format({', '.join(_values(parts))})"


def _values(parts: list[Part]) -> list[str]:
    return [ast.unparse(part) for part in parts if isinstance(part, ast.expr)]


def _as_term(part: Part) -> str:
    return _quoted(part) if isinstance(part, str) else f"str({ast.unparse(part)})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
