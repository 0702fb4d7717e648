"""Folders that scripts import from by a name that is not theirs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.project.place import Place
from harness.project.python.module_paths import added_paths, dashed_folders, relative_parts
from harness.project.shell.starting import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

_NAMED = re.compile(r"No module named '(\w+)")
_Import = ast.Import | ast.ImportFrom


@check(
    "ENV212",
    example="""
    from backend_flask.lib.db import db      # the folder is called backend-flask
    """,
)
def folders_are_imported_by_their_names(facts: Facts) -> Iterator[Problem]:
    """A script imports no folder whose name has a dash.

    Add that folder to `sys.path` and import what is in it, `from lib.db import db`, or name it without a dash.
    """
    meant: dict[str, list[tuple[Source, _Import]]] = {}
    for source in programs(facts.project) if facts.project is not None else ():
        for module, node in _imports(source).items():
            meant.setdefault(module, []).append((source, node))
    for module, scripts in sorted(meant.items()):
        folders = dashed_folders(facts.project, module) if facts.project is not None else ()
        lost = [(source, node) for source, node in scripts if _fails(facts, source, module)]
        if folders and len(lost) == len(
            scripts
        ):  # where one of them finds it, a link or an installation gives the name
            yield _problem(facts, module, folders, lost)


def _imports(source: Source) -> dict[str, _Import]:
    """Return the modules that a script can't do without, each with its first import."""
    tried = {
        inner for node in source.nodes if isinstance(node, ast.Try) for each in node.body for inner in ast.walk(each)
    }
    found: dict[str, _Import] = {}
    for node in source.nodes:
        if isinstance(node, _Import) and node not in tried:
            for module in _tops(node):
                found.setdefault(module, node)
    return found


def _tops(node: _Import) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {node.module.split(".")[0]} if node.module and not node.level else set()


def _fails(facts: Facts, source: Source, module: str) -> bool:
    """Whether a script ended for want of the module; so it will, where it was not run or did not come to its import."""
    runs = facts.rehearsal.script_runs(source.path) if facts.rehearsal is not None else ()
    if not runs:
        return True
    message = runs[0].traceback.message if runs[0].traceback is not None else ""
    named = _NAMED.search(message)
    return not runs[0].ok and (named is None or named[1] == module)


def _problem(facts: Facts, module: str, folders: tuple[str, ...], scripts: list[tuple[Source, _Import]]) -> Problem:
    source, node = scripts[0]
    folder = min(folders, key=lambda each: (len(relative_parts(source, each)), each))
    place = Place(path=source.path, line=node.lineno)
    names = ", ".join(each.path for each, _ in scripts)
    runs = facts.rehearsal.script_runs(source.path) if facts.rehearsal is not None else ()
    said = [f"{run.command}: {run.traceback.kind}: {run.traceback.message}" for run in runs[:1] if run.traceback]
    return Problem(
        cause=f"{names} import{'s' if len(scripts) == 1 else ''} {module}, and the folder is called {folder}: no import "
        "statement can name a folder with a dash",
        place=place,
        evidence=(Evidence(text=code_line(source, node.lineno), place=place), *(Evidence(text=each) for each in said)),
        advice=f"{_way_out(source, node, module, folder)}; or call the folder {module}, wherever the project names it.",
    )


def _way_out(source: Source, node: _Import, module: str, folder: str) -> str:
    line = ast.unparse(node)
    shorter = line.replace(f"{module}.", "").replace(f"from {module} import", "import")
    instead = f"write `{shorter}` in place of `{line}`" if shorter != line else "import what is in it by its own name"
    wanted = ", ".join(f"'{part}'" for part in relative_parts(source, folder))
    added = added_paths(source)
    if any(each.folder == folder for each in added):
        return f"{folder} is in sys.path: {instead}"
    if added:
        return f"Let the path in line {added[0].line} go {wanted} from the script's folder, and {instead}"
    path = f"os.path.join(os.path.dirname(os.path.abspath(__file__)), {wanted})"
    return f"Add sys.path.append({path}) before the import, and {instead}"
