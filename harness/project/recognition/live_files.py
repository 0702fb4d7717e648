"""Which of several candidates for a role is in use: old copies, moved folders and journals leave others behind.

`live(candidates, project)`: what other files refer to goes first, then what no name calls a copy, then the usual name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from harness.project.roles import Role

#: Roles that one file has, or those few that a script refers to.
_SINGLE: frozenset[Role] = frozenset(
    {
        "sql-schema", "sql-seed", "table-schema", "table-seed", "pattern-messages", "pattern-groups", "setup",
        "db-library", "table-library",
    }
)  # fmt: skip
#: Roles of programs, which lie together and move together.
_PROGRAMS: frozenset[Role] = frozenset(
    {
        "table-schema", "table-seed", "table-tool", "pattern-messages", "pattern-groups", "users-tool", "db-tool",
        "db-seed-tool", "setup",
    }
)  # fmt: skip
#: How files of a role are usually called.
_USUAL: Mapping[Role, str] = {
    "sql-schema": r"schema",
    "sql-seed": r"seeds?",
    "table-schema": r"schema[-_]?load|create[-_]?table|schema",
    "table-seed": r"seeds?",
    "pattern-messages": r"get[-_]?conversation|list[-_]?messages",
    "pattern-groups": r"list[-_]?conversations|list[-_]?message[-_]?groups",
    "setup": r"setup",
    "db-library": r"db",
    "table-library": r"ddb",
}
_LEFT_BEHIND = re.compile(
    r"old|bak|backups?|orig|original|copy|deprecated|archived?|unused|te?mp|drafts?|wip|prev|previous|legacy|journals?|notes?"
    r"|snippets?|examples?|samples?|solutions?|reference|docs?|week\d*|wk\d+|trash|disabled|obsolete|retired|broken|not"
)
_HOMES = frozenset({"bin", "script", "scripts", "tools", "tool"})
_BELOW_HOMES = frozenset({"db", "ddb", "dynamodb", "patterns", "cognito", "rds", "postgres", "psql"})

Roles = dict[str, frozenset["Role"]]


def is_left_behind(path: str) -> bool:
    """Whether its name, or a folder's, says that it is a copy, an old state or an example."""
    words = {word for part in path.split("/") for word in re.split(r"[^a-zA-Z0-9]+", part.lower())}
    return any(_LEFT_BEHIND.fullmatch(word) for word in words) or path.endswith("~")


def home_of(path: str) -> str:
    """Return the folder that a program's set of programs lies in: `backend-flask/bin` of `backend-flask/bin/ddb/seed`."""
    folders = list(PurePosixPath(path).parts[:-1])
    for index in range(len(folders), 0, -1):
        if folders[index - 1] in _HOMES:
            return "/".join(folders[:index])
    while folders and folders[-1] in _BELOW_HOMES:
        folders.pop()
    return "/".join(folders)


def live(candidates: Roles, referred: Mapping[str, Collection[str]], texts: Mapping[str, str]) -> Roles:
    """Return the candidates that are in use, with their roles.

    `referred`: by path, the files that refer to it. `texts`: what stands in a file, to tell copies.
    """
    return _Choice(candidates, referred, texts).made()


@dataclass
class _Choice:
    candidates: Roles
    referred: Mapping[str, Collection[str]]
    texts: Mapping[str, str]
    ranks: dict[str, tuple[bool, int, int, str]] = field(default_factory=dict)

    def made(self) -> Roles:
        kept: dict[str, set[Role]] = {}
        roles = {role for roles in self.candidates.values() for role in roles}
        # Programs first: what a program refers to counts only where the program itself is in use.
        for role in sorted(roles, key=lambda each: (each not in _PROGRAMS, each)):
            holders = [path for path, roles in sorted(self.candidates.items()) if role in roles]
            for path in self._live(role, holders, kept):
                kept.setdefault(path, set()).add(role)
        return {path: frozenset(roles) for path, roles in kept.items()}

    def _live(self, role: Role, holders: list[str], kept: Mapping[str, set[Role]]) -> Iterable[str]:
        present = [path for path in holders if not is_left_behind(path)] or holders
        present = self._without_copies(role, present)
        if role in _PROGRAMS:
            present = self._of_best_home(role, present)
        if role not in _SINGLE or len(present) < 2:  # noqa: PLR2004 - nothing to choose
            return present
        dead = self._dead(kept)
        used = [path for path in present if any(by not in dead and by != path for by in self.referred.get(path, ()))]
        if used and role != "setup":
            return used
        usual = re.compile(_USUAL[role], re.IGNORECASE)
        return [min(present, key=lambda path: _unusual(path, usual))]

    def _dead(self, kept: Mapping[str, set[Role]]) -> set[str]:
        """Return the programs that were passed over."""
        return {path for path, roles in self.candidates.items() if roles & _PROGRAMS and path not in kept} | {
            path for path in self.referred if is_left_behind(path)
        }

    def _without_copies(self, role: Role, holders: list[str]) -> list[str]:
        """Leave out files that are, sign by sign, another one of the same role."""
        if role in {"requirements", "environment"}:
            return holders
        first: dict[str, str] = {}
        for path in sorted(holders, key=lambda each: (not self.referred.get(each), each.count("/"), each)):
            first.setdefault(self.texts.get(path, path).strip() or path, path)
        return sorted(first.values())

    def _of_best_home(self, role: Role, holders: list[str]) -> list[str]:
        """Return the programs of the best set; of roles that many have, also those that only lesser sets hold."""
        homes = sorted({home_of(path) for path in holders}, key=self._rank)
        if role in _SINGLE:
            return [path for path in holders if home_of(path) == homes[0]]
        found: dict[str, str] = {}
        for home in homes:
            for path in holders:
                if home_of(path) == home:
                    found.setdefault(_bare(path.removeprefix(home)), path)
        return sorted(found.values())

    def _rank(self, home: str) -> tuple[bool, int, int, str]:
        """Rank sets of programs: the fuller one, then the one further up, since the family moved `bin` to the root."""
        if home not in self.ranks:
            inside = [path for path in self.candidates if self.candidates[path] & _PROGRAMS and home_of(path) == home]
            roles = {role for path in inside for role in self.candidates[path] & _SINGLE}
            self.ranks[home] = (is_left_behind(home), -len(roles), home.count("/") + bool(home), home)
        return self.ranks[home]


def _bare(path: str) -> str:
    """Return a name for comparing: `seed`, `seed.sh` and `seed.py` are the same program."""
    return str(PurePosixPath(path).with_suffix("")).replace("_", "-").lower()


def _unusual(path: str, usual: re.Pattern[str]) -> tuple[bool, bool, int, int, str]:
    stem = PurePosixPath(path).name.partition(".")[0]
    return not usual.fullmatch(stem), not usual.search(stem), path.count("/"), len(stem), path
