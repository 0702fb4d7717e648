"""Checks → the second half of docs/doctor.md: every code with what it means, an example, and the cure."""

from __future__ import annotations

from textwrap import fill, indent
from typing import TYPE_CHECKING

from harness.diagnosis.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WIDTH = 110


def render_code_book(checks: Iterable[Check]) -> str:
    """Return Markdown, a section for each family; ends in a newline."""
    families: dict[str, list[Check]] = {family: [] for family in Check.FAMILIES}
    for each in checks:
        families[each.family].append(each)
    lines = [line for family, members in families.items() for line in _family(family, members)]
    return "\n".join(lines).rstrip() + "\n"


def _family(family: str, members: Sequence[Check]) -> Iterator[str]:
    yield from (f"## {family}: {Check.FAMILIES[family]}", "")
    yield from ("| code | severity | what must be true |", "|---|---|---|")
    yield from (f"| [{each.code}](#{each.code.lower()}) | {each.severity} | {each.title} |" for each in members)
    yield ""
    for each in members:
        yield from _check(each)


def _check(each: Check) -> Iterator[str]:
    yield from (f"### {each.code}", "", f"**{each.title}.** ({each.severity})", "")
    yield from ("Broken, it looks like this:", "", "```", each.example, "```", "")
    yield from (each.advice, "")
    if each.requires:
        yield from (f"Silent where {', '.join(sorted(each.requires))} found the cause.", "")


def render_code_list(checks: Iterable[Check]) -> str:
    """Return a line for each check, for a terminal."""
    return "".join(f"{each.code:<8} {each.severity:<8} {each.title}\n" for each in checks)


def render_check(each: Check) -> str:
    """Return what there is to know of one check, for a terminal."""
    requires = ", ".join(sorted(each.requires))
    lines = [
        f"{each.code} ({each.severity}): {each.title}.",
        "",
        fill(each.advice, _WIDTH),
        "",
        "for example",
        indent(each.example, "  "),
        *(["", f"silent where one of these is found: {requires}"] if requires else []),
    ]
    return "\n".join(lines) + "\n"
