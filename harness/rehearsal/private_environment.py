"""A Python environment with the packages that a project requires, built once and kept for it."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from harness.dataset import Progress, silent
from harness.engines.cache import cache_folder, make_once
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project

#: What is plainly a package of the index. URLs, paths and options (`-e .`, `--index-url`) would bring anything along.
_PLAIN = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<extras>\[[\w,.\s-]*\])?\s*"
    r"(?:(?:[=<>!~]=?|===)\s*[\w.*+!-]+\s*,?\s*)*(?:;.*)?"
)
#: Tells, within an environment, what could not be installed.
_MISSING = "not-installed"
_SECONDS = 600


def private_environment(project: Project, *, progress: Progress = silent) -> Path:
    """Return the interpreter of the project's environment; `not_installed` says what it lacks.

    Only wheels are taken: to build a package is to run its code, and nothing would stand around that. A package that has
    none in the version asked for is taken in another. Our own packages stand behind the project's.
    """
    wanted = requirements(project)
    identity = "\n".join([sys.version, platform.machine(), str(Path(sys.prefix)), *wanted])
    name = f"python-{platform.python_version()}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    folder = cache_folder(None) / "environments"  # a lock of its own: an installation takes long
    folder.mkdir(exist_ok=True)
    return make_once(folder, name, lambda scratch: _make(scratch, wanted, progress)) / "bin" / "python"


def not_installed(python: Path) -> tuple[str, ...]:
    """Return what an environment lacks of what was asked for, a line each; nothing for an environment of others."""
    try:
        return tuple((python.parent.parent / _MISSING).read_text(encoding="utf-8").splitlines())
    except OSError:
        return ()


def requirements(project: Project) -> tuple[str, ...]:
    """Return the lines of the project's requirement files, sorted, each once."""
    texts = [source.text for source in project.with_role("requirements") if source.language == "text"]
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for text in texts for line in text.splitlines())
    return tuple(sorted({line for line in lines if line}))


def _make(scratch: Path, wanted: tuple[str, ...], progress: Progress) -> None:
    _run([sys.executable, "-m", "venv", "--clear", str(scratch)])
    python = scratch / "bin" / "python"
    plain = [line for line in wanted if _PLAIN.fullmatch(line)]
    lacking = [f"{line}: neither paths nor options nor addresses are followed" for line in wanted if line not in plain]
    if plain and _pip(python, plain) is not None:
        lacking += _one_by_one(python, plain, progress)
    (scratch / _MISSING).write_text("".join(f"{line}\n" for line in lacking), encoding="utf-8")
    # Found after the project's own: what it uses and doesn't require, its people have from somewhere as well.
    theirs = Path(sysconfig.get_path("purelib", vars={"base": str(scratch), "platbase": str(scratch)}))
    (theirs / "behind.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def _one_by_one(python: Path, lines: list[str], progress: Progress) -> Iterator[str]:
    """Install what can be, and yield what can't."""
    for number, line in enumerate(lines, 1):
        progress("packages", number, len(lines))
        why = _pip(python, [line])
        if why is None:
            continue
        plain = _PLAIN.fullmatch(line)
        other = f"{plain['name']}{plain['extras'] or ''}" if plain else line
        yield f"{line}: {why}" if _pip(python, [other]) else f"{line}: another version is taken, as {why}"


def _pip(python: Path, lines: list[str]) -> str | None:
    """Install some lines; return why not."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
    return _failure([str(python), "-m", "pip", "install", *options, *lines])


def _run(argv: list[str]) -> None:
    if (why := _failure(argv)) is not None:
        raise EnvironmentFailure(
            f"no Python environment could be made for the project's packages: {why}",
            hint="leave --install away: what can be examined without them still is",
        )


def _failure(argv: list[str]) -> str | None:
    """Run a program; return the last thing it said where it failed."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return str(exc)
    if done.returncode == 0:
        return None
    said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return said[-1].removeprefix("ERROR: ") if said else f"exit code {done.returncode}"
