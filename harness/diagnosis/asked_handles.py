"""The users that scripts ask for by handle, against those that there are and those that failing SQL would have made."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.seed_runs import puts
from harness.project.seed.handles import Asked, handles_asked
from harness.project.sql.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.held import Relation
    from harness.project.roles import Role
    from harness.project.source import Source

#: Scripts that look users up.
ASKING: tuple[Role, ...] = ("table-seed", "pattern-messages", "pattern-groups")


def readable_users(facts: Facts) -> Relation | None:
    """Return the users where all of them were read and they have handles."""
    users = facts.held.users
    if users is None or users.count > len(users.rows):
        return None
    return users if any(column.name == "handle" for column in users.columns) else None


def handles_of(users: Relation) -> frozenset[str]:
    """Return the handles that there are."""
    return frozenset(str(row["handle"]) for row in users.rows if row.get("handle") is not None)


def asked_handles(facts: Facts) -> dict[str, list[Asked]]:
    """Return the handles that scripts ask for; of a script that found whom it asked for, none."""
    asked: dict[str, list[Asked]] = defaultdict(list)
    sources = facts.project.with_role(*ASKING) if facts.project else ()
    for source in sorted(sources, key=lambda source: "table-seed" not in source.roles):
        if not _found_whom_it_asked_for(facts, source):
            for each in handles_asked(source):
                asked[each.handle].append(each)
    return asked


def missing_handles(facts: Facts) -> dict[str, tuple[Asked, ...]]:
    """Return the handles that no user has, each with where it is asked for; those that failing SQL explains are left out."""
    users = readable_users(facts)
    if users is None:
        return {}
    asked = asked_handles(facts)
    missing = asked.keys() - handles_of(users) - promised(facts)
    return {handle: tuple(asked[handle]) for handle in sorted(missing, key=lambda name: asked[name][0].place)}


def asks_in_vain(facts: Facts, path: str) -> bool:
    """Tell whether a script asks for a user who is not there, for whatever reason: what it does then follows from that."""
    source = facts.project.find(path) if facts.project else None
    if source is None or source.roles.isdisjoint(ASKING):
        return False
    users = facts.held.users
    if users is None or (readable_users(facts) is not None and not users.rows):
        lost = facts.rehearsal is not None and any(run.errors or run.exit_code for run in facts.rehearsal.sql)
        return lost or (users is not None and bool(handles_asked(source)))
    if readable_users(facts) is None or _found_whom_it_asked_for(facts, source):
        return False
    return any(each.handle not in handles_of(users) for each in handles_asked(source))


def promised(facts: Facts) -> frozenset[str]:
    """Return the texts that failing SQL would have written: that they are not there is the business of the SQL checks."""
    errors = [error for run in facts.rehearsal.sql for error in run.errors] if facts.rehearsal else []
    seeds = facts.project.with_role("sql-seed") if errors and facts.project else ()
    texts = (*(error.statement for error in errors), *(source.text for source in seeds))
    return frozenset(literal for text in texts for literal in _written(text))


def _written(text: str) -> Iterator[str]:
    """Yield the texts of a piece of SQL but for those that it compares with: who is looked for is not made by that."""
    found = list(tokens(text))
    for number, token in enumerate(found):
        before = [each.text.upper() for each in found[max(number - 2, 0) : number]]
        if token.string is not None and before[-1:] not in (["="], ["LIKE"], ["ILIKE"]) and before != ["IN", "("]:
            yield token.string


def _found_whom_it_asked_for(facts: Facts, source: Source) -> bool:
    """Tell whether a script worked: a handle that it names all the same is of no use to it."""
    for run in facts.rehearsal.script_runs(source.path)[:1] if facts.rehearsal else ():
        wrote = any(put.entry for put in puts(run))
        read = any(call.operation == "Query" and call.answer.get("Count") for call in run.calls)
        return run.ok and (wrote or read)
    return False
