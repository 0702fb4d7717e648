"""Whether a stream handler can be called, and works for the simplest event there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.access.names import problem_of, wrong_names
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.handlers import failed, handlers, messages, moved, sort_keys, together, told
from harness.diagnosis.known_tables import tables_here
from harness.project.python.undefined_names import undefined_names
from harness.project.table.stream_handlers import constants, entry_of, takes_event_and_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.handlers import Handler
    from harness.rehearsal.results import HandlerTrial

_NOT_CALLED = frozenset({"SyntaxError", "IndentationError", "TabError", "ImportError"})
#: Of these it follows that a handler does not work.
_CAUSES = frozenset({"ACC115", "ACC201", "ACC202", "ACC203", "ACC204", "ACC205", "STR105", "STR109", "STR204"})


@check(
    "STR105",
    requires={"ACC204"},
    example="""
    handler:  index_name = 'message-group-index'
    schema:   'IndexName': 'message-group-sk-index'
    """,
)
def handler_names_what_exists(facts: Facts) -> Iterator[Problem]:
    """Every table and index that a handler names is one that the schema has.

    Write the same name in both places. The name is matched letter for letter.
    """
    for wrong in wrong_names(facts):
        if wrong.only_in_handlers:
            yield problem_of(wrong)


@check(
    "STR109",
    example="""def lambda_handler(event):      # Lambda calls it with (event, context)""",
)
def handler_can_be_called(facts: Facts) -> Iterator[Problem]:
    """Lambda can import the handler's file and call its function with an event and a context.

    The function is `def lambda_handler(event, context):` at the file's own level.
    """
    yield from together([(h, problem) for h in handlers(facts) if (problem := _not_callable(h)) is not None])


@check(
    "STR112",
    requires=_CAUSES,
    example="""message = record['dynamodb']['NewImage']['mesage']['S']      # KeyError""",
)
def handler_survives_a_new_message(facts: Facts) -> Iterator[Problem]:
    """A handler comes to its end for a new message.

    Mend the line where it stops; the last line of the traceback says why.
    """
    found = []
    for handler in handlers(facts):
        trial = handler.trials.get("insert")
        crash = trial.traceback if trial else None
        if trial is None or crash is None or _elsewhere(crash.kind) or _table_is_made_up(trial, facts):
            continue
        place = crash.at.place if crash.at else handler.at(0)
        refused = [call for call in trial.calls if call.error]
        evidence = [handler.line(place.line), Evidence(text=told(crash))]
        evidence += [Evidence(text=f"{call.operation}: {call.error}", place=call.place) for call in refused[:1]]
        cause = f"{place} fails on a new message with {told(crash)}"
        found.append((handler, Problem(cause=cause, place=place, evidence=tuple(evidence))))
    yield from together(found)


@check(
    "STR113",
    requires=_CAUSES | {"STR112"},
    example="""if pk.startswith('MSG'): return      # the wrong way round""",
)
def handler_moves_the_group(facts: Facts) -> Iterator[Problem]:
    """A handler moves the message group's rows to a new message.

    Query the index by the group's uuid, which is the message's pk without `MSG#`, and write each row with the message's sk.
    """
    found = []
    for handler in handlers(facts):
        trial = handler.trials.get("insert")
        if trial is None or failed(trial):
            continue
        still = [message for message in messages(trial) if not moved(trial, message)]
        if still:
            calls = ", ".join(call.operation for call in trial.calls) or "no call at all"
            after = sort_keys(trial.after, still[0].group)
            where = " and ".join(after) if after else "gone"
            cause = (
                f"{handler.source.path} leaves the rows of a group where they are when a message comes: made {calls}"
            )
            entry = entry_of(handler.source)
            place = handler.at(entry.lineno if entry else 0)
            evidence = Evidence(text=f"the message is of {still[0].sk}; afterwards the rows are {where}")
            found.append((handler, Problem(cause=cause, place=place, evidence=(evidence,))))
    yield from together(found)


def _table_is_made_up(trial: HandlerTrial, facts: Facts) -> bool:
    """Whether DynamoDB refused a call on a table that is the family's, since the project's own is not known."""
    return not tables_here(facts) and any(call.error for call in trial.calls)


def _not_callable(handler: Handler) -> Problem | None:
    source = handler.source
    if source.syntax_error is not None:
        line = source.syntax_error.lineno or 0
        return _problem(handler, line, f"Python can't read {source.path}: {source.syntax_error.msg}")
    entry = entry_of(source)
    if entry is None:
        made = any(name in source.text for name in ("lambda_handler", "handler ="))
        return None if made else _problem(handler, 0, f"{source.path} has no function lambda_handler(event, context)")
    if not takes_event_and_context(entry):
        cause = f"{entry.name} in {source.path} does not take two arguments, and Lambda hands over event and context"
        return _problem(handler, entry.lineno, cause)
    return None if handler.works else _not_imported(handler)


def _not_imported(handler: Handler) -> Problem | None:
    source = handler.source
    missing = undefined_names(source)
    if missing:
        cause = f"{source.path} uses {missing[0].id}, which it neither assigns nor imports"
        return _problem(handler, missing[0].lineno, cause)
    crash = next((trial.traceback for trial in handler.trials.values() if trial.traceback), None)
    if crash is not None and crash.kind in _NOT_CALLED:
        line = crash.at.place.line if crash.at and crash.at.place.path == source.path else 0
        return _problem(handler, line, f"{source.path} can't be imported: {told(crash)}")
    return _own_import(handler, crash.message) if crash and crash.kind == "ModuleNotFoundError" else None


def _own_import(handler: Handler, message: str) -> Problem | None:
    """Say that the application's `lib` is not there on Lambda; a package that isn't installed here is another matter."""
    named = re.search(r"'([\w.]+)'", message)
    name = named[1].partition(".")[0] if named else ""
    if name not in {"lib", "services", "app", "backend"}:
        return None
    line = handler.line_with(f"from {name}") or handler.line_with(f"import {name}")
    return _problem(handler, line, f"{handler.source.path} imports {name}, which is not there on Lambda")


def _problem(handler: Handler, line: int, cause: str) -> Problem:
    return Problem(cause=cause, place=handler.at(line), evidence=(handler.line(line),) if line else ())


def _elsewhere(kind: str) -> bool:
    return kind in {"ModuleNotFoundError", *_NOT_CALLED} or kind.rpartition(".")[2] in {
        "NoRegionError",
        "NoCredentialsError",
        "EndpointConnectionError",
        "ConnectTimeoutError",
    }


@check(
    "STR108",
    requires={"STR109"},
    example="""group = record['dynamodb']['NewImage']['message_group_uuid']['S']      # of its own rows, too""",
)
def handler_ignores_its_own_rows(facts: Facts) -> Iterator[Problem]:
    """A handler passes over the records that its own writes make.

    Go on only where `record['dynamodb']['Keys']['pk']['S'].startswith('MSG#')`. Each row that it writes comes back as a
    record; a handler that answers to those runs for ever.
    """
    found = []
    for handler in handlers(facts):
        texts = constants(handler.source)
        told_apart = any("MSG" in text or "GRP" in text for text in texts)
        by_attribute = [n for n, text in enumerate(handler.source.lines, 1) if _reads_the_group(text)]
        if not told_apart and by_attribute and handler.lines_of("put_item", "update_item"):
            cause = f"{handler.source.path} looks at no pk: the rows that it writes come back as records, and it writes again"
            place = handler.at(by_attribute[0])
            found.append((handler, Problem(cause=cause, place=place, evidence=(handler.line(by_attribute[0]),))))
    yield from together(found)


def _reads_the_group(text: str) -> bool:
    return "message_group_uuid" in text and ("Image" in text or "record" in text)
