"""Literal projects: written below a folder, or as they are in memory."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from harness.project.recognition.languages import language_of
from harness.project.source import Project, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.project.roles import Role


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder; what begins with `#!` can be executed."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else dedent(content).encode()
        place.write_bytes(data)
        place.chmod(0o755 if data.startswith(b"#!") else 0o644)
    return root


def source(path: str, text: str, *roles: Role) -> Source:
    """Return a file; the language is told by name and text."""
    text = dedent(text)
    return Source(path=path, text=text, language=language_of(path, text), roles=frozenset(roles))


def project(*sources: Source) -> Project:
    """Return a project of these files."""
    return Project(root=Path("/nowhere"), sources={each.path: each for each in sources})
