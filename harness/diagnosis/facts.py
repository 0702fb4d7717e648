"""Everything that checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from harness.diagnosis.conversations import Conversations, read_conversations
from harness.held import Held

if TYPE_CHECKING:
    from datetime import datetime

    from harness.diagnosis.machine import Machine
    from harness.exchange import Exchange
    from harness.project.source import Project
    from harness.rehearsal.results import Rehearsal
    from harness.streams.facts import Reason


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known; None where it was not looked at. A check that needs more than there is finds nothing."""

    #: Aware, UTC.
    now: datetime
    project: Project | None = None
    rehearsal: Rehearsal | None = None
    #: The data to be looked at: after the first load of a rehearsal, or what connected databases hold.
    held: Held = field(default_factory=Held)
    machine: Machine | None = None
    #: HTTP exchanges, recorded or made just now.
    exchanges: tuple[Exchange, ...] = ()
    #: What `stream explain` answers about the running stack.
    reasons: tuple[Reason, ...] = ()

    @cached_property
    def conversations(self) -> tuple[Conversations, ...]:
        """The conversations that the tables of `held` hold."""
        return read_conversations(self.held)
