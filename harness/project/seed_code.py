"""How a seed script writes its messages: the text they are cut from, and where the write stands."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.table_requests import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.scopes import Scopes
    from harness.project.source import Source

_PUTS = frozenset({"put_item", "batch_write_item", "transact_write_items", "update_item"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SPOKEN = re.compile(r"\s*(?P<speaker>[^\s:][^:\n]{0,30}?)\s*:\s*\S")
_MESSAGE_CALL = re.compile(r"message", re.IGNORECASE)
_GROUP_CALL = re.compile(r"group|conversations?$|users?$", re.IGNORECASE)
_FEWEST_LINES = 3
_MOST_SPEAKERS = 6
_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A conversation that stands in the code as one text."""

    #: Each line of it, as it is, with the number of its line in the file.
    lines: tuple[tuple[int, str], ...]
    #: What the lines begin with, the most frequent first.
    speakers: tuple[str, ...]

    @property
    def said(self) -> tuple[tuple[int, str], ...]:
        """The lines that have somebody speaking."""
        return tuple((number, line) for number, line in self.lines if _SPOKEN.match(line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """An `if line.startswith("Person 1: ")`."""

    prefix: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A place that writes messages: the request itself, or a call that leads to it."""

    line: int
    #: Of the innermost loop around it, or around a call that leads to it.
    loop: int | None
    #: Of the statement that is always left at, right before it.
    unreachable_after: int | None
    #: Of the innermost `if`, inside of that loop, that it stands in.
    branch: int | None


@lru_cache(maxsize=256)
def spoken_text(source: Source) -> Spoken | None:
    """Return the longest text in which people speak line by line."""
    if source.tree is None:
        return None
    texts = (node for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    found = [spoken for node in texts if (spoken := _spoken(node, source)) is not None]
    return max(found, key=lambda each: len(each.lines), default=None)


@lru_cache(maxsize=256)
def prefix_tests(source: Source) -> tuple[Test, ...]:
    """Return what lines are tested to begin with."""
    found: list[Test] = []
    for node in ast.walk(source.tree) if source.tree else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Constant(value=str(prefix)), *_]):
                found.append(Test(prefix=prefix, line=node.lineno))
            case ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Tuple(elts=several), *_]):
                found += [
                    Test(prefix=each.value, line=each.lineno)
                    for each in several
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
    return tuple(sorted(found, key=lambda test: test.line))


@lru_cache(maxsize=256)
def message_writes(source: Source) -> tuple[Write, ...]:
    """Return the places at which messages are written; none where the code doesn't tell."""
    return _writes(source, "MSG")


@lru_cache(maxsize=256)
def group_writes(source: Source) -> tuple[Write, ...]:
    """Return the places at which group rows are written; none where the code doesn't tell."""
    return _writes(source, "GRP")


def _writes(source: Source, prefix: str) -> tuple[Write, ...]:
    scopes = scopes_of(source)
    if scopes is None:
        return ()
    calls = [node for node in ast.walk(scopes.tree) if isinstance(node, ast.Call)]
    requests = [call for call in calls if _name(call) in _PUTS]
    starts = [call for call in requests if _is_about(call, prefix, scopes)]
    if not requests:
        named = [call for call in calls if _MESSAGE_CALL.search(_name(call))]
        starts = [call for call in named if bool(_GROUP_CALL.search(_name(call))) == (prefix == "GRP")]
    chains = [chain for call in starts for chain in _chains(call, calls, scopes)]
    return tuple(sorted({_write(chain, scopes) for chain in chains}, key=lambda write: write.line))


@lru_cache(maxsize=256)
def uncalled_writers(source: Source) -> tuple[ast.FunctionDef, ...]:
    """Return the functions that write and that nothing in the file calls or hands on."""
    scopes = scopes_of(source)
    if scopes is None:
        return ()
    used = {node.id for node in ast.walk(scopes.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    used |= {node.attr for node in ast.walk(scopes.tree) if isinstance(node, ast.Attribute)}
    reaching = _reaching(scopes)
    return tuple(
        node
        for node in scopes.tree.body
        if isinstance(node, ast.FunctionDef) and node.name not in used and node.name in reaching
    )


def loops(source: Source) -> tuple[int, ...]:
    """Return the lines of the loops of a file."""
    return (
        tuple(sorted(node.lineno for node in ast.walk(source.tree) if isinstance(node, _LOOPS))) if source.tree else ()
    )


def _reaching(scopes: Scopes) -> set[str]:
    """Return the names of the functions that put, themselves or through others of the file."""
    calls = [node for node in ast.walk(scopes.tree) if isinstance(node, ast.Call)]
    names: set[str] = set()
    while True:
        more = {
            function.name
            for call in calls
            if (_name(call) in _PUTS or _name(call) in names) and (function := scopes.function_of(call)) is not None
        }
        if more <= names:
            return names
        names |= more


def _spoken(node: ast.Constant, source: Source) -> Spoken | None:
    text = str(node.value)
    rows = [line for line in text.split("\n") if line.strip()]
    found = Counter(match["speaker"] for line in rows if (match := _SPOKEN.match(line)))
    speakers = [speaker for speaker, count in found.most_common() if count > 1]
    enough = len(rows) >= _FEWEST_LINES and sum(found[speaker] for speaker in speakers) >= 0.6 * len(rows)
    if not enough or not 1 <= len(speakers) <= _MOST_SPEAKERS or "select" in text.casefold()[:200].split():
        return None
    begin = _line_of(rows[0], node.lineno, source)
    lines = tuple((begin + index, line) for index, line in enumerate(text.strip("\n").split("\n")))
    return Spoken(lines=lines, speakers=tuple(speakers))


def _line_of(row: str, first: int, source: Source) -> int:
    """Return where a text's first row stands: behind the quotes, or below them."""
    near = range(first, min(first + 5, len(source.lines)) + 1)
    return next((number for number in near if row.strip() in source.lines[number - 1]), first)


def leaves_loop(source: Source, loop: int) -> int | None:
    """Return the line at which the loop that begins at a line always ends in its first round."""
    for node in ast.walk(source.tree) if source.tree else ():
        if isinstance(node, _LOOPS) and node.lineno == loop:
            return next((each.lineno for each in node.body if isinstance(each, ast.Break | ast.Return)), None)
    return None


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _is_about(call: ast.Call, prefix: str, scopes: Scopes) -> bool:
    """Tell whether a request writes keys of a prefix: it stands in it, or in the function around it."""
    around = scopes.function_of(call)
    names = [node.id for node in ast.walk(call) if isinstance(node, ast.Name)]
    assigned = [
        value
        for node in ast.walk(call)
        if isinstance(node, ast.Name) and (value := scopes.assigned_to(node)) is not None
    ]
    if any(_says(node, prefix) for node in (call, *assigned)):
        return True
    return around is not None and bool(names) and _says(around, prefix)


def _says(node: ast.AST, prefix: str) -> bool:
    return any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and each.value.upper().lstrip().startswith(prefix)
        for each in ast.walk(node)
    )


def _chains(call: ast.Call, calls: list[ast.Call], scopes: Scopes) -> Iterator[tuple[ast.Call, ...]]:
    """Yield the ways to a request, the outermost call first."""
    function = scopes.function_of(call)
    if function is None:
        yield (call,)
        return
    callers = [each for each in calls if _name(each) == function.name and scopes.function_of(each) is not function]
    for caller in callers:
        for chain in list(_chains(caller, calls, scopes))[:_DEEPEST]:
            if len(chain) < _DEEPEST:
                yield (*chain, call)


def _write(chain: tuple[ast.Call, ...], scopes: Scopes) -> Write:
    loop = branch = unreachable = None
    line = chain[0].lineno
    for call in chain:
        its_loop, its_branch, its_end = _around(call, scopes)
        if its_loop is not None:
            loop, branch, line = its_loop, its_branch, call.lineno
        if unreachable is None and its_end is not None:
            unreachable, line = its_end, call.lineno
            break
    return Write(line=line, loop=loop, unreachable_after=unreachable, branch=branch)


def _around(call: ast.Call, scopes: Scopes) -> tuple[int | None, int | None, int | None]:
    """Return the lines of the loop and the branch around a call in its function, and of what always leaves before it."""
    branch = unreachable = None
    node: ast.AST = call
    while (parent := scopes.parent(node)) is not None:
        if unreachable is None:
            unreachable = _left_before(node, parent)
        if isinstance(parent, ast.If) and branch is None and node is not parent.test:
            branch = parent.lineno
        if isinstance(parent, (*_LOOPS, ast.comprehension, ast.ListComp, ast.GeneratorExp)):
            return parent.lineno if hasattr(parent, "lineno") else call.lineno, branch, unreachable
        if isinstance(parent, _FUNCTIONS):
            break
        node = parent
    return None, branch, unreachable


def _left_before(node: ast.AST, parent: ast.AST) -> int | None:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            before = block[: block.index(node)]
            return next((each.lineno for each in before if isinstance(each, _LEAVES)), None)
    return None
