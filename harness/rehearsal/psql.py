"""SQL files through the real psql, as the project's own scripts run it: on after errors, exit code 0."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.project.shell.values import HOLE
from harness.rehearsal.inclusions import standing
from harness.rehearsal.order import users_folder
from harness.rehearsal.psql_output import sql_errors
from harness.rehearsal.results import SqlRun
from harness.rehearsal.surroundings import Login, logins_in

if TYPE_CHECKING:
    from pathlib import Path

    from harness.project.shell.psql_calls import PsqlCall
    from harness.project.source import Project, Source
    from harness.rehearsal.ground import Ground
    from harness.rehearsal.order import SqlFile
    from harness.rehearsal.results import Pass

#: Repeats statements that fail, and tells SQLSTATEs: harness/rehearsal/psql_output.py reads both.
_TELLING = ("-X", "-b", "-v", "VERBOSITY=verbose")
_MUTING = re.compile(r"^(\s*\\)set\s+(?:VERBOSITY|SHOW_CONTEXT|ECHO)\b[^\r\n]*", re.MULTILINE)
_ONE_TRANSACTION = re.compile(r"\s(?:--single-transaction|-1)\b")


def run_sql(ground: Ground, file: SqlFile, pass_: Pass) -> SqlRun:
    """Run one file to its end."""
    source, call = file.source, file.call
    beside = [str(folder) for folder in PurePosixPath(source.path).parents]
    folders = [users_folder(call.place.path)] if call else beside[1:2]
    folder = standing(ground.project, source, [*folders, *beside])
    options = _options(call)
    login = _login(ground, call)
    ran = ground.sandbox.run(
        [ground.psql or "psql", *_TELLING, *options, ground.endpoint(login).dsn, "-f", ground.root / source.path],
        cwd=ground.root / folder,
        env={"PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8", "PAGER": "cat"},
        timeout=ground.timeout,
    )
    stderr = ground.shown(ran.stderr)
    return SqlRun(
        path=source.path,
        pass_=pass_,
        command=shlex.join(["psql", *options, login.database, "-f", source.path]),
        exit_code=ran.exit_code,
        stdout=ground.shown(ran.stdout),
        stderr=stderr,
        errors=sql_errors(stderr, source.path, _files(ground, folder)),
        stopped=ran.stopped,
    )


def unmute(root: Path, project: Project) -> None:
    """Keep the copied SQL files from having psql say less than is needed to place an error; no line moves."""
    for source in project.sources.values():
        if source.language == "sql" and _MUTING.search(source.text):
            (root / source.path).write_text(_MUTING.sub(r"\g<1>qecho -n", source.text), encoding="utf-8", newline="")


def _options(call: PsqlCall | None) -> list[str]:
    if call is None:
        return []
    variables = dict(call.variables) | ({"ON_ERROR_STOP": "1"} if call.stops_on_error else {})
    known = [part for name, value in variables.items() if HOLE not in value for part in ("-v", f"{name}={value}")]
    return [*(["--single-transaction"] if _ONE_TRANSACTION.search(call.command) else []), *known]


def _login(ground: Ground, call: PsqlCall | None) -> Login:
    """Return the login that the call spells out, where the project's databases have it; else the usual one."""
    spelled = [login for target in (call.targets if call else ()) for login in logins_in(target)]
    return next((login for login in spelled if login in ground.around.logins), ground.login)


def _files(ground: Ground, folder: str) -> dict[str, Source]:
    r"""Return the SQL files by the names that psql may have for them: some it is told by `\i`, from where it stands."""
    files = [source for source in ground.project.sources.values() if source.language in {"sql", "text"}]
    beside = {os.path.relpath(source.path, folder): source for source in files}
    return beside | {source.path: source for source in files}
