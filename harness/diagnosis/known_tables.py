"""Which tables there are, and which requests name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.template_files import template_tables
from harness.project.table.declarations import TableShape, declared_tables, shape_of
from harness.project.table.requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.diagnosis.facts import Facts
    from harness.project.place import Place
    from harness.project.roles import Role
    from harness.project.source import Source
    from harness.project.table.requests import TableRequest

#: Files whose requests must fit the table. Tools such as drop are given names by whoever calls them.
READERS_AND_WRITERS: tuple[Role, ...] = (
    "table-library",
    "application",
    "stream-handler",
    "pattern-messages",
    "pattern-groups",
    "table-seed",
)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A request of the project's code, and the file that makes it."""

    source: Source
    request: TableRequest

    @property
    def line(self) -> str:
        """The line of code, shortened."""
        return code_line(self.source, self.request.place.line)


def uses(facts: Facts, *roles: Role) -> tuple[Use, ...]:
    """Return the requests that files of these roles make."""
    if facts.project is None:
        return ()
    return tuple(
        Use(source=source, request=request)
        for source in facts.project.with_role(*(roles or READERS_AND_WRITERS))
        for request in requests_of(source)
    )


def tables_here(facts: Facts) -> dict[str, TableShape]:
    """Return the tables that were made, with the place of their declaration; those declared where none were made."""
    declared = {shape.name: shape for shape in declared_tables(facts.project)} if facts.project else {}
    made = {}
    for name, table in facts.held.tables.items():
        shape = shape_of(table.description, name=name)
        if shape is not None:
            place = declared[name].place if name in declared else _only_place(declared.values())
            made[name] = replace(shape, place=place)
    return made or declared


def tables_deployed(facts: Facts) -> dict[str, TableShape]:
    """Return the tables of the project's templates."""
    return {shape.name: shape for shape in template_tables(facts.project)} if facts.project else {}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant."""
    folded = {_folded(each): each for each in known}
    if _folded(name) in folded:
        return folded[_folded(name)]
    found = get_close_matches(_folded(name), sorted(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def code_line(source: Source, line: int) -> str:
    """Return a line of code without its indentation, shortened to what fits a report."""
    text = source.lines[line - 1].strip() if 0 < line <= len(source.lines) else ""
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004 - a line of a report


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _only_place(shapes: Iterable[TableShape]) -> Place | None:
    places = [shape.place for shape in shapes]
    return places[0] if len(places) == 1 else None
