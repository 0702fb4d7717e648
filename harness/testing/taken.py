"""A namespace that somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.namespaces.maker import Maker
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.pool import Pool
    from harness.namespaces.session import Session
    from harness.namespaces.template import Template
    from harness.testing.ahead import Ahead
    from harness.testing.content import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What it holds, and where it came from."""

    namespace: Namespace
    content: Content
    template: Template
    session: Session
    ahead: Ahead
    #: None where it came from no pool.
    pool: Pool | None = None

    @property
    def maker(self) -> Maker:
        """Who made it."""
        return self.session.maker
