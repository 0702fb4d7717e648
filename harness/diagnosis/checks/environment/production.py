"""Switches that lead scripts to production."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.project.place import Place
from harness.project.python.scopes import scopes_of
from harness.project.settings.variables import variables_given, variables_read
from harness.project.shell.script_calls import script_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

_DATABASE = re.compile(r"postgres(?:ql)?://")
_AT_AWS = re.compile(r"@(?P<host>[\w.-]+\.rds\.amazonaws\.com)")
_FIRST_ARGUMENT = re.compile(r"\$\{?1\b")
_PRODUCTION = re.compile(r"prod", re.IGNORECASE)
_SUBSTRING_IN_SHELL = re.compile(r"\[\[\s*\"?\$\{?1\}?\"?\s*==?\s*\"?\*prod", re.IGNORECASE)


@check(
    "ENV205",
    severity="warning",
    example="""
    if "prod" in sys.argv[1]:       # also true for "product-test", "reproduce"
    """,
)
def production_is_named_exactly(facts: Facts) -> Iterator[Problem]:
    """A script goes to production only when its argument says exactly so.

    Compare the whole argument: `sys.argv[1:] == ["prod"]`.
    """
    places = [
        Place(path=source.path, line=line)
        for source in (facts.project.sources.values() if facts.project is not None else ())
        for line in sorted(_substring_tests(source))
    ]
    places.sort()
    if places and facts.project is not None:
        files = sorted({place.path for place in places})
        yield Problem(
            cause=f"any argument that has prod in it, such as product or reproduce, leads {_files(files)} to production",
            evidence=tuple(Evidence(text=_text(facts, place), place=place) for place in places),
            place=places[0],
            advice='Write `len(sys.argv) == 2 and sys.argv[1] == "prod"`.',
        )


@check(
    "ENV206",
    severity="warning",
    example="""
    # bin/db/setup
    source "$bin/db/drop"           # drops the local database
    source "$bin/db/schema-load"    # if [ "$1" = "prod" ]: of `setup prod`
    """,
)
def sourced_scripts_get_no_arguments(facts: Facts) -> Iterator[Problem]:
    """A script that is sourced does not take its caller's arguments for its own.

    Run it in a shell of its own, `bash "$path"`: a sourced script sees the `$1` of the script that sources it.
    """
    calls = script_calls(facts.project) if facts.project is not None else ()
    for caller in sorted({call.place.path for call in calls}):
        sourced = [call for call in calls if call.place.path == caller and call.how == "source" and not call.arguments]
        switching = [call for call in sourced if _switches(facts, call.path)]
        if switching:
            plain = [call.path for call in sourced if call not in switching and _is_shell(facts, call.path)]
            spared = f", while {_files(plain)} stay{'s' if len(plain) == 1 else ''} with the local one" if plain else ""
            yield Problem(
                cause=f"`{caller} prod` makes {_files([call.path for call in switching])} work on production{spared}: "
                "sourced scripts see the $1 of the one that sources them",
                evidence=tuple(Evidence(text=call.command, place=call.place) for call in switching),
                place=switching[0].place,
                advice=f"Write `bash` in place of `source` in {caller}, line{'s' if len(switching) > 1 else ''} "
                f"{', '.join(str(call.place.line) for call in switching)}.",
            )


@check(
    "ENV207",
    severity="warning",
    example="""
    # .env, and no other value of it:   CONNECTION_URL=postgresql://root:…@….rds.amazonaws.com:5432/app
    """,
)
def local_scripts_are_given_the_local_database(facts: Facts) -> Iterator[Problem]:
    """The variable that local scripts read is set to the local database.

    Set it to the database on this machine, and a variable of its own, such as PROD_CONNECTION_URL, to the one at AWS.
    """
    if facts.project is None:
        return
    loading = {source.path for source in facts.project.with_role("db-seed-tool", "db-library")}
    read = {each.name for each in variables_read(facts.project) if each.place.path in loading}
    given = [
        each
        for each in variables_given(facts.project)
        if each.name in read
        and each.by in {"dotenv", "gitpod", "devcontainer", "shell"}
        and _DATABASE.match(each.value or "")
    ]
    for each in given:
        others = [one for one in given if one.name == each.name and not _AT_AWS.search(one.value or "")]
        host = _AT_AWS.search(each.value or "")
        if host and not others and not _PRODUCTION.search(each.name + each.place.path):
            yield Problem(
                cause=f"{each.place} sets {each.name} to {host['host']}, the database at AWS: the scripts that load schema and "
                "seed, which drop tables, work on it without being told prod",
                evidence=(Evidence(text=f"{each.name}=…@{host['host']}", place=each.place),),
                place=each.place,
                advice=f"Set {each.name} to the local database, postgresql://…@127.0.0.1:5432/…, and PROD_{each.name} to this one.",
            )


def _substring_tests(source: Source) -> set[int]:
    if source.language == "shell":
        return {number for number, line in enumerate(source.lines, 1) if _SUBSTRING_IN_SHELL.search(line)}
    scopes = (
        scopes_of(source) if source.language == "python" and "prod" in source.text and "argv" in source.text else None
    )
    nodes = scopes.nodes if scopes is not None else ()
    return {
        node.lineno
        for node in nodes
        if isinstance(node, ast.Compare) and scopes is not None and _is_substring_test(node, scopes)
    }


def _is_substring_test(node: ast.Compare, scopes: Scopes) -> bool:
    match node:
        case ast.Compare(left=ast.Constant(value=str(word)), ops=[ast.In() | ast.NotIn()], comparators=[tested]):
            return word.lower() in {"prod", "production"} and _is_argument(tested, scopes)
    return False


def _is_argument(node: ast.expr, scopes: Scopes) -> bool:
    if isinstance(node, ast.Name):
        assigned = scopes.assigned_to(node)
        return assigned is not None and not isinstance(assigned, ast.Name) and _is_argument(assigned, scopes)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"lower", "strip"}:
        return _is_argument(node.func.value, scopes)
    return (
        isinstance(node, ast.Subscript)
        and not isinstance(node.slice, ast.Slice)
        and (getattr(node.value, "attr", None) == "argv" or getattr(node.value, "id", None) == "argv")
    )


def _switches(facts: Facts, path: str) -> bool:
    """Whether a shell script chooses production by its first argument."""
    source = facts.project.find(path) if facts.project is not None else None
    if source is None or source.language != "shell":
        return False
    return any(
        _FIRST_ARGUMENT.search(line) and _PRODUCTION.search(line)
        for line in source.lines
        if not line.lstrip().startswith("#")
    )


def _is_shell(facts: Facts, path: str) -> bool:
    source = facts.project.find(path) if facts.project is not None else None
    return source is not None and source.language == "shell"


def _text(facts: Facts, place: Place) -> str:
    source = facts.project.find(place.path) if facts.project is not None else None
    return line_at(source, place.line).strip() if source is not None else ""


def _files(paths: list[str]) -> str:
    names = list(dict.fromkeys(paths))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
