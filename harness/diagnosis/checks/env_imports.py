"""Modules that scripts import."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.module_paths import AddedPath, added_paths, folders_of_module, relative_parts
from harness.project.place import Place
from harness.project.starting import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun

_NAMED = re.compile(r"No module named '([\w.]+)'")
#: Distributions by the modules they bring, where the names differ.
_DISTRIBUTIONS = {
    "flask_cors": "flask-cors", "flask_awscognito": "flask-awscognito", "psycopg_pool": "psycopg", "psycopg2": "psycopg2",
    "jose": "python-jose", "jwt": "pyjwt", "dotenv": "python-dotenv", "dateutil": "python-dateutil", "yaml": "pyyaml",
    "botocore": "boto3", "aws_xray_sdk": "aws-xray-sdk", "opentelemetry": "opentelemetry", "PIL": "pillow",
}  # fmt: skip
_WATCHED = frozenset(
    {"boto3", "psycopg", "psycopg2", "psycopg_pool", "flask", "flask_cors", "requests", "jose", "jwt", "dateutil"}
)
_LISTS = re.compile(
    r"requirements[^/]*\.txt$|(^|/)(Pipfile|pyproject\.toml|setup\.py|setup\.cfg|environment\.ya?ml|Dockerfile[^/]*)$"
)


@check(
    "ENV210",
    example="""
    # bin/ddb/seed, moved out of backend-flask/bin/ddb
    sys.path.append(os.path.join(here, '..', '..'))      # '..', '..', 'backend-flask'
    from lib.db import db                                # No module named 'lib'
    """,
)
def own_modules_are_found(facts: Facts) -> Iterator[Problem]:
    """A script finds the modules of its project from where it lies.

    Let the folder that it adds to `sys.path` be the one that has the module, counted from the script's own place.
    """
    for source in programs(facts.project) if facts.project is not None else ():
        run = _run(facts, source)
        module = _not_found(run) if run is not None and run.traceback is not None else None
        if run is None or not (run.ok or run.traceback):
            module = _not_below(facts, source)
        if module is not None and facts.project is not None:
            top = module.split(".")[0]
            folders = folders_of_module(facts.project, top)
            if folders and source.language == "python":
                yield _lost_module(source, run, top, folders)


@check("ENV211", severity="warning", example="import boto3      # requirements.txt does not list it")
def packages_are_listed(facts: Facts) -> Iterator[Problem]:
    """Every package that the code imports stands in a requirements.txt.

    Add it there: on a fresh machine `pip install -r requirements.txt` is all that anybody does.
    """
    if facts.project is None:
        return
    lists = [source for path, source in sorted(facts.project.sources.items()) if _LISTS.search(path)]
    text = "\n".join(source.text for path, source in facts.project.sources.items() if source.language != "python")
    named = [source for source in lists if source.path.endswith(".txt")]
    missing = {
        module: place
        for module, place in sorted(_imported(facts).items())
        if not _is_listed(_DISTRIBUTIONS.get(module, module), text)
    }
    if named and missing:
        packages = sorted({_DISTRIBUTIONS.get(module, module) for module in missing})
        yield Problem(
            cause=f"{', '.join(f'{place} imports {module}' for module, place in missing.items())}, and "
            f"{named[0].path} does not list {' or '.join(packages)}",
            evidence=tuple(Evidence(text=f"import {module}", place=place) for module, place in missing.items()),
            place=Place(path=named[0].path),
            advice=f"Add {', '.join(packages)} to {named[0].path}.",
        )


def _run(facts: Facts, source: Source) -> ScriptRun | None:
    runs = facts.rehearsal.script_runs(source.path) if facts.rehearsal is not None else ()
    return runs[0] if runs else None


def _not_found(run: ScriptRun) -> str | None:
    """Return the module that ended a run by not being there."""
    traceback = run.traceback
    if traceback is None or traceback.kind not in {"ModuleNotFoundError", "ImportError"}:
        return None
    found = _NAMED.search(traceback.message)
    return found.group(1) if found else None


def _not_below(facts: Facts, source: Source) -> str | None:
    """Return a module of the project that a script imports, and that no folder has which it looks into."""
    if facts.project is None or source.tree is None:
        return None
    added = added_paths(source)
    if not added or "sys.path" not in source.text or source.text.count("sys.path.") > len(added):
        return None
    looked_into = {path.folder if path.folder != "." else "" for path in added} | {source.path.rpartition("/")[0]}
    for module in sorted(_top_modules(source)):
        folders = folders_of_module(facts.project, module)
        if folders and module not in sys.stdlib_module_names and not looked_into & set(folders):
            return module
    return None


def _top_modules(source: Source) -> set[str]:
    found = set()
    for node in ast.walk(source.tree) if source.tree is not None else ():
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _lost_module(source: Source, run: ScriptRun | None, module: str, folders: tuple[str, ...]) -> Problem:
    # Of several folders, the one that is the nearest to what is written now.
    added = added_paths(source)
    folder = min(folders, key=lambda each: (len(relative_parts(source, each)), each))
    parts = relative_parts(source, folder)
    wanted = ", ".join(f"'{part}'" for part in parts)
    if added:
        at = added[0]
        looks = f"; line {at.line} adds {at.folder if not at.folder.startswith('..') else 'a folder outside of the project'}"
        place = Place(path=source.path, line=at.line)
        edits = _edits(source, at, wanted)
        advice = f"Let the path in line {at.line} go {wanted} from the script's folder."
    else:
        looks, edits = "; nothing adds its folder to sys.path", ()
        place = (
            run.traceback.at.place
            if run is not None and run.traceback and run.traceback.at
            else Place(path=source.path)
        )
        advice = f"Add sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), {wanted})) before the import."
    evidence = [Evidence(text=line_at(source, place.line).strip(), place=place)] if place.line else []
    if run is not None and run.traceback is not None:
        evidence.append(Evidence(text=f"{run.command}: {run.traceback.kind}: {run.traceback.message}"))
    return Problem(
        cause=f"{source.path} imports {module}, which is in {folder or 'the root of the project'}{looks}",
        evidence=tuple(evidence),
        place=place,
        advice=advice,
        edits=edits,
    )


def _edits(source: Source, added: AddedPath, wanted: str) -> tuple[Edit, ...]:
    """Return the edit that writes other parts in the place of the literals, where these stand side by side in a line."""
    parts = added.parts
    if not parts or len({part.lineno for part in parts} | {part.end_lineno for part in parts}) != 1:
        return ()
    number = parts[0].lineno
    line = line_at(source, number)
    raw = line.encode()
    begin, end = min(part.col_offset for part in parts), max(part.end_col_offset or 0 for part in parts)
    between = raw[begin:end].decode()
    if not re.fullmatch(r"""(?:['"][\w./-]*['"]\s*,?\s*)+""", between):
        return ()
    if len(parts) == 1 and "/" in str(parts[0].value):
        wanted = "'" + wanted.replace("'", "").replace(", ", "/") + "'"
    return (replace_line(source, number, raw[:begin].decode() + wanted + raw[end:].decode()),)


def _imported(facts: Facts) -> dict[str, Place]:
    """Return the packages that the project's live code imports, each with one place; Lambda functions have their own."""
    found: dict[str, Place] = {}
    for path, source in sorted(facts.project.sources.items()) if facts.project is not None else ():
        if not source.roles or source.roles & {"lambda", "stream-handler"} or source.tree is None:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for module in _modules(node) & _WATCHED:
                    found.setdefault(module, Place(path=path, line=node.lineno))
    return found


def _modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {node.module.split(".")[0]} if node.module and not node.level else set()


def _is_listed(distribution: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.sub('[-_.]+', '[-_.]+', distribution)}(?![\w])", text, re.IGNORECASE) is not None
