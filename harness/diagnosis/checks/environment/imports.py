"""Modules that scripts import."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.path_edits import path_edits
from harness.project.place import Place
from harness.project.python.module_paths import AddedPath, added_paths, folders_of_module, quoted_parts, relative_parts
from harness.project.shell.starting import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Project, Source
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
    | {"colorama", "termcolor"}
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
    lost: dict[str, list[tuple[Source, ScriptRun | None]]] = {}
    for source in programs(facts.project) if facts.project is not None else ():
        run = _run(facts, source)
        module = _not_found(run) if run is not None and run.traceback is not None else None
        if run is None or not (run.ok or run.traceback):
            module = _not_below(facts, source)
        if module is not None and source.language == "python":
            lost.setdefault(module.split(".")[0], []).append((source, run))
    for module, scripts in sorted(lost.items()):
        folders = folders_of_module(facts.project, module) if facts.project is not None else ()
        if folders:
            yield _lost_module(module, folders, scripts)


@check("ENV211", severity="warning", example="import boto3      # requirements.txt does not list it")
def packages_are_listed(facts: Facts) -> Iterator[Problem]:
    """Every package that the code imports stands in a requirements.txt.

    Add it there: on a fresh machine `pip install -r requirements.txt` is all that anybody does.
    """
    if facts.project is None:
        return
    lists = [source for path, source in sorted(facts.project.sources.items()) if _LISTS.search(path)]
    text = "\n".join([*(source.text for source in lists), *_installing(facts.project)])
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


def _installing(project: Project) -> Iterator[str]:
    """Yield what may install packages elsewhere; of prose and of what is put aside, only lines that say so."""
    for path, source in project.sources.items():
        if source.language in {"shell", "yaml", "toml"} or "Dockerfile" in path:
            yield source.text
        elif source.language != "python":
            yield from (line for line in source.lines if "install" in line)


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
    for node in source.nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _lost_module(module: str, folders: tuple[str, ...], scripts: list[tuple[Source, ScriptRun | None]]) -> Problem:
    source, run = scripts[0]
    folder = min(folders, key=lambda each: (len(relative_parts(source, each)), each))
    added = added_paths(source)
    names = ", ".join(each.path for each, _ in scripts)
    if added:
        looks = f"{_place(source, added[0])} adds {_named(added[0].folder)} to sys.path"
        ways = (
            f"in {_place(each, at)} go {quoted_parts(each, folder)}"
            for each, _ in scripts
            for at in added_paths(each)[:1]
        )
        advice = f"Let the path {' and '.join(ways)} from the script's folder"
    else:
        looks = "nothing adds its folder to sys.path"
        more = f"; the same in {', '.join(each.path for each, _ in scripts[1:])}" if len(scripts) > 1 else ""
        advice = (
            f"Add sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), {quoted_parts(source, folder)})) "
            f"before the import{more}"
        )
    mends = (edit for each, _ in scripts for at in added_paths(each)[:1] for edit in path_edits(each, at, folder))
    return Problem(
        cause=f"{names} import{'s' if len(scripts) == 1 else ''} {module}, which is in {_named(folder)}; {looks}",
        evidence=tuple(evidence for each, its in scripts for evidence in _seen(each, its)),
        place=_place(source, added[0]) if added else _import_of(source, run),
        advice=f"{advice}.",
        edits=tuple(mends),
    )


def _named(folder: str) -> str:
    if folder.startswith(".."):
        return "a folder outside of the project"
    return folder if folder not in {"", "."} else "the root of the project"


def _place(source: Source, added: AddedPath) -> Place:
    """Return the line of the literals, which is the one to be changed."""
    return Place(path=source.path, line=added.literal_line)


def _import_of(source: Source, run: ScriptRun | None) -> Place:
    at = run.traceback.at if run is not None and run.traceback is not None else None
    return at.place if at is not None else Place(path=source.path)


def _seen(source: Source, run: ScriptRun | None) -> Iterator[Evidence]:
    for added in added_paths(source)[:1]:
        place = _place(source, added)
        yield Evidence(text=line_at(source, place.line).strip(), place=place)
    if run is not None and run.traceback is not None:
        yield Evidence(text=f"{run.command}: {run.traceback.kind}: {run.traceback.message}")


def _imported(facts: Facts) -> dict[str, Place]:
    """Return the packages that the project's live code imports, each with one place; Lambda functions have their own."""
    found: dict[str, Place] = {}
    for path, source in sorted(facts.project.sources.items()) if facts.project is not None else ():
        if not source.roles or source.roles & {"lambda", "stream-handler"} or source.tree is None:
            continue
        for node in source.nodes:
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
