"""What a pattern asks at places of a record where it can't be had, or where it means something else."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.streams.caution import Caution
from harness.streams.filters.anatomy import DESCRIPTORS, KINDS, RECORD, Leaf, Names, below, can_hold
from harness.streams.filters.match import compile_rules
from harness.streams.filters.pattern import Fields, Path
from harness.streams.filters.rule import Bound, Rule, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.streams.filters.anatomy import Shape

    Cautions = Iterator[Caution]

#: EventBridge's limit as long as it told one; Lambda tells none.
_LARGEST = 5e9
_UNLISTED = ("wildcard", "cidr")
_ITEMS = ("Keys", "NewImage", "OldImage")


def judge_places(root: Fields) -> Cautions:
    """Go through a pattern; say what is strange at which place."""
    yield from _judge(root, (), RECORD)


def _judge(fields: Fields, path: Path, shape: Shape) -> Cautions:
    for name, inner in fields.fields:
        here = (*path, name)
        there = below(shape, name)
        if there is None:
            yield _nowhere(here, shape, name)
            continue
        if here == ("eventSourceARN",):
            yield Caution(
                code="filter-undocumented-key",
                text="eventSourceARN is matched here; whether AWS adds it before it filters is not documented.",
            )
        if isinstance(inner, Fields):
            if shape is Names.VALUE and name == "L" and _tests_in(inner) > 1:
                yield _of_elements(here)
            yield from _judge(inner, here, there)
        else:
            yield from _judge_rules(inner, here, there)
    for alternative in fields.alternatives:
        yield from _judge(alternative, path, shape)


def _judge_rules(rules: tuple[Rule, ...], path: Path, shape: Shape) -> Cautions:
    where = ".".join(path)
    for rule in rules:
        yield from _of_operator(rule, where)
    if not isinstance(shape, Leaf):
        yield from _above_a_leaf(rules, where, shape)
        return
    for rule in rules:
        yield from _of_value(rule, path, shape)
    if path == ("eventName",) and not any(compile_rules(rules)(kind) for kind in KINDS):
        yield Caution(
            code="filter-event-name", text=f"eventName is {', '.join(KINDS[:2])} or {KINDS[2]}; none of them passes."
        )


def _nowhere(path: Path, shape: Shape, name: str) -> Caution:
    where = ".".join(path)
    if isinstance(shape, Leaf):
        return Caution(
            code="filter-unknown-key",
            text=f"{where}: {path[-2]} is {shape.value} in a record, so nothing stands below it.",
        )
    if shape is Names.VALUE:
        return Caution(
            code="filter-type-descriptor",
            text=f"{where}: below an attribute stands its type, one of {', '.join(DESCRIPTORS)}, not {name}"
            f' (for text: {{"{path[-2]}": {{"S": […]}}}}; for a map: M, and then the name).',
        )
    known = [] if shape is Names.ITEM else list(shape)
    spelled = {each.casefold().replace("_", ""): each for each in known}
    close = get_close_matches(name.casefold().replace("_", ""), spelled, n=1)
    meant = f"; {spelled[close[0]]} is meant, perhaps" if close else f"; there are {', '.join(known)}"
    return Caution(
        code="filter-unknown-key",
        text=f"{where}: no record has {name} there{meant}. Only exists: false can pass there.",
    )


def _above_a_leaf(rules: tuple[Rule, ...], where: str, shape: Shape) -> Cautions:
    example = f'{where}.S: [{{"exists": …}}]' if shape is Names.VALUE else "a value in it that is always there"
    outcomes = {rule.operand for rule in rules if rule.operator == "exists"}
    if outcomes:
        always = (
            "exists: false passes always, also where it is there" if False in outcomes else "exists: true never does"
        )
        yield Caution(
            code="filter-exists-not-leaf",
            text=f"{where} is an object, and exists sees values only: {always}. Test {example}.",
        )
    if all(rule.operator == "exists" for rule in rules):
        return
    if shape is Names.VALUE:
        yield Caution(
            code="filter-type-descriptor",
            text=f'{where}: the type is missing; a record has {{"S": "…"}} there, so the rules belong into '
            f"{where}.S (or {', '.join(kind for kind in DESCRIPTORS if kind != 'S')}).",
        )
    else:
        yield Caution(
            code="filter-unknown-key",
            text=f"{where} is an object in a record, and rules see values only: they never pass.",
        )


def _of_operator(rule: Rule, where: str) -> Cautions:
    ignoring_case = isinstance(rule.operand, Rule)
    inner = [each for each in rule.operand if each.operator != "equals"] if rule.operator == "anything-but" else []
    if rule.operator in _UNLISTED or ignoring_case or inner:
        name = f"anything-but with {inner[0].operator}" if inner else rule.operator
        yield Caution(
            code="filter-unlisted-operator",
            text=f"{where}: {name}{' without regard to case' if ignoring_case else ''} is EventBridge's; Lambda's list of "
            "operators doesn't name it, and AWS may refuse the filter.",
        )
    large = [number for number in _numbers(rule) if abs(number) > _LARGEST]
    if large:
        yield Caution(
            code="filter-number-range",
            text=f"{where}: {large[0]} is beyond ±5e9, where AWS may refuse the filter. Times in records are in seconds.",
        )


def _of_value(rule: Rule, path: Path, leaf: Leaf) -> Cautions:
    where = ".".join(path)
    in_item = path[0] == "dynamodb" and path[1] in _ITEMS
    excluding = rule.operator == "anything-but"
    if any(can_hold(each, leaf) for each in (rule.operand if excluding else (rule,))):
        return
    outcome = "excludes nothing" if excluding else "never passes"
    if in_item and leaf is Leaf.TEXT and _numbers(rule):
        yield Caution(
            code="filter-number-is-text",
            text=f'{where}: records carry the numbers of items as text ({{"N": "42"}}), so {_shown(rule)} {outcome}. '
            'Compare with text (["42"]), or test in the function.',
        )
    else:
        yield Caution(
            code="filter-value-type", text=f"{where} is {leaf.value} in a record, so {_shown(rule)} {outcome}."
        )


def _of_elements(path: Path) -> Caution:
    return Caution(
        code="filter-list-elements",
        text=f"{'.'.join(path)}: several tests below one list; here different elements may meet them. Whether AWS asks for "
        "one element that meets all is not documented for Lambda (EventBridge does).",
    )


def _tests_in(fields: Fields) -> int:
    """Count the rule lists that one record has to meet together."""
    own = sum(_tests_in(inner) if isinstance(inner, Fields) else 1 for _, inner in fields.fields)
    return own + max(map(_tests_in, fields.alternatives), default=0)


def _numbers(rule: Rule) -> list[float]:
    if isinstance(rule.operand, tuple):
        return [
            number for each in rule.operand for number in ([each.number] if isinstance(each, Bound) else _numbers(each))
        ]
    return [rule.operand] if is_number(rule.operand) else []


def _shown(rule: Rule) -> str:
    if rule.operator != "equals":
        return rule.operator
    return f"the {type(rule.operand).__name__} {rule.operand!r}" if rule.operand is not None else "null"
