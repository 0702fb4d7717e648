"""Names in the code of the application that nothing binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.missing_names import name_problem
from harness.project.place import Place
from harness.project.python.undefined_names import undefined_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Problem
    from harness.project.roles import Role

_SERVING: tuple[Role, ...] = ("application", "table-library", "db-library")
#: These have checks of their own.
_OTHERS: frozenset[Role] = frozenset({"pattern-messages", "pattern-groups", "table-seed", "stream-handler", "lambda"})


@check(
    "ACC121",
    severity="warning",
    example="""
    def run(mode, message, cognito_user_id, user_receiver_handle=None):
        if message is None:
            return {'errors': ['message_blank'], 'data': {'handle': user_sender_handle}}     # NameError: 500, not 422
    """,
)
def application_defines_its_names(facts: Facts) -> Iterator[Problem]:
    """The code of the application uses only names that it defines or imports.

    Write the name that is meant, or import it: whoever comes to this line gets a NameError, which Flask answers with 500.
    """
    for source in facts.project.with_role(*_SERVING) if facts.project is not None else ():
        seen = set()
        for name in undefined_names(source) if source.roles.isdisjoint(_OTHERS) else ():
            if name.id not in seen:
                seen.add(name.id)
                yield name_problem(source, name.id, Place(path=source.path, line=name.lineno), guess=False)
