"""Pattern scripts that run and show nothing, although there is something to show."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.checks.access.pattern_crashes import first_run, pattern_scripts
from harness.diagnosis.checks.access.years import year_does_not_hide_the_data
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.stored_items import GROUP, MESSAGE, items_of, text_of
from harness.project.place import Place
from harness.project.table.key_conditions import key_conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import AwsCall, ScriptRun

_USUAL = (MESSAGE, GROUP)
_READING = frozenset({"Query", "Scan", "GetItem", "BatchGetItem", "ExecuteStatement", "TransactGetItems"})


@check(
    "ACC104",
    example="""
    message_group_uuid = '5ae290ed-…-0399'
    stored:  MSG#7a1c3f0e-…-11d2 only
    """,
)
def pattern_script_shows_something(facts: Facts) -> Iterator[Problem]:
    """A pattern script asks for what the seed wrote.

    Ask for the message group, or the user, that the seed uses.
    """
    for source in pattern_scripts(facts):
        run = first_run(facts, source)
        if run is None or run.stopped or any(module.stood_in for module in run.missing):
            continue
        empty = [call for call in run.calls if call.operation == "Query" and _is_empty(call)]
        if empty and len(empty) == sum(call.operation == "Query" for call in run.calls):
            problem = _of_query(source, empty[0], facts)
            if problem is not None:
                yield problem
        elif run.ok and not run.stdout.strip() and _has_items(facts):
            yield from _of_silence(source, run)


def _is_empty(call: AwsCall) -> bool:
    return call.error is None and call.answer.get("Count") == 0


def _has_items(facts: Facts) -> bool:
    return any(True for _ in items_of(facts.held, ""))


def _of_silence(source: Source, run: ScriptRun) -> Iterator[Problem]:
    """Yield what is wrong with a script that prints nothing at all."""
    asked = [call for call in run.calls if call.operation in _READING]
    if not asked and source.tree is not None and source.tree.body:
        cause = f"{source.path} ends without an error, asks the table for nothing and prints nothing"
        advice = "call the function that asks and prints"
    elif asked and all(call.answer.get("Count") for call in asked):
        cause = f"{source.path} finds {asked[0].answer['Count']} items and prints none of them"
        advice = "print what `Items` of the answer holds"
    else:
        return
    place = asked[0].place if asked else None
    yield Problem(
        cause=cause,
        place=place or Place(path=source.path),
        evidence=(Evidence(text=f"$ {run.command}\n(no output)"),),
        advice=advice,
    )


def _of_query(source: Source, call: AwsCall, facts: Facts) -> Problem | None:
    """Say why a query found nothing; None where nothing of its kind is stored, or the reason can't be told."""
    conditions = key_conditions(call.parameters)
    asked = next((c.value for c in conditions if c.operator == "=" and c.attribute == "pk"), None)
    if not isinstance(asked, str):
        return None
    stored = sorted({text_of(item, "pk") for item in items_of(facts.held, "")})
    if asked in stored or not stored:
        return _other_sort_key(source, call, asked, facts) if stored else None
    place = call.place or Place(path=source.path)
    name = asked.partition("#")[2] or asked
    same = [pk for pk in stored if pk.partition("#")[2] == name]
    if same:
        own_fault = same[0].startswith(_USUAL) or not asked.startswith(
            _USUAL
        )  # else the seed's, of which SEED310 tells
        cause = f"{source.path} asks for pk = {asked}, and the item's key is {same[0]}: the beginning is another one"
        advice = f"write {same[0].partition('#')[0]}# before the uuid"
        evidence = _evidence(call, asked, stored)
        return Problem(cause=cause, place=place, evidence=evidence, advice=advice) if own_fault else None
    if asked.startswith(MESSAGE):
        return _other_group(source, call, asked, [pk for pk in stored if pk.startswith(MESSAGE)])
    if asked.startswith(GROUP):
        return _other_user(source, call, asked, facts)
    return Problem(
        cause=f"{source.path} asks for pk = {asked}, and no key looks like that",
        place=place,
        evidence=_evidence(call, asked, stored),
        advice="keys are MSG#<message group uuid> for messages and GRP#<user uuid> for message groups",
    )


def _other_sort_key(source: Source, call: AwsCall, asked: str, facts: Facts) -> Problem | None:
    """Say which other condition lets nothing through, where ACC105 does not."""
    told = {
        evidence.place.path
        for each in year_does_not_hide_the_data.look(facts)
        for evidence in each.evidence
        if evidence.place
    }
    if source.path in told or (call.place and call.place.path in told):
        return None
    sort_keys = sorted(text_of(item, "sk") for item in items_of(facts.held, "") if text_of(item, "pk") == asked)
    others = [c for c in key_conditions(call.parameters) if c.attribute != "pk"]
    if not others and "FilterExpression" not in call.parameters:
        return None
    what = " and ".join(f"{c.attribute} {c.operator} {c.value}" for c in others) or str(
        call.parameters["FilterExpression"]
    )
    return Problem(
        cause=f"{source.path} asks for {asked} with {what}; of {len(sort_keys)} items there, {sort_keys[0]} to "
        f"{sort_keys[-1]}, none is so",
        place=call.place or Place(path=source.path),
        evidence=_evidence(call, asked, sort_keys),
        advice="take the condition out, or ask for what is stored",
    )


def _other_group(source: Source, call: AwsCall, asked: str, stored: list[str]) -> Problem | None:
    if not stored:
        return None
    name = asked.removeprefix(MESSAGE)
    lines = [number for number, line in enumerate(source.lines, 1) if name and name in line]
    place = Place(path=source.path, line=lines[0]) if lines else call.place or Place(path=source.path)
    there = ", ".join(pk.removeprefix(MESSAGE) for pk in stored[:3])
    edits: tuple[Edit, ...] = ()
    if len(stored) == 1 and len(lines) == 1:
        new = line_at(source, lines[0]).replace(name, stored[0].removeprefix(MESSAGE))
        edits = (replace_line(source, lines[0], new),)
    return Problem(
        cause=f"{place} asks for the message group {name}, and the seed wrote the message group {there}",
        place=place,
        evidence=_evidence(call, asked, stored),
        advice=f"write {stored[0].removeprefix(MESSAGE)} in its place",
        edits=edits,
    )


def _other_user(source: Source, call: AwsCall, asked: str, facts: Facts) -> Problem | None:
    owners = sorted({text_of(item, "pk").removeprefix(GROUP) for item in items_of(facts.held, GROUP)})
    rows = facts.held.users.rows if facts.held.users else ()
    by_uuid = {str(row.get("uuid")): str(row.get("handle")) for row in rows}
    if not owners or not all(owner in by_uuid for owner in owners):
        return None  # the seed wrote users that nobody has
    name = asked.removeprefix(GROUP)
    if name not in by_uuid and asks_in_vain(facts, source.path):
        return None  # nobody has the handle that it looked up, which SEED101 tells
    if any(text_of(item, "user_uuid") == name for item in items_of(facts.held, GROUP)):
        return None  # one of the two rows is missing, which SEED301 tells
    if name == "None" and (lookup := _answers_nothing(source)) is not None:
        return _nobody_asked_for(source, call, asked, lookup)
    having = ", ".join(by_uuid[owner] for owner in owners if owner in by_uuid)
    who = f"the user {by_uuid[name]}" if name in by_uuid else f"the user {name}, whom the table users does not have"
    handle = by_uuid.get(name)
    lines = [n for n, line in enumerate(source.lines, 1) if handle and (f"'{handle}'" in line or f'"{handle}"' in line)]
    return Problem(
        cause=f"{source.path} asks for the message groups of {who}; the seed wrote groups for {having}",
        place=Place(path=source.path, line=lines[0]) if lines else call.place or Place(path=source.path),
        evidence=_evidence(call, asked, [GROUP + owner for owner in owners]),
        advice=f"ask for one of {having}, or let the seed write a message group for the other one",
    )


def _answers_nothing(source: Source) -> ast.FunctionDef | None:
    """Return the one function of the script that looks something up and has no `return` for it."""
    found = [
        node
        for node in source.nodes
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Call) for each in ast.walk(node))
        and not any(isinstance(each, ast.Return) and each.value is not None for each in ast.walk(node))
    ]
    used = {name for node in source.nodes if isinstance(node, ast.Assign) for name in _called(node.value)}
    found = [node for node in found if node.name in used]
    return found[0] if len(found) == 1 else None


def _called(node: ast.expr) -> tuple[str, ...]:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return (name,)
    return ()


def _nobody_asked_for(source: Source, call: AwsCall, asked: str, lookup: ast.FunctionDef) -> Problem:
    place = Place(path=source.path, line=lookup.lineno)
    return Problem(
        cause=f"{source.path} asks for pk = {asked}: {lookup.name}() in {place} looks the user up and returns nothing",
        place=place,
        evidence=(
            Evidence(text=line_at(source, lookup.lineno).strip(), place=place),
            Evidence(text=f"Query pk = {asked}: Count 0", place=call.place),
        ),
        advice=f"End {lookup.name}() with `return` and what it found.",
    )


def _evidence(call: AwsCall, asked: Any, stored: list[str]) -> tuple[Evidence, ...]:
    more = f" and {len(stored) - 3} more" if len(stored) > 3 else ""  # noqa: PLR2004 - three examples are enough
    return (
        Evidence(text=f"Query pk = {asked}: Count 0", place=call.place),
        Evidence(text=f"stored: {', '.join(stored[:3])}{more}"),
    )
