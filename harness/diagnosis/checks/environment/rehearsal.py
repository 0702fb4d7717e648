"""What the sandbox met when the project's scripts ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.rehearsal.results import Refused, ScriptRun

_LIMITS = {"time": "ran too long", "output": "wrote too much", "memory": "took too much memory"}
_MOST = 5


@check("ENV301", severity="warning", example="bin/ddb/seed: urlopen('https://example.com/people.json')")
def scripts_need_no_network(facts: Facts) -> Iterator[Problem]:
    """Schema and seed scripts talk to the project's databases, and to nobody else.

    Keep what the script fetches in the project; here it was not let out.
    """
    for run, refused in _refused(facts, "connect", "look-up"):
        yield _problem(run, refused, "reaches for the network", "and was not let out")


@check("ENV302", severity="warning", example="open('/etc/hosts', 'a')")
def scripts_write_inside_the_project(facts: Facts) -> Iterator[Problem]:
    """Schema and seed scripts write nothing outside of the project.

    Let it write below its own folder, or into a folder of `tempfile`.
    """
    for run, refused in _refused(facts, "write"):
        yield _problem(run, refused, "writes outside of the project", "and was not allowed to")


@check("ENV303", severity="warning", example="os.system('docker compose up -d')")
def scripts_start_nothing(facts: Facts) -> Iterator[Problem]:
    """Schema and seed scripts start no programs that outlive them, and none that the sandbox refuses.

    Start servers by the compose file, and wait for a program that the script needs.
    """
    for run, refused in _refused(facts, "process"):
        yield _problem(run, refused, "starts other programs", "and was not allowed to")
    for run in first_runs(facts):
        if run.left_running:
            yield Problem(
                cause=f"{run.path} leaves programs running behind it, which were ended",
                evidence=tuple(Evidence(text=command) for command in run.left_running[:_MOST]),
                place=Place(path=run.path),
            )


@check("ENV304", example="while True: …      # stopped after 20 s")
def scripts_come_to_an_end(facts: Facts) -> Iterator[Problem]:
    """Every script comes to its end in a few seconds.

    Look for a loop whose condition never changes, for input that it waits for, and for a server that it runs itself.
    """
    seeds = {source.path for source in facts.project.with_role("table-seed")} if facts.project is not None else set()
    for run in first_runs(facts):
        told = run.stopped == "time" and run.path in seeds  # by SEED102
        if run.stopped and not told:
            yield Problem(
                cause=f"{run.path} {_LIMITS.get(run.stopped, 'was stopped')}: stopped after {run.seconds:.0f} s",
                evidence=(last_output(run),),
                place=run.traceback.at.place if run.traceback and run.traceback.at else Place(path=run.path),
            )
    for sql in facts.rehearsal.sql if facts.rehearsal is not None else ():
        if sql.stopped and sql.pass_ == 1:
            yield Problem(
                cause=f"psql on {sql.path} {_LIMITS.get(sql.stopped, 'was stopped')}",
                evidence=(Evidence(text=sql.command),),
                place=Place(path=sql.path),
            )


def first_runs(facts: Facts) -> tuple[ScriptRun, ...]:
    """Return what the scripts came to in the first load."""
    return tuple(run for run in facts.rehearsal.scripts if run.pass_ == 1) if facts.rehearsal is not None else ()


def last_output(run: ScriptRun) -> Evidence:
    """Return the command with the last lines that it printed."""
    lines = [line for line in (run.stderr or run.stdout).splitlines() if line.strip()]
    return Evidence(text="\n".join((run.command, *lines[-3:])))


def _refused(facts: Facts, *kinds: str) -> Iterator[tuple[ScriptRun, list[Refused]]]:
    """Yield each script with what it was refused."""
    for run in first_runs(facts):
        found = [each for each in run.refused if each.kind in kinds]
        if found:
            yield run, found


def _problem(run: ScriptRun, refused: list[Refused], does: str, ending: str) -> Problem:
    names = list(dict.fromkeys(each.what for each in refused))
    place = next((each.place for each in refused if each.place is not None), Place(path=run.path))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return Problem(
        cause=f"{run.path} {does} ({names[0]}{more}), {ending}",
        evidence=tuple(Evidence(text=each.what, place=each.place) for each in refused[:_MOST]),
        place=place,
    )
