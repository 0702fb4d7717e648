"""Scripts that do one of several things, by a word that they are started with: `ddb create`, `ddb seed`, `ddb --seed`.

`word_for(source, deeds)`; words of argparse, of click and typer, and of `sys.argv` itself are known.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.python.scopes import Function
    from harness.project.source import Source

_PARSES = frozenset({"parse_args", "parse_known_args", "getopt"})


@lru_cache(maxsize=64)
def word_for(source: Source, deeds: frozenset[str]) -> str | None:
    """Return the argument without which a script calls none of `deeds`; None where it needs none, or none is found.

    A word that has `prod` in it is never returned.
    """
    if source.tree is None:
        return None
    script = _Script(source)
    if script.reaches(source.tree.body, deeds):
        return None
    words = (word for word in tuple(script.branches) if "prod" not in word.lower())
    return next((word for word in words if script.reaches(script.branches[word], deeds)), None)


class _Script:
    """Follows what a script does, and keeps apart what it does for a word only."""

    def __init__(self, source: Source) -> None:
        nodes = source.nodes
        self._calls = [node for node in nodes if isinstance(node, ast.Call)]
        self._functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
        #: The variables and parameters that hold arguments, or what is made of them.
        self._given: set[str] = set()
        self._take_names_of_arguments(nodes)
        self._flags = dict(_flags(self._calls))
        #: What is done for each word, in the order of the text.
        self.branches: dict[str, list[ast.AST]] = {}
        for word, function in (*self._commands(), *self._handed_on(nodes)):
            self.branches.setdefault(word, []).extend(function.body)

    def reaches(self, nodes: Iterable[ast.AST], deeds: frozenset[str]) -> bool:
        """Whether it calls one of the deeds from there, whatever it is started with."""
        found, entered, waiting = False, set(), list(nodes)
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue  # it is only defined here
            waiting[:0] = self._inside(node)
            name = _called(node)
            found = found or name in deeds
            if name in self._functions and name not in entered:
                entered.add(name)
                waiting += self._functions[name].body
        return found

    def _inside(self, node: ast.AST) -> list[ast.AST]:
        """Return the parts of a node that need no word, and keep the others."""
        match node:
            case ast.Match(subject=subject, cases=cases) if self._is_given(subject):
                return [part for case in cases for part in self._kept(_words_of_case(case.pattern), case.body)]
            case ast.If(test=test, body=body, orelse=other):
                return [test, *self._kept(self._words_of_test(test), body), *other]
        return list(ast.iter_child_nodes(node))

    def _kept(self, words: list[str], body: list[ast.stmt]) -> list[ast.stmt]:
        for word in words:
            self.branches.setdefault(word, []).extend(body)
        return [] if words else body

    def _words_of_test(self, test: ast.expr) -> list[str]:
        words = []
        for node in ast.walk(test):
            match node:
                case ast.UnaryOp(op=ast.Not()):
                    return []
                case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[right]):
                    if self._is_given(left) or self._is_given(right):
                        words += [*_texts(left), *_texts(right)]
                case ast.Attribute(attr=name) if name in self._flags and self._is_given(node):
                    words.append(self._flags[name])
        return words

    def _is_given(self, node: ast.AST) -> bool:
        """Whether an expression is, or is made of, the script's arguments."""
        return any(
            _called(each) in _PARSES
            or (isinstance(each, ast.Attribute) and each.attr == "argv")
            or (isinstance(each, ast.Name) and (each.id == "argv" or each.id in self._given))
            for each in ast.walk(node)
        )

    def _take_names_of_arguments(self, nodes: tuple[ast.AST, ...]) -> None:
        before = -1
        while before != len(self._given):
            before = len(self._given)
            for node in nodes:
                match node:
                    case ast.Assign(targets=targets, value=value) if self._is_given(value):
                        self._given.update(each.id for each in targets if isinstance(each, ast.Name))
                    case ast.Call(func=ast.Name(id=name), args=args) if name in self._functions:
                        given = zip(self._functions[name].args.args, args, strict=False)
                        self._given.update(into.arg for into, value in given if self._is_given(value))

    def _commands(self) -> Iterator[tuple[str, Function]]:
        """Yield the functions that click or typer make commands of; a single one needs no word."""
        renamed = {
            call.args[0].id: text
            for call in self._calls
            if _called(call) == "add_command" and call.args and isinstance(call.args[0], ast.Name)
            for each in call.keywords
            if each.arg == "name"
            for text in _texts(each.value)
        }
        found = []
        for name, function in self._functions.items():
            for each in function.decorator_list:
                if isinstance(each, ast.Call) and _called(each) == "command":
                    texts = [text for value in (*each.args[:1], *_named(each, "name")) for text in _texts(value)]
                    found.append(((*texts, renamed.get(name), name.replace("_", "-")), function))
        for names, function in found if len(found) > 1 else ():
            yield next(name for name in names if name), function

    def _handed_on(self, nodes: tuple[ast.AST, ...]) -> Iterator[tuple[str, Function]]:
        """Yield the functions of subparsers (`set_defaults(func=create)`), and those of a dictionary by words."""
        parsers: dict[str, str] = {}
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[word, *_]) as call):
                    if _called(call) == "add_parser":
                        parsers.update((name, text) for text in _texts(word))
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="set_defaults"), keywords=keywords):
                    for each in keywords:
                        if name in parsers and isinstance(each.value, ast.Name) and each.value.id in self._functions:
                            yield parsers[name], self._functions[each.value.id]
                case ast.Dict(keys=keys, values=values) if self._given:
                    for key, value in zip(keys, values, strict=True):
                        if key is not None and isinstance(value, ast.Name) and value.id in self._functions:
                            yield from ((text, self._functions[value.id]) for text in _texts(key))


def _flags(calls: Iterable[ast.Call]) -> Iterator[tuple[str, str]]:
    """Yield the options that are there or not, by the name that argparse keeps them under."""
    for call in calls:
        if _called(call) == "add_argument" and any(_texts(each) == ["store_true"] for each in _named(call, "action")):
            for text in (text for value in call.args for text in _texts(value) if text.startswith("--")):
                yield text.removeprefix("--").replace("-", "_"), text


def _named(call: ast.Call, name: str) -> list[ast.expr]:
    return [each.value for each in call.keywords if each.arg == name]


def _called(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return None


def _words_of_case(pattern: ast.pattern) -> list[str]:
    match pattern:
        case ast.MatchValue(value=value):
            return _texts(value)
        case ast.MatchOr(patterns=patterns):
            return [word for each in patterns for word in _words_of_case(each)]
    return []


def _texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            return [text]
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return [text for part in parts for text in _texts(part)]
    return []
