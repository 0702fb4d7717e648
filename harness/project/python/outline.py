"""What a Python file calls, defines, imports and spells out; by its text where Python can't read it.

`outline(source)`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.source import Source

_CALL = re.compile(r"\.?(\w+)\s*\(")
_DEFINITION = re.compile(r"^[ \t]*(?:async\s+)?def\s+(\w+)\s*\(([^)]*)\)?", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]*class\s+(\w+)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*(?:from\s+([.\w]+)\s+import|import\s+([\w.]+))", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_STRING = re.compile(r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One file."""

    #: Last names: `put_item` of `client.put_item(…)`, `Flask` of `Flask(…)`.
    calls: frozenset[str]
    #: Name and parameters of each function and method.
    functions: tuple[tuple[str, tuple[str, ...]], ...]
    classes: tuple[str, ...]
    #: Modules as they are imported, dots included; `lib.db` and `lib.db.db` for `from lib.db import db`.
    imports: frozenset[str]
    #: String constants, parts of f-strings included; docstrings too.
    strings: tuple[str, ...]

    def mentions(self, *pieces: str) -> bool:
        """Whether a string constant has one of the pieces in it."""
        return any(piece in text for text in self.strings for piece in pieces)

    @property
    def names(self) -> frozenset[str]:
        """The names of its functions and methods."""
        return frozenset(name for name, _ in self.functions)


def outline(source: Source) -> Outline:
    """Return the outline of a Python file."""
    return _outline(source.text, source.tree)


@lru_cache(maxsize=500)
def _outline(text: str, tree: ast.Module | None) -> Outline:
    return _of_text(text) if tree is None else _of_tree(tree)


def _of_tree(tree: ast.Module) -> Outline:
    calls: set[str] = set()
    imports: set[str] = set()
    functions, classes, strings = [], [], []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
                calls.add(name)
            case ast.FunctionDef(name=name, args=given) | ast.AsyncFunctionDef(name=name, args=given):
                functions.append((name, tuple(each.arg for each in (*given.posonlyargs, *given.args))))
            case ast.ClassDef(name=name):
                classes.append(name)
            case ast.Import(names=names):
                imports.update(each.name for each in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                origin = "." * level + (module or "")
                imports.add(origin)
                imports.update(f"{origin}{'.' if module else ''}{each.name}" for each in names)
            case ast.Constant(value=str() as text):
                strings.append(text)
    return Outline(
        calls=frozenset(calls),
        functions=tuple(functions),
        classes=tuple(classes),
        imports=frozenset(imports),
        strings=tuple(strings),
    )


def _of_text(text: str) -> Outline:
    code = _COMMENT.sub("", text)
    functions = [
        (name, tuple(re.split(r"[:=]", each)[0].strip() for each in given.split(",") if each.strip()))
        for name, given in _DEFINITION.findall(code)
    ]
    strings = tuple(each.strip("\"'") for each in _STRING.findall(code))
    return Outline(
        calls=frozenset(_CALL.findall(_DEFINITION.sub("", code))),
        functions=tuple(functions),
        classes=tuple(_CLASS.findall(code)),
        imports=frozenset(one or two for one, two in _IMPORT.findall(code)),
        # Where quotes are the very thing that is broken, the text stands for its strings.
        strings=(*strings, code),
    )
