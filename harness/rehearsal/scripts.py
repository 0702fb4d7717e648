"""Scripts of the project, run as its people run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.project.python.subcommands import word_for
from harness.rehearsal.order import users_folder
from harness.rehearsal.results import ScriptRun

if TYPE_CHECKING:
    from harness.project.roles import Role
    from harness.project.source import Source
    from harness.rehearsal.ground import Ground
    from harness.rehearsal.results import Pass

_WRITES = frozenset(
    {"BatchWriteItem", "CreateTable", "DeleteItem", "DeleteTable", "PutItem", "TransactWriteItems", "UpdateItem"}
)
_READS = frozenset({"query", "scan", "get_paginator", "execute_statement", "list_messages", "list_message_groups"})
#: By what a script does that is one of a role.
_DEEDS: dict[Role, frozenset[str]] = {
    "table-schema": frozenset({"create_table"}),
    "table-seed": frozenset({"put_item", "batch_write_item", "transact_write_items", "batch_writer"}),
    "pattern-messages": _READS,
    "pattern-groups": _READS,
}


def run_script(ground: Ground, source: Source, pass_: Pass, role: Role) -> ScriptRun:
    """Run a script for one of its roles, from the folder its users stand in; from the root, where it lacks a file there."""
    folder = users_folder(source.path)
    run = _run(ground, source, pass_, role, folder)
    if folder == "." or not _lacks_file(run):
        return run
    again = _run(ground, source, pass_, role, ".")
    return run if _lacks_file(again) else again


def _run(ground: Ground, source: Source, pass_: Pass, role: Role, folder: str) -> ScriptRun:
    path = source.path if folder == "." else source.path.removeprefix(f"{folder}/")
    word = word_for(source, _DEEDS[role])
    arguments = [path] if word is None else [path, word]
    program, name = ("bash", "bash") if source.language == "shell" else (str(ground.python), "python")
    ran = ground.sandbox.run(
        [program, *arguments], cwd=ground.root / folder, env=ground.environment(), timeout=ground.timeout
    )
    heard = ground.ear.hear(ran.journal)
    return ScriptRun(
        path=source.path,
        pass_=pass_,
        command=" ".join((name, *arguments)),
        cwd=folder,
        exit_code=ran.exit_code,
        stdout=ground.shown(ran.stdout),
        stderr=ground.shown(ran.stderr),
        seconds=ran.seconds,
        stopped=ran.stopped,
        traceback=heard.traceback,
        calls=heard.calls,
        refused=heard.refused,
        missing=heard.missing,
        left_running=ran.left_running,
        only_for=None if word is None else role,
    )


def _lacks_file(run: ScriptRun) -> bool:
    """Whether it ended because of a file that isn't there, before it wrote anything."""
    if any(call.operation in _WRITES and call.error is None for call in run.calls):
        return False
    if run.traceback is not None:
        return run.traceback.kind == "FileNotFoundError"
    return run.exit_code not in {0, None} and "No such file or directory" in run.stderr
