"""Which kinds of change a filter can let through at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.filters.anatomy import KINDS, RECORD, Leaf, below, can_hold, images
from harness.streams.filters.match import compile_rules
from harness.streams.filters.pattern import Fields, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.streams.filters.anatomy import Shape
    from harness.streams.filters.rule import Rule

    Judge = Callable[[Path, tuple[Rule, ...], str], bool]


def asked(roots: Iterable[Fields]) -> list[str]:
    """Return the values of eventName that the patterns mean to let through."""
    return _kinds(roots, _asks_for)


def carried(roots: Iterable[Fields], view_type: str | None = None) -> list[str]:
    """Return those of `asked` whose records have the images that the patterns look into."""
    return _kinds(roots, lambda path, rules, kind: _is_there(path, rules, kind, view_type))


def possible(roots: Iterable[Fields], view_type: str | None = None) -> list[str]:
    """Return those of `carried` that also can have the values that the patterns ask for."""
    return _kinds(
        roots, lambda path, rules, kind: _is_there(path, rules, kind, view_type) and _can_be(path, rules, view_type)
    )


def _kinds(roots: Iterable[Fields], judge: Judge) -> list[str]:
    roots = list(roots)
    return [kind for kind in KINDS if any(_passes(root, judge, kind, ()) for root in roots)]


def _passes(fields: Fields, judge: Judge, kind: str, path: Path) -> bool:
    """Walk as a match does, with a judge in the place of values. Contradictions between two places go unseen."""
    for name, inner in fields.fields:
        here = (*path, name)
        if not (_passes(inner, judge, kind, here) if isinstance(inner, Fields) else judge(here, inner, kind)):
            return False
    return not fields.alternatives or any(_passes(inner, judge, kind, path) for inner in fields.alternatives)


def _asks_for(path: Path, rules: tuple[Rule, ...], kind: str) -> bool:
    if path == ("eventName",):
        return compile_rules(rules)(kind)
    # Only deletions by time to live have it.
    return path[0] != "userIdentity" or kind == "REMOVE" or _may_be_absent(rules)


def _is_there(path: Path, rules: tuple[Rule, ...], kind: str, view_type: str | None) -> bool:
    lacking = {"NewImage", "OldImage"} - images(kind, view_type)
    in_lacking_image = path[0] == "dynamodb" and path[1:2] and path[1] in lacking
    return _asks_for(path, rules, kind) and (not in_lacking_image or _may_be_absent(rules))


def _can_be(path: Path, rules: tuple[Rule, ...], view_type: str | None) -> bool:
    if path == ("dynamodb", "StreamViewType") and view_type is not None:
        return compile_rules(rules)(view_type)
    shape: Shape | None = RECORD
    for name in path:
        shape = below(shape, name) if shape is not None else None
    return _may_be_absent(rules) or (isinstance(shape, Leaf) and any(can_hold(rule, shape) for rule in rules))


def _may_be_absent(rules: tuple[Rule, ...]) -> bool:
    return compile_rules(rules)([])
