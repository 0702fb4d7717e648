"""`harness init`: a small project that works, in an empty folder or beside an application."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config_file import find_config_file
from harness.errors import ExitCode, UsageError
from harness.resources import template_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "write harness.toml, schema, seeds and scenarios that work, overwriting nothing"
EXAMPLES = """
harness init              here
harness init ../chat      there
"""
WRITES_STATE = False

_PARTS = ("harness.toml", "compose.local.yml", "seeds", "scenarios")
_LEFT_OUT = {"__pycache__", "broken"}


def configure(parser: Parser) -> None:
    """Add the folder."""
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", default=Path(), help="where (default: here)")


def run(config: Config, args: argparse.Namespace) -> int:  # noqa: ARG001 - it makes what others are configured by
    """Copy what isn't there yet, and say what to type next."""
    folder: Path = args.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder", hint="name a folder: harness init DIR")
    for part in wanted_parts(folder):
        written = write_new(template_folder() / part, folder / part)
        print(f"{'wrote' if written else 'kept '}  {folder / part}")
    print("\nnext:")
    if folder.resolve() != Path.cwd():
        print(f"  cd {shlex.quote(str(folder))}")
    print("  harness run      prove access patterns A to E")
    print("  harness up       both databases, loaded, at their usual ports")
    return ExitCode.OK


def wanted_parts(folder: Path) -> Iterator[Path]:
    """Yield what a project in `folder` needs, relative to the template."""
    template = template_folder()
    for name in _PARTS:
        path = template / name
        if name == "harness.toml" and _configured_by_pyproject(folder):
            print(f"kept   {folder / 'pyproject.toml'} ([tool.harness]; a harness.toml would hide it)")
        elif path.is_file():
            yield Path(name)
        else:
            files = (file.relative_to(template) for file in sorted(path.rglob("*")) if file.is_file())
            yield from (file for file in files if not _LEFT_OUT & set(file.parts))


def write_new(source: Path, target: Path) -> bool:
    """Copy a file unless something is at `target` already; leave no half of one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{error.filename} is a file where a folder is needed", hint="move it, or init elsewhere"
        ) from error
    try:
        with target.open("xb") as file:
            try:
                file.write(source.read_bytes())
                file.flush()
            except BaseException:
                target.unlink()
                raise
    except FileExistsError:
        return False
    return True


def _configured_by_pyproject(folder: Path) -> bool:
    found = find_config_file(folder.resolve()).path
    return found is not None and found == folder.resolve() / "pyproject.toml"
