"""The files of a project as values that can be edited, moved and written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CLEAN = Path(__file__).with_name("clean")

#: What the clean project calls its files; layouts move them, and everybody goes on using these names.
PARTS = {
    "sql-schema": "backend-flask/db/schema.sql",
    "sql-seed": "backend-flask/db/seed.sql",
    "sql-query": "backend-flask/db/sql/users/uuid_from_handle.sql",
    "db-schema-load": "bin/db/schema-load",
    "db-seed": "bin/db/seed",
    "db-create": "bin/db/create",
    "db-drop": "bin/db/drop",
    "db-setup": "bin/db/setup",
    "table-schema": "bin/ddb/schema-load",
    "table-seed": "bin/ddb/seed",
    "scan": "bin/ddb/scan",
    "messages": "bin/ddb/patterns/get-conversation",
    "groups": "bin/ddb/patterns/list-conversations",
    "library": "backend-flask/lib/ddb.py",
    "db-library": "backend-flask/lib/db.py",
    "app": "backend-flask/app.py",
    "requirements": "backend-flask/requirements.txt",
    "handler": "aws/lambdas/messaging-stream.py",
    "policy": "aws/policies/messaging-stream-policy.json",
    "template": "template.yaml",
    "compose": "docker-compose.yml",
    "environment": ".env",
}


class DoesNotApply(Exception):
    """The text that was to be edited is not there: this variant of the project writes it another way."""


@dataclass
class Tree:
    """Texts by path, and which of them are executable."""

    files: dict[str, str]
    executable: set[str]
    #: Where each part is now.
    parts: dict[str, str] = field(default_factory=lambda: dict(PARTS))

    @classmethod
    def clean(cls) -> Tree:
        """Read the clean project."""
        paths = sorted(path for path in CLEAN.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        files = {path.relative_to(CLEAN).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        return cls(files, {path.relative_to(CLEAN).as_posix() for path in paths if path.stat().st_mode & 0o100})

    def __getitem__(self, part: str) -> str:
        try:
            return self.files[self.path(part)]
        except KeyError:
            raise DoesNotApply(f"there is no {part}") from None

    def __setitem__(self, part: str, text: str) -> None:
        self.files[self.path(part)] = text

    def path(self, part: str) -> str:
        """Return where a part is; a path stands for itself."""
        return self.parts.get(part, part)

    def replace(self, part: str, *pairs: tuple[str, str]) -> None:
        """Replace texts that must be there, each at its first place."""
        for old, new in pairs:
            if old not in self[part]:
                raise DoesNotApply(f"{self.path(part)} has no {old!r}")
            self[part] = self[part].replace(old, new, 1)

    def substitute(self, part: str, pattern: str, new: str | Callable[[re.Match[str]], str], count: int = 1) -> None:
        """Replace what a pattern finds; it must find something."""
        self[part], found = re.subn(pattern, new, self[part], count=count, flags=re.MULTILINE)
        if not found:
            raise DoesNotApply(f"{self.path(part)} has nothing like {pattern!r}")

    def everywhere(self, old: str, new: str) -> None:
        """Replace a text in every file."""
        self.files = {path: text.replace(old, new) for path, text in self.files.items()}

    def each(self, suffix: str, change: Callable[[str], str]) -> None:
        """Change all files of a language: `.py` and `.sh` also mean what begins with such a `#!`."""
        for path in self.of_kind(suffix):
            self.files[path] = change(self.files[path])

    def of_kind(self, suffix: str) -> list[str]:
        """Return the paths of all files of a language."""
        first = {".py": "python", ".sh": "bash"}.get(suffix, "\0")
        return [
            path
            for path, text in self.files.items()
            if path.endswith(suffix) or (text.startswith("#!") and first in text.partition("\n")[0])
        ]

    def move(self, old: str, new: str) -> None:
        """Give a file, or everything below a folder, another path."""
        for path in [*self.files]:
            if path == old or path.startswith(f"{old}/"):
                moved = new + path.removeprefix(old)
                self.files[moved] = self.files.pop(path)
                if path in self.executable:
                    self.executable = (self.executable - {path}) | {moved}
                self.parts = {part: moved if at == path else at for part, at in self.parts.items()}

    def add(self, path: str, text: str, *, executable: bool = False) -> None:
        """Add a file."""
        self.files[path] = text
        if executable:
            self.executable.add(path)

    def remove(self, *parts: str) -> None:
        """Take files away."""
        for part in parts:
            self.executable.discard(self.path(part))
            del self.files[self.path(part)]

    def write(self, target: Path) -> None:
        """Write everything below a folder."""
        for path, text in self.files.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
            place.chmod(0o755 if path in self.executable else 0o644)


def first_that_applies(changes: Iterable[Callable[[], None]]) -> None:
    """Make the first change whose text is there."""
    for change in changes:
        try:
            change()
        except DoesNotApply:
            continue
        return
    raise DoesNotApply("none of these variants is there")
