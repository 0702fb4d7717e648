"""Which language a file is in. What stands in it counts for more than its name: students name Python `seed.sh`."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.roles import Language

_BY_END: dict[str, Language] = {
    ".py": "python", ".pyw": "python", ".sh": "shell", ".bash": "shell", ".zsh": "shell", ".sql": "sql", ".psql": "sql",
    ".pgsql": "sql", ".ddl": "sql", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".jsonc": "json", ".toml": "toml",
}  # fmt: skip
#: Files that may be a program of any language, by the ends of their names.
_PROGRAM_ENDS = frozenset({"", ".py", ".sh", ".bash", ".zsh", ".txt"})
_DOTENV = re.compile(r"(^|/)\.env($|[.\-_])|\.env(\.erb|\.example|\.sample|\.local|\.template)?$|(^|/)\.envrc$")

_SHEBANG = re.compile(r"\A\ufeff?#![ \t]*(.+)")
_PYTHON_LINE = re.compile(
    r"^(?:import [\w.]+|from [.\w]+ import .|def \w+\(.*|class \w+.*:|\w+ = boto3\.|print\(.*\)|if __name__ ==)",
    re.MULTILINE,
)
_SHELL_LINE = re.compile(
    r"^[ \t]*(?:set -\w|if \[|fi$|done$|then$|esac$|echo [^=(]|printf [\"']|export \w+=|source [./\"$\w]|psql |aws [a-z0-9-]+ "
    r"|docker |cd [./\"$]|[A-Za-z_]+=[\"'$\w/(]|exit \d|createdb |dropdb |python3? [\"$./\w-])",
    re.MULTILINE,
)
_HERE_DOCUMENT = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1[^\n]*\n(?:.*\n){0,200}?[ \t]*\2[ \t]*$", re.MULTILINE)
_SQL_START = re.compile(
    r"\A(?>\s+|--[^\n]*\n|/\*.*?\*/|\\\w[^\n]*\n)*+(?:create|drop|insert|alter|truncate|begin)\s",
    re.IGNORECASE | re.DOTALL,
)


def language_of(path: str, text: str) -> Language:
    """Return the language that a file is written in, whatever it is called."""
    end = PurePosixPath(path).suffix.lower()
    if _DOTENV.search(path):
        return "dotenv"
    if end not in _PROGRAM_ENDS:
        return _BY_END.get(end, "text")
    named = _BY_END.get(end) or _by_shebang(text)
    return _by_content(text, named) if named or end == "" else "text"


def _by_shebang(text: str) -> Language | None:
    found = _SHEBANG.match(text)
    if found is None:
        return None
    program = found.group(1).split("#")[0]
    if "python" in program:
        return "python"
    return "shell" if re.search(r"\b(?:ba|z|da|k)?sh\b", program) else "text"


def _by_content(text: str, named: Language | None) -> Language:
    """Settle what name and shebang say, or leave open, by the lines themselves."""
    shebang = _by_shebang(text)
    if shebang == "text":
        return "text"
    own = _HERE_DOCUMENT.sub("", text)
    pythonic, shell_like = len(_PYTHON_LINE.findall(own)), len(_SHELL_LINE.findall(own))
    if (named == "python" and pythonic and not shell_like) or _is_python(text):
        return "python"
    if pythonic > 1 and pythonic > shell_like:
        return "python"
    if shell_like > 1 and pythonic == 0:
        return "shell"
    if settled := named or shebang:
        return settled
    return "sql" if _SQL_START.match(text) else "shell" if shell_like else "python" if pythonic else "text"


def _is_python(text: str) -> bool:
    """Whether it parses and imports or defines something, which no shell script does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text.removeprefix("\ufeff")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        isinstance(each, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
        for each in ast.walk(ast.Module(body=body, type_ignores=[]))
    )
