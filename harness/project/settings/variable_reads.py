"""Where a file reads environment variables. `reads_of(source)`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.shell.text import assignments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Source

_PYTHON = re.compile(r"(?:getenv|environ(?:\.get)?)\s*[\[(]\s*['\"](\w+)['\"]")
_SHELL = re.compile(r"(?<!\\)\$(?:\{(\w+)(:?[-=?+])?([^}]*)\}|([A-Za-z_]\w*))")
_INTERPOLATED = re.compile(r"(?<!\$)\$(?:\{([A-Za-z_]\w*)(:?[-?+])?([^}]*)\}|([A-Za-z_]\w*))")
_JAVASCRIPT = re.compile(r"process\.env(?:\.([A-Za-z_]\w*)|\[['\"](\w+)['\"]\])")
_JAVASCRIPT_ENDS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs")
#: What a shell sets by itself, or anybody has.
_OF_THE_SHELL = frozenset(
    {
        "BASH", "BASH_SOURCE", "BASHPID", "EUID", "HOME", "HOSTNAME", "IFS", "LINENO", "OLDPWD", "OPTARG", "OPTIND", "PATH", "PPID",
        "PWD", "RANDOM", "SECONDS", "SHELL", "SHLVL", "TERM", "UID", "USER", "REPLY", "FUNCNAME", "PIPESTATUS", "OSTYPE",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One place that reads a variable."""

    name: str
    place: Place
    #: What is taken where it is not set; None where nothing is.
    default: str | None
    #: Whether it stops, or raises, where it is not set: `os.environ["X"]`, `${X:?}`.
    required: bool = False


def reads_of(source: Source) -> Iterator[Read]:
    """Yield each place of a file that reads a variable, by line."""
    match source.language:
        case "python":
            yield from sorted(_python(source), key=lambda each: each.place)
        case "shell":
            own = {each.name for each in assignments(source.text)}
            yield from _by_line(source, _SHELL, besides=own | _OF_THE_SHELL, comment="#")
        case "yaml" if "compose" in source.roles:
            yield from _by_line(source, _INTERPOLATED, besides=set(), comment="#")
        case "text" if source.path.endswith(_JAVASCRIPT_ENDS) and "process.env" in source.text:
            for number, line in enumerate(source.lines, 1):
                for found in _JAVASCRIPT.finditer(line):
                    name = found.group(1) or found.group(2)
                    yield Read(name=name, place=Place(path=source.path, line=number), default=None)


def _by_line(
    source: Source, pattern: re.Pattern[str], *, besides: set[str] | frozenset[str], comment: str
) -> Iterator[Read]:
    for number, line in enumerate(source.lines, 1):
        if line.lstrip().startswith(comment):
            continue
        for found in pattern.finditer(line):
            braced, sign, rest, bare = found.groups()
            name = braced or bare
            if name in besides or name.isdigit():
                continue
            default = rest if sign and sign.endswith(("-", "=")) else None
            required = bool(sign and sign.endswith("?"))
            yield Read(name=name, place=Place(path=source.path, line=number), default=default, required=required)


def _python(source: Source) -> Iterator[Read]:
    if source.tree is None:
        for number, line in enumerate(source.lines, 1):
            for name in _PYTHON.findall(line.partition("#")[0]):
                yield Read(name=name, place=Place(path=source.path, line=number), default=None)
        return
    for node in source.nodes:
        match node:
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *rest], keywords=named) if _is_getter(
                function
            ):
                given = [*rest, *(each.value for each in named if each.arg == "default")]
                yield Read(name=name, place=Place(path=source.path, line=node.lineno), default=_text(given))
            case ast.Subscript(value=value, slice=ast.Constant(value=str(name)), ctx=ast.Load()) if _is_environ(value):
                yield Read(name=name, place=Place(path=source.path, line=node.lineno), default=None, required=True)


def _text(given: list[ast.expr]) -> str | None:
    """Return the default as text, as the code spells it where it is no literal."""
    if not given or (isinstance(given[0], ast.Constant) and given[0].value is None):
        return None
    return str(given[0].value) if isinstance(given[0], ast.Constant) else ast.unparse(given[0])


def _is_getter(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="getenv") | ast.Attribute(attr="getenv"):
            return True
        case ast.Attribute(value=value, attr="get" | "pop" | "setdefault"):
            return _is_environ(value)
    return False


def _is_environ(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )
