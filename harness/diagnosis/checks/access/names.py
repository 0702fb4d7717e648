"""Names of tables and indexes that the code uses, against those that the schema has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.known_tables import nearest, tables_deployed, tables_here, uses
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.wording import that_do
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.known_tables import Use
    from harness.project.table.declarations import TableShape


@dataclass(frozen=True, kw_only=True)
class WrongName:
    """A name that no table has, or no index of the table, and every request that uses it."""

    kind: str
    name: str
    meant: str
    #: The table that was meant, or that lacks the index.
    shape: TableShape
    uses: tuple[Use, ...]
    #: Whether no request, and no policy, uses the schema's name: then it is most likely the schema that was renamed.
    everywhere: bool

    @property
    def only_in_handlers(self) -> bool:
        """Whether only stream handlers use it."""
        return all("stream-handler" in use.source.roles for use in self.uses)

    @property
    def only_in_seeds(self) -> bool:
        """Whether only the seed uses it."""
        return all("table-seed" in use.source.roles for use in self.uses)


def wrong_names(facts: Facts) -> Iterator[WrongName]:
    """Yield the names for which the schema has another one that must be meant."""
    here, deployed = tables_here(facts), tables_deployed(facts)
    tables, indexes = _grouped((*uses(facts), *_looks(facts)), "table"), grouped_by_index(facts)
    rights = " ".join(source.text for source in facts.project.with_role("policy")) if facts.project else ""
    for name, its_uses in tables.items():
        known = deployed if _all_deployed(its_uses) and deployed else here
        meant = nearest(name, known)
        if name not in here and name not in deployed and meant is not None:
            shape = known[meant]
            yield WrongName(
                kind="table", name=name, meant=meant, shape=shape, uses=its_uses, everywhere=meant not in tables
            )
    for name, its_uses in indexes.items():
        lacking = table_without(name, its_uses, facts)
        meant = index_meant(name, lacking, its_uses) if lacking else None
        if lacking and meant:
            yield WrongName(
                kind="index",
                name=name,
                meant=meant,
                shape=lacking,
                uses=its_uses,
                everywhere=meant not in indexes and f"/{meant}" not in rights,
            )


def _looks(facts: Facts) -> tuple[Use, ...]:
    """Return the scans of tools; others, such as one that drops, are given a name by whoever calls them."""
    return tuple(use for use in uses(facts, "table-tool") if use.request.operation == "Scan")


def table_without(index: str, its_uses: tuple[Use, ...], facts: Facts) -> TableShape | None:
    """Return the table that these requests mean and that has no such index; None where one has it.

    A template's table does not help where there is a local one.
    """
    here = tables_here(facts)
    if any(shape.index(index) for shape in (here or tables_deployed(facts)).values()):
        return None
    named = [here[use.request.table] for use in its_uses if use.request.table in here]
    return named[0] if named else next(iter(here.values())) if len(here) == 1 else None


def index_meant(name: str, shape: TableShape, its_uses: tuple[Use, ...]) -> str | None:
    """Return the index that the requests mean: one with the key that they ask by, or of a similar name."""
    asked = {condition.attribute for use in its_uses for condition in use.request.conditions}
    fitting = [each.name for each in shape.indexes if asked and asked <= set(each.keys)]
    if len(fitting) == 1:
        return fitting[0]
    return nearest(name, fitting or [each.name for each in shape.indexes])


def grouped_by_index(facts: Facts) -> dict[str, tuple[Use, ...]]:
    """Return the requests on indexes, by the index's name."""
    return _grouped(uses(facts), "index")


def _grouped(every: tuple[Use, ...], what: str) -> dict[str, tuple[Use, ...]]:
    found: dict[str, list[Use]] = {}
    for use in every:
        name = use.request.table if what == "table" else use.request.index
        if name:
            found.setdefault(name, []).append(use)
    return {name: tuple(its) for name, its in found.items()}


def _all_deployed(its_uses: tuple[Use, ...]) -> bool:
    return all("stream-handler" in use.source.roles for use in its_uses)


def problem_of(wrong: WrongName) -> Problem:
    """Say which name is used where, and what the schema has."""
    first = wrong.uses[0]
    naming = that_do((use.request.place for use in wrong.uses), "names")
    declared = f" ({wrong.shape.place})" if wrong.shape.place else ""
    owner = f"the table {wrong.shape.name}" if wrong.kind == "index" else "the schema"
    if wrong.everywhere and wrong.shape.place:
        place, edits = wrong.shape.place, []
        advice = f"write {wrong.name} in place of {wrong.meant} in {place.path}, then drop the table and load it anew"
    else:
        place = _literal_line(first, wrong.name) or first.request.place
        edits = [_renamed(use, wrong) for use in wrong.uses]
        advice = f"write {wrong.meant} in place of {wrong.name}, or give the {wrong.kind} that name in the schema"
    return Problem(
        cause=f"{naming} the {wrong.kind} {wrong.name}, but {owner} has {wrong.meant}{declared}",
        place=place,
        evidence=tuple(Evidence(text=use.line, place=use.request.place) for use in wrong.uses[:5]),
        advice=advice,
        edits=tuple(dict.fromkeys(edit for edit in edits if edit)) if all(edits) else (),
    )


def _literal_line(use: Use, name: str) -> Place | None:
    lines = [number for number, line in enumerate(use.source.lines, 1) if _quoted(line, name)]
    return Place(path=use.source.path, line=lines[0]) if len(lines) == 1 else None


def _quoted(line: str, name: str) -> bool:
    return f"'{name}'" in line or f'"{name}"' in line


def _renamed(use: Use, wrong: WrongName) -> Edit | None:
    place = _literal_line(use, wrong.name)
    if place is None:
        return None
    return replace_line(use.source, place.line, line_at(use.source, place.line).replace(wrong.name, wrong.meant))


@check(
    "ACC115",
    requires={"ACC204"},
    example="""
    schema-load:       'TableName': 'cruddur-messages'
    lib/ddb.py:        table_name = 'cruddur-message'
    """,
)
def names_exist(facts: Facts) -> Iterator[Problem]:
    """Every table and index that the code names is one that the schema has.

    Write the same name in both places. The name is matched letter for letter.
    """
    for wrong in wrong_names(facts):
        # STR105 tells of the first; where the seed was run, SEED107 of the second.
        if not (wrong.only_in_handlers or (wrong.only_in_seeds and _was_run(wrong, facts))):
            yield problem_of(wrong)


def _was_run(wrong: WrongName, facts: Facts) -> bool:
    return facts.rehearsal is not None and any(facts.rehearsal.script_runs(use.source.path) for use in wrong.uses)
