"""The story of an examination: what is looked at, in which order, and what is made of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.dataset import Progress, silent
from harness.diagnosis.diagnosis import Diagnosis
from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import chosen, diagnose
from harness.doctor.exchanges import ask, read_exchanges
from harness.doctor.machine import look_at_machine
from harness.doctor.running import RunningStack, look_at_stack
from harness.doctor.scratch import scratch_stack
from harness.errors import UsageError
from harness.project.recognise import recognise
from harness.rehearsal.private_environment import private_environment
from harness.rehearsal.rehearse import rehearse
from harness.rehearsal.results import NotDone, Rehearsal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from harness.config import Config
    from harness.project.roles import Role
    from harness.project.source import Project

#: Files that doctor knows how to run.
_RUNNABLE: tuple[Role, ...] = (
    "sql-schema",
    "sql-seed",
    "table-schema",
    "table-seed",
    "pattern-messages",
    "pattern-groups",
    "stream-handler",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How far an examination goes."""

    #: Whether the project's scripts are run at all; else only its files are read.
    run: bool = True
    #: Whether missing packages are installed, into an environment of doctor's own.
    install: bool = False
    #: Which file is what, where that can't be guessed.
    said: Mapping[Role, Sequence[str]] = field(default_factory=dict)
    #: Where the application answers, and the token to show it.
    url: str | None = None
    token: str | None = None
    #: A file of recorded HTTP exchanges.
    responses: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def examine_own(
    config: Config, terms: Terms, *, environ: Mapping[str, str], now: datetime, progress: Progress = silent
) -> Diagnosis:
    """Examine the project that the command was called in: machine, files, and the stack that is up."""
    began = time.perf_counter()
    project = recognise(config.project, terms.said)
    stack = look_at_stack(config)
    rehearsal = _rehearse(config, project, terms, progress)
    if config.plan.is_file():  # the seed is a plan, and no script is to be missed
        rehearsal = replace(rehearsal, not_done=())
    facts = _with_exchanges(
        Facts(
            now=_by_now(now, began),
            project=project,
            rehearsal=rehearsal,
            held=stack.held if stack.looked_at else rehearsal.first,
            machine=look_at_machine(config, environ),
            reasons=stack.reasons,
        ),
        terms,
    )
    return _diagnosis(str(config.project), facts, terms, began, stack)


def examine_foreign(
    config: Config, root: Path, terms: Terms, *, now: datetime, progress: Progress = silent
) -> Diagnosis:
    """Examine somebody's project without touching it: a copy of it runs against databases of doctor's own."""
    began = time.perf_counter()
    if not root.is_dir():
        raise UsageError(f"{root} is no folder", hint="name the folder of a project, or the code of a check")
    project = recognise(root, terms.said)
    rehearsal = _rehearse(config, project, terms, progress)
    facts = Facts(now=_by_now(now, began), project=project, rehearsal=rehearsal, held=rehearsal.first)
    facts = _with_exchanges(facts, terms)
    return _diagnosis(str(root), facts, terms, began)


def examine_databases(config: Config, terms: Terms, *, now: datetime) -> Diagnosis:
    """Examine what the connected databases hold, however it got there."""
    began = time.perf_counter()
    stack = look_at_stack(config, required=True)
    facts = _with_exchanges(Facts(now=now, held=stack.held), terms)
    return _diagnosis(stack.shown, facts, terms, began, stack)


def _by_now(now: datetime, began: float) -> datetime:
    """Return what time it is after a rehearsal: what a seed wrote at its `now()` is not the future."""
    return now + timedelta(seconds=time.perf_counter() - began)


def _rehearse(config: Config, project: Project, terms: Terms, progress: Progress) -> Rehearsal:
    if not terms.run:
        return Rehearsal(not_done=(NotDone(what="running its scripts", why="--no-run"),))
    if not project.with_role(*_RUNNABLE):
        return Rehearsal()
    python = private_environment(project, progress=progress) if terms.install else None
    with scratch_stack(config, progress=progress) as stack:
        return rehearse(project, stack.endpoints, ground=stack.home / "ground", python=python, progress=progress)


def _with_exchanges(facts: Facts, terms: Terms) -> Facts:
    recorded = read_exchanges(terms.responses) if terms.responses else ()
    asked = ask(terms.url, terms.token) if terms.url else ()
    return replace(facts, exchanges=(*recorded, *asked))


def _diagnosis(subject: str, facts: Facts, terms: Terms, began: float, stack: RunningStack | None = None) -> Diagnosis:
    checks = all_checks()
    shown = chosen(checks.values(), terms.select, terms.ignore)
    rehearsal = facts.rehearsal or Rehearsal()
    return Diagnosis(
        subject=subject,
        findings=tuple(finding for finding in diagnose(facts, checks) if finding.code in shown),
        looked_at=tuple(_looked_at(facts, stack)),
        not_done=rehearsal.not_done,
        isolation=rehearsal.isolation,
        seconds=time.perf_counter() - began,
    )


def _looked_at(facts: Facts, stack: RunningStack | None) -> list[str]:
    """Return in words what there was to look at, so that silence can be judged."""
    seen = []
    if facts.project is not None:
        roles = sorted({role for source in facts.project.sources.values() for role in source.roles})
        seen.append(f"{len(facts.project.sources)} files ({', '.join(roles) or 'none of a kind that is known'})")
    if facts.rehearsal is not None and facts.rehearsal.isolation:
        ran = [*(run.path for run in facts.rehearsal.sql), *(run.path for run in facts.rehearsal.scripts)]
        seen.append(f"ran {', '.join(dict.fromkeys(ran)) or 'nothing'}")
    if stack is not None and stack.looked_at:
        seen.append(f"what {stack.shown} holds")
    if facts.exchanges:
        seen.append(f"{len(facts.exchanges)} HTTP exchanges")
    return seen
