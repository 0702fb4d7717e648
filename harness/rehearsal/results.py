"""What came of running a project's files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from harness.held import Held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.project.place import Place
    from harness.project.roles import Role

#: The first load, or the second one on top of it.
Pass = Literal[1, 2]
#: docs.python.org, argparse, "Exiting methods"; click.UsageError.exit_code.
_USAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlError:
    """An error that psql printed and went on after."""

    #: Where the failing statement begins; where psql points, if it points.
    place: Place
    #: `ERROR` or `FATAL`.
    severity: str
    #: PostgreSQL manual, appendix A: `42601` is a syntax error.
    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    #: The text of the statement that failed.
    statement: str = ""
    #: The place of the error itself (`LINE 3: …^`); the statement's where psql does not tell.
    at: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlRun:
    """One psql on one file."""

    path: str
    pass_: Pass
    #: As a person would type it.
    command: str
    exit_code: int | None
    stdout: str
    stderr: str
    errors: tuple[SqlError, ...] = ()
    #: `time` and the like, where it was stopped.
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A line of a traceback."""

    #: Relative for files of the project; absolute for others.
    place: Place
    function: str
    text: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Traceback:
    """What ended a Python program."""

    #: `TypeError`, `botocore.exceptions.ClientError`.
    kind: str
    message: str
    #: Outermost first.
    frames: tuple[Frame, ...]

    @property
    def at(self) -> Frame | None:
        """The innermost line that is the project's own."""
        return next((frame for frame in reversed(self.frames) if frame.is_own), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCall:
    """A request to AWS, as the script made it; all of them are led to the scratch engine."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    #: Code of the error that was answered or raised.
    error: str | None
    #: What the script itself asked for; None where it left that to the environment.
    region: str | None
    endpoint: str | None
    #: The innermost line of the project that made it.
    place: Place | None = None
    #: What the answer held that checks look at: `Count`, `ScannedCount`, `LastEvaluatedKey`, `UnprocessedItems`.
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something that the sandbox did not allow."""

    kind: Literal["connect", "look-up", "write", "process"]
    #: `198.51.100.7:443`, `/etc/passwd`, a command line.
    what: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModule:
    """A module that was imported and is not installed."""

    name: str
    place: Place | None
    #: Whether a stand-in was imported in its place, so that the script went on.
    stood_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRun:
    """One run of a script of the project."""

    path: str
    pass_: Pass
    command: str
    #: Where it was started, relative to the root; `.` is the root.
    cwd: str
    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    #: `time`, `output`, `memory`, where it was stopped.
    stopped: str | None = None
    traceback: Traceback | None = None
    calls: tuple[AwsCall, ...] = ()
    refused: tuple[Refused, ...] = ()
    missing: tuple[MissingModule, ...] = ()
    #: Command lines of processes that it left behind and that were ended.
    left_running: tuple[str, ...] = ()
    #: What it was asked for by a word, where it does several things: `ddb create`, `ddb seed`.
    only_for: Role | None = None

    @property
    def ok(self) -> bool:
        """Whether it came to its end without an error."""
        return self.exit_code == 0 and self.traceback is None

    @property
    def lacks_arguments(self) -> bool:
        """Whether it ended as argparse and click do that were started without what they want."""
        return self.exit_code == _USAGE and self.traceback is None and self.stderr.lower().startswith("usage:")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerTrial:
    """One event given to a stream handler, on a table prepared for it."""

    path: str
    #: `insert`, `batch-of-two`, `late-record`, `remove`, `redelivery`, `unknown-group`.
    name: str
    #: The records, as Lambda gives them.
    event: Mapping[str, Any]
    #: What the handler raised.
    traceback: Traceback | None
    #: `time` where it was stopped; or why it could not be called at all.
    stopped: str | None
    calls: tuple[AwsCall, ...]
    #: Group items before and after, in DynamoDB JSON.
    before: tuple[Mapping[str, Mapping[str, Any]], ...]
    after: tuple[Mapping[str, Mapping[str, Any]], ...]
    stdout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """A part of the rehearsal that was left out."""

    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Everything that running the project came to."""

    sql: tuple[SqlRun, ...] = ()
    scripts: tuple[ScriptRun, ...] = ()
    trials: tuple[HandlerTrial, ...] = ()
    #: After the schemas and the first load.
    first: Held = field(default_factory=Held)
    #: After everything ran once more; None where that was not done.
    second: Held | None = None
    not_done: tuple[NotDone, ...] = ()
    #: `namespaces`, `guard`: how untrusted code was held.
    isolation: str = ""

    def script_runs(self, path: str) -> tuple[ScriptRun, ...]:
        """Return the runs of one script, the first load's first."""
        return tuple(run for run in self.scripts if run.path == path)
