"""Scripts that list the users of the Cognito pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.project.place import Place
from harness.project.python.selected_attributes import unguarded_lookups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts

_HANDLE = "preferred_username"


@check(
    "SEED108",
    severity="warning",
    example="""
    handle = next((a for a in user['Attributes'] if a['Name'] == 'preferred_username'), None)
    users[handle['Value']] = sub['Value']      # TypeError: 'NoneType' object is not subscriptable
    """,
)
def pool_users_may_have_no_handle(facts: Facts) -> Iterator[Problem]:
    """A script that lists the users of the pool copes with one that has no preferred_username.

    Pass such a user over, with their Username printed, before the attribute is used; and give them one that is a handle of
    users: `aws cognito-idp admin-update-user-attributes --user-pool-id ID --username NAME --user-attributes
    Name=preferred_username,Value=HANDLE`.
    """
    sources = facts.project.with_role("users-tool") if facts.project is not None else ()
    every = [(source, each) for source in sources for each in unguarded_lookups(source, _HANDLE)]
    if every:
        source, first = every[0]
        others = sorted({each.path for each, _ in every} - {source.path})
        yield Problem(
            cause=f"{source.path} takes for granted that every user of the pool has a {_HANDLE}: a single one without it, "
            f"such as one made by hand, ends the script at {first.text} with {first.error}"
            + (f"; the same in {', '.join(others)}" if others else ""),
            place=Place(path=source.path, line=first.line),
            evidence=tuple(
                Evidence(text=code_line(each, lookup.line), place=Place(path=each.path, line=lookup.line))
                for each, lookup in every
            ),
        )
