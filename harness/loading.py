"""Loads Python files that a project names by path, or as modules: scenarios, targets and handlers."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.guest import attempt
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from types import ModuleType

#: The folder that each top-level name was imported from, by `load_named`.
_homes: dict[str, Path] = {}


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
        raise _not_importable(what, path, error)
    return module


def load_attribute(reference: str, project: Path, *, what: str) -> Any:
    """Return what `path/to/file.py:name` or `package.module:name` names, counted from the project's folder.

    A module may also be named from a folder below it: `backend-flask/lib.ddb:Ddb` imports `lib.ddb` there.
    """
    place, colon, name = reference.rpartition(":")
    folder, _, dotted = place.rpartition("/")
    is_file = place.endswith(".py")
    if not (colon and name.isidentifier() and (is_file or all(part.isidentifier() for part in dotted.split(".")))):
        raise UsageError(
            f"{what}: {reference!r} is not of the form path/to/file.py:name or package.module:name",
            hint='write it in harness.toml like "scenarios/messaging/__init__.py:make_target"',
        )
    module = load_module(project / place, what=what) if is_file else load_named(dotted, project / folder, what=what)
    if not hasattr(module, name):
        public = [known for known in vars(module) if not known.startswith("_")]
        raise UsageError(
            f"{what}: {module.__file__ or place} has no {name!r}",
            hint=did_you_mean(name, public, otherwise="name a function of that file in harness.toml"),
        )
    return getattr(module, name)


def load_named(name: str, home: Path, *, what: str) -> ModuleType:
    """Import `package.module` as Python does it in a folder: what is there comes first, then what is installed.

    Raises UsageError where there is none, where it does not import, and where another module of its name was there before.
    """
    home = home.resolve()
    stem = home.joinpath(*name.split("."))
    candidates = (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")
    own = next((path for path in candidates if path.is_file()), None)
    outcome = attempt(lambda: _imported(name, home) if own else importlib.import_module(name))
    error, module = outcome.error, outcome.value
    if own is not None and (other := _elsewhere(name.partition(".")[0], home)) is not None:
        raise UsageError(
            f"{what}: {name} is {own}, and another module of its name was there before: {other}",
            hint="name the file by its path instead: path/to/file.py:name",
        )
    if own is None and isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
        looked = "".join(f"\n  - {path}" for path in candidates)
        raise UsageError(
            f"{what}: there is no module {name!r}. Looked for:{looked}\n  - an installed package",
            hint="a module is named from the project's folder; a file by its path: path/to/file.py:name",
        )
    if error is not None or module is None:
        raise _not_importable(what, own or stem, error or ImportError(name))
    return module


def _imported(name: str, home: Path) -> ModuleType:
    """Import it with its folder first on the path, where it stays as the last: it may shadow what it imports, nobody else."""
    top = name.partition(".")[0]
    if _homes.setdefault(top, home) != home:  # another project's, from earlier in this process
        for known in [known for known in sys.modules if known == top or known.startswith(f"{top}.")]:
            del sys.modules[known]
        _homes[top] = home
    sys.path.insert(0, str(home))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(home))
        if str(home) not in sys.path:
            sys.path.append(str(home))


def _elsewhere(top: str, home: Path) -> str | None:
    """Return where the module of a top-level name is, if that is not in the folder."""
    file = getattr(sys.modules.get(top), "__file__", None)
    return None if file is None or Path(file).resolve().is_relative_to(home) else str(file)


def _not_importable(what: str, path: Path, error: BaseException) -> UsageError:
    made = UsageError(
        f"{what}: {path} does not import\n  {where(error, path)}\n  {type(error).__name__}: {error}",
        hint=f"try `{sys.executable} {path}` for the whole traceback",
    )
    made.__cause__ = error
    return made


def where(error: BaseException, path: Path) -> str:
    """Return file and line of an error: in the named file if the traceback gets there, else where it was raised."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}, column {error.offset}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(path.parent))]
    frame = (own or list(frames))[-1]
    return f"{frame.filename}, line {frame.lineno}: {frame.line}"
