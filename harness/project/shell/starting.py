"""How scripts are started: the shebang, the line ends behind it, and whether it fits the language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.source import Project, Source

_SHEBANG = re.compile(r"\A(\ufeff?)#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?")
_PYTHON = re.compile(r"python[\d.]*\Z")
_SHELL = re.compile(r"(?:ba|z|da|k)?sh\Z")
#: Folders that hold what people run.
_FOLDERS = frozenset({"bin", "scripts", "script", "tools"})
_PROGRAM_ROLES = frozenset(
    [
        "table-schema",
        "table-seed",
        "table-tool",
        "pattern-messages",
        "pattern-groups",
        "users-tool",
        "db-tool",
        "db-seed-tool",
        "setup",
    ]
)


def programs(project: Project) -> tuple[Source, ...]:
    """Return the scripts that people run, by path."""
    found = (source for _, source in sorted(project.sources.items()))
    return tuple(each for each in found if each.language in ("python", "shell") and each.roles & _PROGRAM_ROLES)


def interpreter(source: Source) -> str | None:
    """Return `python` or `shell` as the shebang has it, its program where it is another one, None without a shebang."""
    found = _SHEBANG.match(source.text)
    if found is None:
        return None
    program = found[2].rpartition("/")[2]
    if program == "env" and found[3]:
        program = found[3].rpartition("/")[2]
    return "python" if _PYTHON.match(program) else "shell" if _SHELL.match(program) else program


def has_mark(source: Source) -> bool:
    """Whether a byte order mark stands before the shebang, which the kernel then does not see."""
    return source.text.startswith("\ufeff#!")


def has_carriage_returns(source: Source) -> bool:
    """Whether its lines end with CR LF."""
    return "\r\n" in source.text


def is_called_by_name(source: Source) -> bool:
    """Whether it has no `.py` or `.sh` to tell what runs it, and lies where programs lie."""
    folders = source.path.split("/")[:-1]
    return "." not in source.path.rpartition("/")[2] and (source.executable or bool(_FOLDERS & set(folders)))
