"""Loads Python files that a project names by path: scenarios, targets and handlers."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.guest import attempt
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def load_module(path: Path, *, what: str, project: Path | None = None) -> ModuleType:
    """Import a file anew, under a name of its own; raise UsageError with file, line and error where it can't be.

    Its folder goes to the end of sys.path, as Python does it for a script, so that it may import its neighbours, and
    after it the project's, for `from scenarios.cache import …`;
    `package/__init__.py` is imported as a package, so that relative imports work.
    """
    path = path.resolve()
    if not path.is_file():
        raise UsageError(f"{what}: there is no file {path}", hint="correct the path in harness.toml")
    package = [str(path.parent)] if path.name == "__init__.py" else None
    name = f"harness_guest_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=package)
    if spec is None or spec.loader is None:
        raise UsageError(f"{what}: {path} is no Python file", hint="name a file that ends in .py")
    for loaded in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[loaded]
    for home in (path.parent.parent if package else path.parent, project):
        if home is not None and str(home) not in sys.path:
            sys.path.append(str(home))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader = spec.loader
    error = attempt(lambda: loader.exec_module(module)).error
    if error is not None:
        del sys.modules[name]
        raise UsageError(
            f"{what}: {path} does not import\n  {where(error, path)}\n  {type(error).__name__}: {error}",
            hint=f"try `{sys.executable} {path}` for the whole traceback",
        ) from error
    return module


def load_attribute(reference: str, project: Path, *, what: str) -> Any:
    """Return what `path/to/file.py:name` names, the path counted from the project's folder."""
    file, colon, name = reference.rpartition(":")
    if not colon or not file.endswith(".py") or not name.isidentifier():
        raise UsageError(
            f"{what}: {reference!r} is not of the form path/to/file.py:name",
            hint='write it in harness.toml like "scenarios/messaging/__init__.py:make_target"',
        )
    module = load_module(project / file, what=what)
    if not hasattr(module, name):
        public = [known for known in vars(module) if not known.startswith("_")]
        raise UsageError(
            f"{what}: {project / file} has no {name!r}",
            hint=did_you_mean(name, public, otherwise="name a function of that file in harness.toml"),
        )
    return getattr(module, name)


def where(error: BaseException, path: Path) -> str:
    """Return file and line of an error: in the named file if the traceback gets there, else where it was raised."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}, column {error.offset}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(path.parent))]
    frame = (own or list(frames))[-1]
    return f"{frame.filename}, line {frame.lineno}: {frame.line}"
