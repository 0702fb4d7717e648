"""What a Python error of a script says about the edit: arguments that do not fit, keys and methods that are not there."""

from __future__ import annotations

import ast
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.source import Project
    from harness.rehearsal.results import Traceback

_ARGUMENTS = re.compile(
    r"(?P<name>\w+)\(\) (?P<what>missing \d|takes |got an unexpected keyword|got multiple values|got some positional)"
)
_LACKING = re.compile(r"'(?P<owner>\w+)'(?: object)? has no attribute '(?P<name>\w+)'")
#: What answers of Query and Scan have.
_OF_ANSWERS = ("Items", "Count", "ScannedCount", "LastEvaluatedKey", "ConsumedCapacity", "ResponseMetadata")
#: What messages and group rows have.
_OF_ITEMS = (
    "pk", "sk", "message", "message_uuid", "message_group_uuid", "user_uuid", "user_display_name", "user_handle",
)  # fmt: skip
_NEAR = 0.7


def advice_for(traceback: Traceback, project: Project | None) -> str:
    """Return the edit that the error asks for; empty where it does not tell."""
    kind = traceback.kind.rpartition(".")[2]
    if "outside of application context" in traceback.message and traceback.at is not None:
        return f"Write print() in {traceback.at.place}, or a logger of your own: logging.getLogger(__name__)."
    if kind == "TypeError":
        return _arguments(traceback, project)
    if kind == "AttributeError":
        return _attribute(traceback, project)
    return _key(traceback) if kind == "KeyError" else ""


def _arguments(traceback: Traceback, project: Project | None) -> str:
    found = _ARGUMENTS.search(traceback.message)
    at = traceback.at
    every = list(_definitions(found["name"], project)) if found and at else []
    beside = [each for each in every if at is not None and each[0].startswith(f"{at.place.path}:")]
    if found is None or at is None or len(beside or every) != 1:
        return ""
    where, parameters = (beside or every)[0]
    if found["what"].startswith("missing"):
        lacking = " and ".join(re.findall(r"'(\w+)'", traceback.message))
        return f"Hand {lacking} over in {at.place}: {where} defines {found['name']}({parameters})."
    return f"Let the call in {at.place} fit {where}, which defines {found['name']}({parameters})."


def _attribute(traceback: Traceback, project: Project | None) -> str:
    found = _LACKING.search(traceback.message)
    if found is None or project is None:
        return ""
    for path, source in sorted(project.sources.items()):
        for node in source.nodes if f"class {found['owner']}" in source.text else ():
            if isinstance(node, ast.ClassDef) and node.name == found["owner"]:
                has = [each.name for each in node.body if isinstance(each, ast.FunctionDef) and each.name[0] != "_"]
                where = f"in the class {node.name} of {path}:{node.lineno}"
                return f"Define {found['name']} {where}, or call what it has: {', '.join(has)}."
    return ""


def _definitions(name: str, project: Project | None) -> Iterator[tuple[str, str]]:
    """Yield where a function is defined, and its parameters."""
    for path, source in sorted(project.sources.items()) if project is not None else ():
        for node in source.nodes if f"def {name}" in source.text else ():
            if isinstance(node, ast.FunctionDef) and node.name == name:
                yield f"{path}:{node.lineno}", ast.unparse(node.args)


def _key(traceback: Traceback) -> str:
    name, at = traceback.message.strip("'\""), traceback.at
    if at is None or not re.search(rf"\[['\"]{re.escape(name)}['\"]\]", at.text):
        return ""
    for there, what in ((_OF_ANSWERS, "the answer of DynamoDB"), (_OF_ITEMS, "an item")):
        meant = _meant(name, there)
        if meant is not None:
            return f"Write {meant!r} in place of {name!r} in {at.place}: that is what {what} has."
    return ""


def _meant(name: str, there: Iterable[str]) -> str | None:
    """Return the key that differs in letter case only, or is nearly the same; None where it is one itself."""
    keys = list(there)
    if name in keys:
        return None
    same = [key for key in keys if key.casefold() == name.casefold()]
    return next(iter(same or get_close_matches(name, keys, n=1, cutoff=_NEAR)), None)
