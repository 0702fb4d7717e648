"""What the words of a shell script come to, as far as the script alone tells: variables, `$(dirname …)`, `$0`.

`ShellValues(path, text).possible(word)`. A script takes several values for one variable where branches assign it.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harness.project.shell.text import assignments, commands

if TYPE_CHECKING:
    from collections.abc import Callable

#: What can't be told; a private-use character, which no script has.
HOLE: Final = "\ue000"
#: The project's folder.
ROOT: Final = "\ue002"

_EXPANSION = re.compile(
    r"\$\{(?P<braced>\w+)(?:\[[^\]]*\])?(?P<change>[^}]*)\}|\$(?P<name>[A-Za-z_]\w*|\d)|\$[@*#?!$-]"
)
_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)")
#: Where Gitpod and Codespaces put the project; the folder it is started in, for scripts that use it so.
_ROOTS = frozenset({"THEIA_WORKSPACE_ROOT", "GITPOD_REPO_ROOT", "CODESPACE_VSCODE_FOLDER", "LOCAL_WORKSPACE_FOLDER"})
_ITSELF = frozenset({"0", "BASH_SOURCE"})
_MOST = 8
_DEEPEST = 12


def _normal(path: str) -> str:
    """Return the path without `..`, which can't go above the root."""
    return posixpath.normpath(path) if HOLE not in path else path


_ABOUT_PATHS: dict[str, Callable[[str], str]] = {
    "dirname": lambda path: posixpath.dirname(path) or ".",
    "basename": posixpath.basename,
    "realpath": _normal,
    "readlink": _normal,
}


@dataclass(slots=True)
class ShellValues:
    """The values of one script."""

    #: Of the script, relative to the root.
    path: str
    text: str
    _assigned: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Values by name; one that is being worked out can't be told, so that nothing goes in circles.
    _known: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in assignments(self.text):
            self._assigned[each.name].append(each.value)

    def possible(self, word: str) -> tuple[str, ...]:
        """Return what the word may come to, `HOLE` for what can't be told, in the order of the assignments."""
        return tuple(dict.fromkeys(self._expand(word, 0)))[:_MOST]

    def variables(self, word: str) -> tuple[str, ...]:
        """Return the variables of the environment that the word's value hangs on, those behind assignments included."""
        found: dict[str, None] = {}
        todo, seen = [word], set()
        while todo:
            for name in _NAME.findall(todo.pop(0)):
                if name in seen:
                    continue
                seen.add(name)
                values = self._assigned.get(name, [])
                if not values or any(name in _NAME.findall(value) for value in values):
                    found[name] = None
                todo.extend(values)
        return tuple(found)

    def _expand(self, word: str, depth: int) -> list[str]:
        if depth > _DEEPEST:
            return [HOLE]
        results, at = [""], 0
        while at < len(word):
            values, end = self._part(word, at, depth)
            results = [begun + value for begun in results for value in values][:_MOST]
            at = end
        return results

    def _part(self, word: str, at: int, depth: int) -> tuple[list[str], int]:
        """Return the values of what begins at a position, and where it ends."""
        if word.startswith("$(", at) or word[at] == "`":
            end = _substitution_end(word, at)
            inner = word[at + (2 if word[at] == "$" else 1) : end - 1]
            return self._substituted(inner, depth + 1), end
        found = _EXPANSION.match(word, at)
        if found is None:
            end = next((i for i in range(at + 1, len(word)) if word[i] in "$`"), len(word))
            return [word[at:end]], end
        name = found["braced"] or found["name"] or ""
        return self._variable(name, found["change"] or "", depth + 1), found.end()

    def _variable(self, name: str, change: str, depth: int) -> list[str]:
        if name in _ITSELF:
            values = [f"{ROOT}/{self.path}"]
        elif name in self._assigned:
            values = self._assigned_values(name, depth)
        elif name in _ROOTS:
            values = [ROOT]
        elif name == "PWD":
            values = ["."]
        else:
            default = change[2:] if change.startswith((":-", ":=")) else change[1:] if change.startswith("-") else ""
            return self._expand(default, depth) if default else [HOLE]
        if change in {"%/*", "%/"}:
            return [posixpath.dirname(value) if change == "%/*" else value.rstrip("/") for value in values]
        return values if not change or change.startswith((":-", ":=", "-", ":?")) else [HOLE]

    def _assigned_values(self, name: str, depth: int) -> list[str]:
        if name not in self._known:
            self._known[name] = [HOLE]
            values = [value for each in self._assigned[name] for value in self._expand(each, depth)]
            self._known[name] = [*dict.fromkeys(values)][:_MOST]
        return self._known[name]

    def _substituted(self, inner: str, depth: int) -> list[str]:
        """Return what the commands of a `$(…)` print, for those that tell paths."""
        here = ["."]
        for step in commands(inner, nested=False) if depth <= _DEEPEST else ():
            words = [word for word in step.words[1:] if not word.startswith("-")]
            given = self._expand(words[0], depth) if words else []
            if step.name == "cd" and given:
                here = [posixpath.join(before, value) for before in here for value in given]
            elif step.name == "pwd":
                return [_normal(value) for value in here]
            elif step.words[:2] == ("git", "rev-parse"):
                return [ROOT]
            else:
                told = _ABOUT_PATHS.get(step.name)
                return [told(value) for value in given] if told and given else [HOLE]
        return [HOLE]


def _substitution_end(word: str, at: int) -> int:
    if word[at] == "`":
        end = word.find("`", at + 1)
        return end + 1 if end >= 0 else len(word)
    depth = 0
    for position in range(at + 1, len(word)):
        depth += (word[position] == "(") - (word[position] == ")")
        if depth == 0:
            return position + 1
    return len(word)
