"""From a folder to a Project: which file is what, whatever it is called and wherever it lies."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.project.recognition.file_roles import file_roles
from harness.project.recognition.languages import language_of
from harness.project.recognition.live_files import live
from harness.project.recognition.python_roles import python_roles
from harness.project.recognition.references import included_files, referred
from harness.project.recognition.walk import Found, walk
from harness.project.shell.script_calls import script_calls_of
from harness.project.source import Project, Source
from harness.project.sql.text import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.project.recognition.live_files import Roles
    from harness.project.roles import Role

#: What a script that sets everything up starts.
_SET_UP: frozenset[Role] = frozenset({"db-tool", "db-seed-tool", "table-schema", "table-seed", "users-tool", "setup"})
#: What psql runs, in one file or in several that one brings in.
_LOADED: frozenset[Role] = frozenset({"sql-schema", "sql-seed"})
#: What stands there is made for tests, and stands for nothing of the application.
_TESTS = re.compile(
    r"(^|/)(tests?|__tests__|testing|fixtures|testdata|test-data)/|(^|/)(conftest\.py$|test_[^/]*\.py$|[^/]*_test\.py$)"
)
_NOTHING: Mapping[Role, Sequence[str]] = MappingProxyType({})


def recognise(root: Path, said: Mapping[Role, Sequence[str]] = _NOTHING) -> Project:
    """Read a project and tell its files' roles; of several candidates only those in use get one.

    `said` names files by role, relative to the root, where that can't be guessed. Raises UsageError for one that is
    not there.
    """
    found = list(walk(root))
    plain = {each.path: _source(each) for each in found if isinstance(each, Found)}
    unread = tuple((each.path, each.why) for each in found if not isinstance(each, Found))
    project = Project(root=root, sources=plain, unread=unread)
    candidates = _candidates(project)
    _add_setups(candidates, project)
    _add_wholes(candidates, project)
    _say(candidates, said, project)
    chosen = live(candidates, referred(project), {path: source.text for path, source in plain.items()})
    _say(chosen, said, project)
    _add_application(chosen, project)
    return Project(
        root=root,
        sources={path: source.with_roles(chosen.get(path, frozenset())) for path, source in plain.items()},
        unread=unread,
    )


def _source(found: Found) -> Source:
    return Source(
        path=found.path,
        text=found.text,
        language=language_of(found.path, found.text),
        executable=found.executable,
    )


def _candidates(project: Project) -> Roles:
    roles = {
        path: python_roles(source) if source.language == "python" else file_roles(source, project)
        for path, source in project.sources.items()
        if not _TESTS.search(path)
    }
    return {path: some for path, some in roles.items() if some}


def _add_setups(candidates: Roles, project: Project) -> None:
    """Find the scripts that start the others; such a script may start another that does."""
    for path, source in sorted(project.sources.items()):
        started = {call.path for call in script_calls_of(source, project.paths)}
        useful = {each for each in started if candidates.get(each, frozenset()) & _SET_UP}
        if len(useful) > 1 or (useful and "setup" in PurePosixPath(path).stem.lower()):
            candidates[path] = candidates.get(path, frozenset()) | {"setup"}


def _add_wholes(candidates: Roles, project: Project) -> None:
    """Give a SQL file that does nothing but bring in others the one role that those have."""
    for path, source in project.sources.items():
        if source.language == "sql" and not statements(source.text):
            parts = [candidates.get(part, frozenset()) & _LOADED for part in included_files(source, project.paths)]
            roles = frozenset().union(*parts)
            if len(roles) == 1:
                candidates[path] = candidates.get(path, frozenset()) | roles


def _say(roles: Roles, said: Mapping[Role, Sequence[str]], project: Project) -> None:
    """Give each role to the files that are named for it, and to no other."""
    for role, paths in said.items():
        for path, has in tuple(roles.items()):
            roles[path] = has - {role}
        for path in (PurePosixPath(each).as_posix() for each in paths):
            if path not in project.sources:
                raise UsageError(
                    f"harness.toml names {path} as {role}, and {project.root} has no such text file",
                    hint="name it relative to the project's folder, with /",
                )
            roles[path] = roles.get(path, frozenset()) | {role}


def _add_application(roles: Roles, project: Project) -> None:
    """Count the modules that lie beside or below the Flask application to it."""
    folders = [
        PurePosixPath(path).parent for path, has in roles.items() if "application" in has and path.endswith("/app.py")
    ]
    for path, source in project.sources.items():
        beside = any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
        if source.language == "python" and beside and not roles.get(path) and path.endswith(".py"):
            roles[path] = frozenset({"application"})
