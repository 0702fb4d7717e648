"""Where an application loads a query from a file of its own, and which parameters it asks Postgres with."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.query_templates import functions_of
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Project, Source


@dataclass(frozen=True, kw_only=True)
class LoadedQuery:
    """`db.template("users", "show")`."""

    place: Place
    #: How the path of the file ends: `users/show.sql`.
    ending: str
    #: None where the project has no such file.
    file: Source | None


@dataclass(frozen=True, kw_only=True)
class AskedQuery:
    """`db.query_value(sql, {"handle": …})`, with a query that was loaded."""

    place: Place
    file: Source
    #: The names of the parameters.
    given: frozenset[str]


def loaded_queries(project: Project) -> Iterator[LoadedQuery]:
    """Yield every call of the library's function that reads a query, as far as its file can be told."""
    loading = _loading_functions(project)
    for source in _callers(project) if loading else ():
        for node in source.nodes:
            if isinstance(node, ast.Call) and (loaded := _loaded(node, source, loading, project)) is not None:
                yield loaded


def asked_queries(project: Project) -> Iterator[AskedQuery]:
    """Yield the calls that hand over a loaded query together with a dictionary of its parameters."""
    loading = _loading_functions(project)
    for source in _callers(project) if loading else ():
        scopes = scopes_of(source)
        for node in scopes.nodes if scopes is not None else ():
            if scopes is None or not isinstance(node, ast.Call) or len(node.args) < 2:  # noqa: PLR2004 - query, parameters
                continue
            query, given = _assigned_once(node.args[0], scopes), _names(node.args[1])
            loaded = _loaded(query, source, loading, project) if isinstance(query, ast.Call) else None
            if given is not None and loaded is not None and loaded.file is not None:
                yield AskedQuery(place=Place(path=source.path, line=node.lineno), file=loaded.file, given=given)


def _callers(project: Project) -> Iterator[Source]:
    for source in sorted(project.sources.values(), key=lambda each: each.path):
        if "db-library" not in source.roles:
            yield source


def _loading_functions(project: Project) -> frozenset[str]:
    """Return the names of the library's functions that make a path which ends with `.sql`."""
    return frozenset(
        function.name
        for source in project.with_role("db-library")
        for function in functions_of(source)
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".sql")
    )


def _loaded(node: ast.Call, source: Source, loading: frozenset[str], project: Project) -> LoadedQuery | None:
    parts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in loading:
        return None
    if not parts or len(parts) != len(node.args) or node.keywords:
        return None
    ending = "/".join(part.strip("/") for part in parts).removesuffix(".sql") + ".sql"
    files = [each for path, each in project.sources.items() if f"/{path}".endswith(f"/{ending}")]
    place = Place(path=source.path, line=node.lineno)
    # Of several it can't be told which one is read: as good as none that is asked with anything.
    return LoadedQuery(place=place, ending=ending, file=files[0] if files else None) if len(files) < 2 else None  # noqa: PLR2004


def _assigned_once(query: ast.expr, scopes: Scopes) -> ast.expr | None:
    """Return what a name stands for, where its function assigns it only once."""
    if not isinstance(query, ast.Name):
        return query
    within = scopes.function_of(query) or scopes.tree
    stored = [
        node
        for node in ast.walk(within)
        if isinstance(node, ast.Name) and node.id == query.id and isinstance(node.ctx, ast.Store)
    ]
    return scopes.assigned_to(query) if len(stored) == 1 else None


def _names(parameters: ast.expr) -> frozenset[str] | None:
    if not isinstance(parameters, ast.Dict):
        return None
    names = [key.value for key in parameters.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return frozenset(names) if len(names) == len(parameters.keys) else None
