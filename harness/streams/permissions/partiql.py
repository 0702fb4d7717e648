"""PartiQL statements, read just far enough to know which action they need, on which table."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Text, quoted names, words, and anything else one character at a time; comments fall away.
_TOKEN = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|"((?:[^"]|"")*)"|([A-Za-z_][\w.:/-]*)|\S""")
#: The word after which the table stands, by verb.
_BEFORE_TABLE = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM", "UPDATE": "UPDATE", "EXISTS": "FROM"}
_ACTIONS = {
    "SELECT": "PartiQLSelect",
    "INSERT": "PartiQLInsert",
    "UPDATE": "PartiQLUpdate",
    "DELETE": "PartiQLDelete",
    "EXISTS": "PartiQLSelect",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Verb and place of a statement."""

    #: `PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate` or `PartiQLDelete`.
    action: str
    table: str
    index: str | None = None


def read_statement(text: str) -> Statement | None:
    """Return what a statement does and where; None for one that can't be read, which DynamoDB would refuse as well.

    Source: DynamoDB developer guide, "PartiQL for DynamoDB" and "IAM security policies with PartiQL for DynamoDB".
    """
    tokens = [token for token in _TOKEN.finditer(text) if not token.group().startswith("--")]
    verb = tokens[0].group().upper() if tokens else ""
    keyword = _BEFORE_TABLE.get(verb)
    if keyword is None:
        return None
    words = [token.group(2).upper() if token.group(2) else "" for token in tokens]
    start = words.index(keyword) + 1 if keyword in words else len(tokens)
    path = _path([(token.group(1), token.group(2), token.group()) for token in tokens[start:]])
    if not path:
        return None
    return Statement(action=_ACTIONS[verb], table=path[0], index=path[1] if len(path) > 1 else None)


def _path(tokens: list[tuple[str | None, str | None, str]]) -> list[str]:
    """`"Music"."ByArtist"`, or `Music.ByArtist`: the table, and after a dot the index."""
    match tokens:
        case [(None, str(word), _), *_]:
            return word.split(".")[:2]
        case [(str(table), _, _), (_, _, "."), (str(index), _, _), *_]:
            return [_unquoted(table), _unquoted(index)]
        case [(str(table), _, _), *_]:
            return [_unquoted(table)]
    return []


def _unquoted(name: str) -> str:
    return name.replace('""', '"')
