"""A name that a script uses and does not have: what was meant, and the edit that gives it."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.python.undefined_names import bound_names

if TYPE_CHECKING:
    from harness.project.place import Place
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun

_MODULES = frozenset({"boto3", "botocore", "json", "os", "re", "sys", "time", "uuid", "decimal", "zoneinfo", "pprint"})
_OF_DATETIME = frozenset({"timedelta", "timezone"})


def name_problem(
    source: Source, name: str, place: Place, run: ScriptRun | None = None, *, guess: bool = True
) -> Problem:
    """Say that a name is missing, and what to write; only where a guess is wanted, a name that is nearly the same."""
    statement = _import_of(source, name)
    edits: tuple[Edit, ...]
    if statement:
        cause, advice = f"{place} uses {name}, which the file does not import", f"add `{statement}` at the top"
        edits = (_inserted(source, statement),)
    else:
        cause = f"{place} uses {name}, and nothing in the file assigns it"
        meant = _meant(source, name) if guess else None
        advice = f"write {meant} in place of {name}" if meant else f"assign {name} before it is used"
        edits = _replaced(source, name, meant, place.line) if meant else ()
    evidence = [Evidence(text=code_line(source, place.line), place=place)]
    if run is not None and run.traceback is not None and f"'{name}'" in run.traceback.message:
        evidence.append(Evidence(text=f"$ {run.command}\n{run.traceback.kind}: {run.traceback.message}"))
    return Problem(cause=cause, place=place, evidence=tuple(evidence), advice=advice, edits=edits)


def _import_of(source: Source, name: str) -> str:
    """Return the import statement that gives the name, by how it is used."""
    if name in _OF_DATETIME:
        return f"from datetime import {name}"
    if name == "Key":
        return "from boto3.dynamodb.conditions import Key"
    if name == "datetime":
        as_module = any(
            isinstance(node, ast.Attribute)
            and node.attr in {"datetime", "timedelta", "timezone", "date"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "datetime"
            for node in source.nodes
        )
        return "import datetime" if as_module else "from datetime import datetime"
    return f"import {name}" if name in _MODULES else ""


def _inserted(source: Source, statement: str) -> Edit:
    """Insert before the first import; where there is none, below the docstring and the shebang."""
    body = source.tree.body if source.tree else []
    first = next((node.lineno for node in body if isinstance(node, ast.Import | ast.ImportFrom)), None)
    if first is None:
        first = body[0].lineno if body else 1
    end = "\r\n" if "\r\n" in source.text else "\n"
    return Edit(path=source.path, first=first, last=first - 1, new=statement + end)


def _meant(source: Source, name: str) -> str | None:
    """Return a name that is nearly the same; for a list that was to be reversed, the items in that order."""
    tree = source.tree
    if tree is None:
        return None
    near = get_close_matches(name, sorted(bound_names(tree) - {name}), n=1, cutoff=0.8)
    if near:
        return near[0]
    items = _name_of_items(tree)
    return f"reversed({items})" if "revers" in name.lower() and items else None


def _name_of_items(tree: ast.Module) -> str | None:
    """Return the one variable that is assigned `response["Items"]`."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Subscript)
        and isinstance(node.value.slice, ast.Constant)
        and node.value.slice.value == "Items"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return names.pop() if len(names) == 1 else None


def _replaced(source: Source, name: str, meant: str, line: int) -> tuple[Edit, ...]:
    columns = [
        node.col_offset
        for node in source.nodes
        if isinstance(node, ast.Name) and node.id == name and node.lineno == line
    ]
    if len(columns) != 1:
        return ()
    old = line_at(source, line)
    begin = len(old.encode()[: columns[0]].decode())
    return (replace_line(source, line, old[:begin] + meant + old[begin + len(name) :]),)
