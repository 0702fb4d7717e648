"""One file of a project, and all of them."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness.project.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.project.roles import Language, Role

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text file of the project."""

    #: Relative to the root, with `/`.
    path: str
    #: As it is: CRLF stays CRLF. What is no UTF-8 is replaced.
    text: str
    language: Language
    roles: frozenset[Role] = frozenset()
    executable: bool = False

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; line n is `lines[n - 1]`."""
        # Not splitlines(): Python, psql and editors count no form feed and no U+2028.
        lines = _LINE_END.split(self.text)
        return lines if lines[-1] else lines[:-1]

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree of a Python file; None where Python can't read it, or it is none."""
        return self._parsed[0]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree, outer ones first; none where there is no tree."""
        return tuple(ast.walk(self.tree)) if self.tree is not None else ()

    @cached_property
    def syntax_error(self) -> SyntaxError | None:
        """Why Python can't read it."""
        return self._parsed[1]

    def with_roles(self, roles: frozenset[Role]) -> Source:
        """Return the file with other roles; what is worked out of its text stays."""
        same = replace(self, roles=roles)
        vars(same).update({**vars(self), "roles": roles})
        return same

    @cached_property
    def _parsed(self) -> tuple[ast.Module | None, SyntaxError | None]:
        if self.language != "python":
            return None, None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an invalid escape of theirs is not our warning
                # Python takes a byte order mark in a file, and none in a text.
                return ast.parse(self.text.removeprefix("\ufeff"), filename=self.path), None
        except SyntaxError as error:
            return None, error
        except (ValueError, RecursionError, MemoryError) as error:
            return None, SyntaxError(str(error))


@dataclass(frozen=True, kw_only=True)
class Project:
    """All text files that matter, by path."""

    root: Path
    sources: Mapping[str, Source] = field(default_factory=dict)
    #: Text files that are not read, such as those over a size, with the reason.
    unread: tuple[tuple[str, str], ...] = ()

    @cached_property
    def paths(self) -> Paths:
        """The paths of all files, to look one up by its end."""
        return Paths(self.sources)

    def with_role(self, *roles: Role) -> tuple[Source, ...]:
        """Return the files that have any of the roles, by path."""
        wanted = frozenset(roles)
        return tuple(source for _, source in sorted(self.sources.items()) if source.roles & wanted)

    def find(self, path: str) -> Source | None:
        """Return the file at a path."""
        return self.sources.get(path)
