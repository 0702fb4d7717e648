"""From what a client sends to the token in it, and what is wrong with the wrapping. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

#: What JavaScript makes of a value that is not there (`localStorage.getItem`), and Python of None.
_NOTHINGS = frozenset({"null", "undefined", "none", "nan", "[object object]"})
#: The words of `Authorization: Bearer <token>`.
_WORDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong, by a code for programs and in words for people."""

    code: str
    message: str


def unwrap(text: str) -> tuple[str | None, tuple[Flaw, ...]]:
    """Return the token in a header, a header's value, or a bare token; None where there is none; and what is wrong.

    A bare token is no flaw: the question is often about one that was copied.
    """
    value = re.sub(r"(?i)^\s*authorization\s*:", "", text).strip()
    words = value.split()
    bearers = len(list(takewhile(lambda word: word.casefold() == "bearer", words)))
    rest = words[bearers:]
    flaws = tuple(_around(words, bearers))
    if not rest:
        said = "“Bearer” stands there without a token" if bearers else "there is no token: the text is empty"
        return None, (*flaws, Flaw(code="missing", message=said))
    if " ".join(rest).casefold().strip("'\"") in _NOTHINGS:
        return None, (*flaws, _nothing(" ".join(rest)))
    if any(flaw.code == "scheme" for flaw in flaws):
        return None, flaws
    token = next((word for word in rest if word.count(".") >= _WORDS), rest[-1])
    if token[0] in "'\"“" or token[-1] in "'\"”":
        quoted = Flaw(code="quoted", message=f"it stands in quotes ({token[0]}…): they are sent as a part of it")
        return token.strip("'\"“”"), (*flaws, quoted)
    return token, flaws


def _around(words: list[str], bearers: int) -> list[Flaw]:
    rest = words[bearers:]
    found = []
    if bearers > 1:
        again = f"“Bearer” stands there {bearers} times: it was put before a value that had it already"
        found.append(Flaw(code="doubled-bearer", message=again))
    if not bearers and len(rest) == _WORDS and "." not in rest[0]:
        other = f"the scheme is {rest[0][:20]!r}, and an API that takes tokens wants “Bearer”"
        found.append(Flaw(code="scheme", message=other))
    elif len(rest) > 1 and " ".join(rest).casefold() not in _NOTHINGS:
        count = len(words) - max(bearers - 1, 0)
        many = (
            f"the header has {count} words, and “Bearer” and a token are two: code that takes it apart by blanks fails"
        )
        found.append(Flaw(code="words", message=many))
    return found


def _nothing(said: str) -> Flaw:
    return Flaw(
        code="null",
        message=f"the token is the text {said!r}: nobody was signed in, and the nothing that storage gave was sent as text",
    )
