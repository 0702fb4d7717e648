"""Where a script looks for the project's own modules: what it adds to `sys.path`, and what it should add."""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Project, Source

_DEEPEST = 8
#: What may give a folder another name for Python, or bring a package of that name.
_PACKAGING = re.compile(r"(^|/)(requirements[^/]*\.txt|pyproject\.toml|setup\.(py|cfg)|Pipfile)$")


@dataclass(frozen=True, kw_only=True)
class AddedPath:
    """A folder that a script adds to `sys.path`."""

    line: int
    #: Relative to the root; may lead out of it: `..`.
    folder: str
    #: The literals that it is made of, with the line and the columns of each.
    parts: tuple[ast.Constant, ...]

    @property
    def literal_line(self) -> int:
        """The line of the first literal, which is the one to be changed."""
        return self.parts[0].lineno if self.parts else self.line


def added_paths(source: Source) -> tuple[AddedPath, ...]:
    """Return the folders that can be told, which are those that are made of `__file__`."""
    scopes = scopes_of(source)
    return tuple(_added(source, scopes)) if scopes is not None else ()


def folders_of_module(project: Project, module: str) -> tuple[str, ...]:
    """Return the folders that have a module of a project in them; the root is an empty text."""
    endings = (f"{module}.py", f"{module}/")
    found = set()
    for path in project.sources:
        if not path.endswith(".py"):
            continue
        for ending in endings:
            at = f"/{path}".find(f"/{ending}")
            if at >= 0 and (ending.endswith("/") or f"/{path}".endswith(f"/{ending}")):
                found.add(path[: max(at - 1, 0)] if at else "")
    return tuple(sorted(found))


def dashed_folders(project: Project, module: str) -> tuple[str, ...]:
    """Return the folders with Python files that are meant by a module's name, and have dashes where that has underscores.

    None where the project has a module of that name, or where a list of packages, or what makes one, speaks of it.
    """
    if "_" not in module or folders_of_module(project, module):
        return ()
    named = re.compile(rf"(?<![\w-]){module.replace('_', '[-_]')}(?![\w-])", re.IGNORECASE)
    if any(named.search(source.text) for path, source in project.sources.items() if _PACKAGING.search(path)):
        return ()
    found = set()
    for path, source in project.sources.items():
        parts = path.split("/")[:-1] if source.language == "python" else []
        found |= {"/".join(parts[: at + 1]) for at, part in enumerate(parts) if _as_module(part) == module}
    return tuple(sorted(found))


def own_modules(project: Project) -> frozenset[str]:
    """Return the names of the project's modules and packages, and those that are meant for folders with a dash."""
    parts = {
        part
        for path, source in project.sources.items()
        if source.language == "python"
        for part in (*path.split("/")[:-1], posixpath.splitext(posixpath.basename(path))[0])
    }
    meant = {_as_module(part) for part in parts if "-" in part}
    return frozenset(
        {part for part in parts if part.isidentifier()} | {each for each in meant if dashed_folders(project, each)}
    )


def _as_module(name: str) -> str:
    return name.replace("-", "_")


def relative_parts(source: Source, folder: str) -> tuple[str, ...]:
    """Return how a folder is reached from the folder of a script: `("..", "..", "backend-flask")`."""
    here = posixpath.dirname(source.path) or "."
    return tuple(posixpath.relpath(folder or ".", here).split("/"))


def quoted_parts(source: Source, folder: str) -> str:
    """Return the same as code: `'..', '..', 'backend-flask'`."""
    return ", ".join(f"'{part}'" for part in relative_parts(source, folder))


def _added(source: Source, scopes: Scopes) -> Iterator[AddedPath]:
    for node in scopes.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="append", value=value), args=[added]) if _is_path(value):
                pass
            case ast.Call(func=ast.Attribute(attr="insert", value=value), args=[_, added]) if _is_path(value):
                pass
            case _:
                continue
        parts: list[ast.Constant] = []
        folder = _folder(added, source, scopes, parts, 0)
        if folder is not None:
            yield AddedPath(line=node.lineno, folder=posixpath.normpath(folder), parts=tuple(parts))


def _is_path(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "path" and getattr(node.value, "id", None) == "sys"


def _folder(  # noqa: C901, PLR0911 - one case for each way to write a path
    node: ast.expr, source: Source, scopes: Scopes, parts: list[ast.Constant], depth: int
) -> str | None:
    """Return the path that an expression comes to; None where that can't be told."""
    if depth > _DEEPEST:
        return None

    def inner(each: ast.expr) -> str | None:
        return _folder(each, source, scopes, parts, depth + 1)

    match node:
        case ast.Name(id="__file__"):
            return source.path
        case ast.Name():
            assigned = scopes.assigned_to(node)
            return inner(assigned) if assigned is not None else None
        case ast.Constant(value=str(text)):
            parts.append(node)
            return text if not text.startswith(("/", "~")) else None
        case ast.Call(func=ast.Attribute(attr="join"), args=[first, *rest]) if rest:
            found = [inner(each) for each in (first, *rest)]
            known = [each for each in found if each is not None]
            return posixpath.join(*known) if len(known) == len(found) and _is_below_file(first, scopes) else None
        case ast.Call(func=ast.Attribute(attr="dirname"), args=[path]):
            return _above(inner(path), 1)
        case ast.Call(func=ast.Attribute(attr="abspath" | "realpath" | "normpath"), args=[path]):
            return inner(path)
        case ast.Call(func=ast.Name(id="str" | "Path") | ast.Attribute(attr="Path"), args=[path]):
            return inner(path)
        case ast.Call(func=ast.Attribute(attr="resolve" | "absolute", value=path), args=[]):
            return inner(path)
        case ast.Attribute(attr="parent", value=path):
            return _above(inner(path), 1)
        case ast.Subscript(value=ast.Attribute(attr="parents", value=path), slice=ast.Constant(value=int(count))):
            return _above(inner(path), count + 1)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            begin, end = inner(left), inner(right)
            return posixpath.join(begin, end) if begin is not None and end is not None else None
    return None


def _above(path: str | None, steps: int) -> str | None:
    """Return the folder so many steps up, which may lie outside of the project."""
    return posixpath.normpath(posixpath.join(path, *[".."] * steps)) if path is not None and steps > 0 else None


def _is_below_file(first: ast.expr, scopes: Scopes, depth: int = 0) -> bool:
    """Whether a path begins with the place of the script, not with the folder that it is started in."""
    for node in ast.walk(first):
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return True
            assigned = scopes.assigned_to(node)
            if assigned is not None and depth < _DEEPEST and _is_below_file(assigned, scopes, depth + 1):
                return True
    return False
