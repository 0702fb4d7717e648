"""Scripts that fail for a reason that no other check looks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.checks.environment.rehearsal import first_runs, last_output
from harness.diagnosis.checks.sql.templates import loads_a_spoilt_query
from harness.diagnosis.finding import Evidence, Problem
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun, Traceback

#: What a script's own logic raises, which SEED102 and ACC103 tell of.
_OF_THE_CODE = re.compile(
    r"(?:Type|Name|UnboundLocal|Key|Index|Attribute|Value|ZeroDivision|Runtime|Assertion|Recursion|Lookup|EOF)Error\Z"
    r"|StopIteration\Z|(?:\w+\.)*Exception\Z"
)
#: Words of such errors that tell of the machine, of an address, of a right.
_ELSEWHERE = re.compile(
    r"connect|credential|region|refused|resolve|No module|permission|timed? ?out|environ|getenv", re.IGNORECASE
)
#: What checks of tables, items and users explain.
_OF_THE_DATA = re.compile(r"ClientError|\w+(?:NotFound|InUse|Validation)Exception|ParamValidationError|NoneType")
#: ACC206 and SQL301.
_TOLD_ELSEWHERE = re.compile(r"Unknown parameter in input: .LocalSecondaryIndex|SyntaxError syntax error at or near .;")
_SCRIPTS_WITH_CHECKS = frozenset({"table-seed", "pattern-messages", "pattern-groups"})
_LONGEST = 300


@check(
    "ENV390",
    requires={"ENV210", "ENV212"},
    example="bin/ddb/schema-load: KeyError: 'TABLE_NAME'",
)
def scripts_end_without_an_error(facts: Facts) -> Iterator[Problem]:
    """No script ends with an error that nothing else explains.

    The last line of the traceback says what it was; the line named here is where it came out of the project.
    """
    sql_failed = _sql_failed(facts)
    for run in first_runs(facts):
        source = facts.project.find(run.path) if facts.project is not None else None
        explained = (sql_failed and _is_about_sql(run)) or _is_explained(run, source)
        if run.ok or run.stopped or run.refused or run.lacks_arguments or explained:
            continue
        # Who says that a user is missing, and ends, is right to.
        if not asks_in_vain(facts, run.path) and not (_is_of_a_query(run) and loads_a_spoilt_query(facts, run.path)):
            yield _problem(run)


def _sql_failed(facts: Facts) -> bool:
    """Whether schema or seed of Postgres lost statements: then what scripts ask for may not be there."""
    return facts.rehearsal is not None and any(run.errors for run in facts.rehearsal.sql if run.pass_ == 1)


def _is_about_sql(run: ScriptRun) -> bool:
    """Whether it said by itself that something is missing, or Postgres did."""
    return run.traceback is None or run.traceback.kind.startswith("psycopg")


def _is_of_a_query(run: ScriptRun) -> bool:
    """Whether a query could not be read, or not be found: SQL306 to SQL308."""
    kind = run.traceback.kind if run.traceback is not None else ""
    return kind.startswith("psycopg") or kind == "FileNotFoundError"


def _is_explained(run: ScriptRun, source: Source | None) -> bool:
    """Whether another check has its eye on this kind of failure."""
    if _lacks_a_package(run):
        return True
    roles = source.roles if source is not None else frozenset()
    if source is not None and source.syntax_error is not None:
        return bool(roles & _SCRIPTS_WITH_CHECKS)
    if run.traceback is None:
        return False
    text = f"{run.traceback.kind} {run.traceback.message}"
    if (any(call.error for call in run.calls) and _OF_THE_DATA.search(text)) or _TOLD_ELSEWHERE.search(text):
        return True
    return bool(roles & _SCRIPTS_WITH_CHECKS) and _is_of_the_code(run.traceback, text, is_seed="table-seed" in roles)


def _is_of_the_code(traceback: Traceback, text: str, *, is_seed: bool) -> bool:
    line = traceback.at.text if traceback.at is not None else ""
    if is_seed and _ELSEWHERE.search(f"{traceback.message} {line}"):
        return False
    return _OF_THE_CODE.search(traceback.kind) is not None or _OF_THE_DATA.search(text) is not None


def _lacks_a_package(run: ScriptRun) -> bool:
    """Whether a package that is not installed here ended it: that is no fault of the project."""
    message = run.traceback.message if run.traceback is not None else run.stderr
    return any(f"'{each.name}'" in message for each in run.missing)


def _problem(run: ScriptRun) -> Problem:
    traceback = run.traceback
    if traceback is None:
        last = next((line for line in reversed(run.stderr.splitlines()) if line.strip()), "")
        told = f": {_short(last)}" if last else ""
        return Problem(
            cause=f"{run.path} ends with exit code {run.exit_code}{told}",
            evidence=(last_output(run),),
            place=Place(path=run.path),
        )
    at = traceback.at
    error = f"{traceback.kind}: {_short(traceback.message)}"
    return Problem(
        cause=f"{run.path} ends with {error}",
        evidence=(
            *((Evidence(text=at.text.strip(), place=at.place),) if at is not None else ()),
            Evidence(text=f"{run.command}: {error}"),
        ),
        place=at.place if at is not None else Place(path=run.path),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
