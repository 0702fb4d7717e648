"""`*` and `?` in policies."""

from __future__ import annotations


def covers(pattern: str, text: str, *, fold_case: bool = False) -> bool:
    """Whether a pattern matches a text: `*` any characters, `?` exactly one.

    The text may have wildcards of its own, where something isn't known: a pattern covers it if it matches whatever could
    stand there. Source: IAM user guide, "Using wildcards in policies" of the JSON policy elements; wildcards are taken
    across the colons of an ARN.
    """
    if fold_case:
        pattern, text = pattern.lower(), text.lower()
    at, position = 0, 0
    star, resumed = -1, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resumed = at, position
            at += 1
        elif at < len(pattern) and _one(pattern[at], text[position]):
            at, position = at + 1, position + 1
        elif star >= 0:
            resumed += 1
            at, position = star + 1, resumed
        else:
            return False
    return not pattern[at:].strip("*")


def wild(pattern: str) -> bool:
    """Whether there is a wildcard in it."""
    return "*" in pattern or "?" in pattern


def _one(pattern: str, character: str) -> bool:
    """Only a `*` stands for all that a `*` in the text could be."""
    return pattern == character or (pattern == "?" and character != "*")
