"""Small projects as values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.project.recognition.languages import language_of
from harness.project.source import Project, Source

if TYPE_CHECKING:
    from harness.project.roles import Role


def source(path: str, text: str = "", *roles: Role) -> Source:
    return Source(path=path, text=text, language=language_of(path, text), roles=frozenset(roles))


def project(*sources: Source) -> Project:
    return Project(root=Path("/project"), sources={each.path: each for each in sources})
