"""How the application asks Postgres: its templates, and the library that runs them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.wording import that_do
from harness.project.place import Place
from harness.project.python.query_templates import functions_of, spoiled_queries, wrapping_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.python.scopes import Function
    from harness.project.source import Source

#: Packages whose execute() takes a query and its parameters.
DRIVERS = frozenset({"psycopg", "psycopg2", "psycopg_pool"})
_PSYCOPG_3 = frozenset({"psycopg", "psycopg_pool"})
_OF_PSYCOPG_2 = {"pgerror": "diag.message_primary", "pgcode": "sqlstate"}


@check(
    "SQL301",
    example="""
    SELECT * FROM users WHERE handle = %(handle)s;   -- pasted into (SELECT … FROM (…) row)
    """,
)
def pasted_queries_have_no_semicolon(facts: Facts) -> Iterator[Problem]:
    """A query that the library pastes into another one does not end with `;`.

    Take the `;` away: inside of parentheses it is a syntax error.
    """
    for each in spoiled_queries(facts.project) if facts.project is not None else ():
        line = line_at(each.source, each.place.line)
        is_plain = line.rstrip().endswith(";") and each.source.language == "sql"
        yield Problem(
            cause=f"{each.place} ends with `;`, and {each.function}(), called in {each.call}, pastes it into a sub-select",
            evidence=(Evidence(text=line.strip(), place=each.place),),
            place=each.place,
            advice=f"Delete the `;` in {each.place}.",
            edits=(replace_line(each.source, each.place.line, line.rstrip().rstrip(";")),) if is_plain else (),
        )


@check("SQL302", severity="warning", example="return cur.fetchone()[0]   # TypeError where there is no row")
def no_row_is_expected(facts: Facts) -> Iterator[Problem]:
    """The library answers something where a query finds no row.

    Look at the row before taking its first column: `row = cur.fetchone()`, then `return row[0] if row else None`.
    """
    if facts.project is None:
        return
    # Who pastes the query into json_agg(…) gets a row whatever it finds; into row_to_json(…), it does not.
    arrays = {name for name in wrapping_functions(facts.project) if "array" in name}
    for source in facts.project.with_role("db-library"):
        found = [each for each in functions_of(source) if each.name not in arrays and _takes_the_row(each)]
        if found:
            places = [Place(path=source.path, line=_takes_the_row(each)) for each in found]
            yield Problem(
                cause=f"{that_do((f'{each.name}()' for each in found), 'takes')} column 0 of fetchone(), which is None "
                "where there is no row: TypeError: 'NoneType' object is not subscriptable, with no word about who is missing",
                evidence=tuple(Evidence(text=line_at(source, place.line).strip(), place=place) for place in places),
                place=places[0],
            )


@check(
    "SQL303",
    severity="warning",
    example="""
    if row == None:
        "{}"          # return
    else:
        return row[0]
    """,
)
def empty_answers_are_returned(facts: Facts) -> Iterator[Problem]:
    """What the library means to answer is returned.

    Write `return` before it: a value that stands alone does nothing, and the function answers None.
    """
    for source in facts.project.with_role("db-library") if facts.project is not None else ():
        for function in functions_of(source):
            for value in _left_alone(function):
                place = Place(path=source.path, line=value.lineno)
                line = line_at(source, value.lineno)
                indent = line[: len(line) - len(line.lstrip())]
                yield Problem(
                    cause=f"{function.name}() has {line.strip()} without `return` in {place}, and answers None there",
                    evidence=(Evidence(text=line.strip(), place=place),),
                    place=place,
                    advice=f"Write `return {line.strip()}`.",
                    edits=(replace_line(source, value.lineno, f"{indent}return {line.strip()}"),),
                )


@check("SQL304", severity="warning", example="import psycopg   …   print(err.pgerror)")
def errors_are_read_as_psycopg_3_has_them(facts: Facts) -> Iterator[Problem]:
    """Errors are read by the names that psycopg 3 has for their parts.

    Write `err.diag.message_primary` for pgerror and `err.sqlstate` for pgcode.
    """
    for source in facts.project.with_role("db-library", "application", "lambda") if facts.project is not None else ():
        packages = imported(source)
        if not packages & _PSYCOPG_3 or "psycopg2" in packages:
            continue
        found = [
            node
            for node in source.nodes
            if isinstance(node, ast.Attribute) and node.attr in _OF_PSYCOPG_2 and isinstance(node.value, ast.Name)
        ]
        if found:
            found.sort(key=lambda node: node.lineno)
            names = " and ".join(sorted({node.attr for node in found}))
            yield Problem(
                cause=f"psycopg 3 is imported, whose errors have no {names}: printing an error raises AttributeError, "
                "and the error itself is lost",
                evidence=tuple(
                    Evidence(text=line_at(source, node.lineno).strip(), place=Place(path=source.path, line=node.lineno))
                    for node in found
                ),
                place=Place(path=source.path, line=found[0].lineno),
                edits=tuple(
                    replace_line(source, line, _renamed(line_at(source, line)))
                    for line in {node.lineno for node in found}
                ),
            )


def _renamed(line: str) -> str:
    for old, new in _OF_PSYCOPG_2.items():
        line = line.replace(f".{old}", f".{new}")
    return line


def imported(source: Source) -> frozenset[str]:
    """Return the packages that a file imports."""
    nodes = source.nodes
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return frozenset(names)


def _takes_the_row(function: Function) -> int:
    """Return the line in which a column of a row is taken that nobody has looked at; 0 where there is none."""
    rows = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_fetchone(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    looked_at = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.Try | ast.Assert)
        for part in (
            [node] if isinstance(node, ast.BoolOp) else node.body if isinstance(node, ast.Try) else [node.test]
        )
        for name in ast.walk(part)
        if isinstance(name, ast.Name)
    }
    # What is tried is looked at: an INSERT … RETURNING always has its row, and whatever else fails is caught.
    tried = {id(part) for node in ast.walk(function) if isinstance(node, ast.Try) for part in _parts(node.body)}
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and (
            (_is_fetchone(node.value) and id(node) not in tried)
            or (isinstance(node.value, ast.Name) and node.value.id in rows and node.value.id not in looked_at)
        ):
            return node.lineno
    return 0


def _parts(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in statements:
        yield from ast.walk(statement)


def _is_fetchone(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fetchone"


def _left_alone(function: Function) -> Iterator[ast.expr]:
    """Yield constants that are the whole of a branch, where another branch returns something."""
    for node in ast.walk(function):
        if (
            not isinstance(node, ast.If)
            or len(node.body) != 1
            or not any(isinstance(x, ast.Return) for x in node.orelse)
        ):
            continue
        match node.body[0]:
            case ast.Expr(value=ast.Constant(value=str()) | ast.Dict() | ast.List() as value) if (
                value.lineno == value.end_lineno
            ):
                yield value
