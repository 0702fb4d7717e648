"""Pattern scripts that crash by their own code."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.missing_names import name_problem
from harness.diagnosis.raised_advice import advice_for
from harness.diagnosis.stored_items import GROUP, MESSAGE, handles, instants, items_of, text_of
from harness.diagnosis.timestamp_formats import format_problem
from harness.project.place import Place
from harness.project.python.undefined_names import undefined_names
from harness.project.table.requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun, Traceback

#: Of these the cause lies elsewhere: in the environment, in the schema, or in what was loaded.
_ELSEWHERE = re.compile(
    r"^(psycopg|botocore|boto3|requests|urllib3|OSError|ConnectionError|ConnectionRefusedError|socket|ModuleNotFoundError|"
    r"ImportError|FileNotFoundError|PermissionError|TimeoutError|KeyboardInterrupt|SystemExit|EnvironmentError)"
)
#: ACC102 and ACC106.
_TOLD_BETTER = ("time data", "unconverted data", "Invalid type for parameter")
#: Of messages and group rows.
_ATTRIBUTES = frozenset(
    {"message", "message_uuid", "message_group_uuid", "user_uuid", "user_display_name", "user_handle"}
)
_NAMES = frozenset({"NameError", "UnboundLocalError"})


@check(
    "ACC101",
    example="""
    items = response['Items']
    for item in reversed_array:      # nothing assigns reversed_array
    """,
)
def names_are_defined(facts: Facts) -> Iterator[Problem]:
    """A pattern script uses only names that it defines or imports.

    Import or assign the name before it is used.
    """
    for source in pattern_scripts(facts):
        run = first_run(facts, source)
        if run is not None and run.ok:
            continue
        seen = set()
        for name in undefined_names(source):
            if name.id not in seen:
                seen.add(name.id)
                yield name_problem(source, name.id, Place(path=source.path, line=name.lineno), run)
        crash = run.traceback if run else None
        named = re.search(r"'(\w+)'", crash.message) if crash and crash.kind in _NAMES else None
        if crash and crash.at and named and named[1] not in seen and crash.at.place.path == source.path:
            yield name_problem(source, named[1], crash.at.place, run)


@check(
    "ACC102",
    example="""
    datetime.strptime(item['sk']['S'], '%Y-%m-%dT%H:%M:%S.%f%z')
    stored:  2023-04-05T12:00:00.123456
    """,
)
def format_fits_what_is_stored(facts: Facts) -> Iterator[Problem]:
    """A pattern script reads timestamps in the format in which they are stored.

    `datetime.fromisoformat(text)` reads them with and without a fraction or an offset.
    """
    for source in pattern_scripts(facts):
        run = first_run(facts, source)
        if run is None or not run.ok or _found_nothing(run):
            problem = format_problem(source, facts, run)
            if problem is not None:
                yield problem


@check(
    "ACC103",
    requires={"ACC204", "ACC205"},
    example="""
    for item in response['items']:      # KeyError: 'items'; the answer has Items
    """,
)
def pattern_script_runs(facts: Facts) -> Iterator[Problem]:
    """A pattern script comes to its end.

    Mend the line where it stops; the last line of the traceback says why.
    """
    for source in pattern_scripts(facts):
        run = first_run(facts, source)
        if source.syntax_error is not None:
            yield _syntax(source)
        elif run is not None and run.traceback is not None and _own_fault(run.traceback, source, facts):
            yield _crash(source, run, run.traceback, facts)


def pattern_scripts(facts: Facts) -> tuple[Source, ...]:
    """Return the pattern scripts that are Python."""
    found = facts.project.with_role("pattern-messages", "pattern-groups") if facts.project else ()
    return tuple(source for source in found if source.language == "python")


def first_run(facts: Facts, source: Source) -> ScriptRun | None:
    """Return the script's run after the first load, or the one that there is."""
    runs = facts.rehearsal.script_runs(source.path) if facts.rehearsal else ()
    return runs[0] if runs else None


def _found_nothing(run: ScriptRun) -> bool:
    return all(call.answer.get("Count") == 0 for call in run.calls if call.operation == "Query")


def _own_fault(crash: Traceback, source: Source, facts: Facts) -> bool:
    """Tell whether the cause lies in the code that stopped, and no other check tells it better."""
    here = crash.at is not None and crash.at.place.path == source.path
    if crash.at is None or not instants(facts.held):
        return False
    if crash.kind in _NAMES:
        return not here  # else ACC101
    if any(words in crash.message for words in _TOLD_BETTER) or _stored_so(crash, facts):
        return False
    if "NoneType" in crash.message:
        return here and _everybody_is_there(source, facts)
    if "(ValidationException)" in crash.message:
        return not any(request.index for request in requests_of(source))
    return crash.kind.endswith("ParamValidationError") or not _ELSEWHERE.match(crash.kind)


def _stored_so(crash: Traceback, facts: Facts) -> bool:
    """Tell whether it stops at what the seed wrote, of which SEED207, SEED311 and SEED312 tell."""
    named = re.search(r"'([^']*)'", crash.message)
    stored = [*items_of(facts.held, MESSAGE), *items_of(facts.held, GROUP)]
    if named is None:
        return False
    if crash.kind == "ValueError":
        return named[1] in {text_of(item, "sk") for item in stored}
    if crash.kind != "KeyError":
        return False
    if named[1] == "S":
        return any("S" not in value for item in stored for value in item.values())
    return named[1] in _ATTRIBUTES and any(named[1] not in item for item in stored if _has(item, named[1]))


def _has(item: Mapping[str, Any], attribute: str) -> bool:
    """Tell whether an item of this kind is to have the attribute."""
    of_messages, of_groups = "message_uuid", "message_group_uuid"
    return attribute != (of_groups if text_of(item, "pk").startswith(MESSAGE) else of_messages)


def _everybody_is_there(source: Source, facts: Facts) -> bool:
    """Tell whether the script asks for handles that users have, so that nobody missing is the cause."""
    known = handles(facts.held)
    texts = {n.value for n in ast.walk(source.tree or ast.Module([], [])) if isinstance(n, ast.Constant)}
    return bool(texts & known)


def _crash(source: Source, run: ScriptRun, crash: Traceback, facts: Facts) -> Problem:
    place = crash.at.place if crash.at else Place(path=source.path)
    line = crash.at.text.strip() if crash.at and crash.at.text else code_line(source, place.line)
    return Problem(
        cause=f"{source.path} stops in line {place.line} with {crash.kind}: {_short(crash.message)}",
        place=place,
        evidence=(
            Evidence(text=line, place=place),
            Evidence(text=f"$ {run.command}\n{crash.kind}: {_short(crash.message)}"),
        ),
        advice=advice_for(crash, facts.project),
    )


def _syntax(source: Source) -> Problem:
    error = source.syntax_error
    line = (error.lineno or 0) if error else 0
    place = Place(path=source.path, line=line)
    return Problem(
        cause=f"Python can't read {place}: {error.msg if error else ''}",
        place=place,
        evidence=(Evidence(text=code_line(source, line), place=place),),
    )


def _short(text: str) -> str:
    return " ".join(text.split())[:300]
