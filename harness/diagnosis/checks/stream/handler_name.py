"""How templates name the function that Lambda is to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.template_files import line_of, templates_of
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

_FUNCTIONS = frozenset({"AWS::Serverless::Function", "AWS::Lambda::Function"})


@check(
    "STR206",
    example="""
    Handler: lambda_handler      # in the file messaging-stream.py: messaging-stream.lambda_handler
    """,
)
def handler_is_named_with_its_file(facts: Facts) -> Iterator[Problem]:
    """A template names the function of a handler together with its file.

    Write the file's name without `.py`, a dot, and the function's name.
    """
    handlers = facts.project.with_role("stream-handler") if facts.project is not None else ()
    for source, template in templates_of(facts.project) if facts.project is not None else ():
        for logical_id in template.section("Resources"):
            kind, properties = template.resource(logical_id)
            named, runtime = (template.resolve(properties.get(key)) for key in ("Handler", "Runtime"))
            if kind not in _FUNCTIONS or not isinstance(named, str) or "." in named or not named:
                continue
            if isinstance(runtime, str) and runtime.startswith("python"):
                yield _without_file(source, logical_id, named, [each.path for each in handlers])


def _without_file(source: Source, logical_id: str, named: str, files: list[str]) -> Problem:
    place = _line_naming(source, line_of(source, logical_id), named)
    stem = files[0].rpartition("/")[2].removesuffix(".py") if len(files) == 1 else "file"
    return Problem(
        cause=f"{place} names the handler {named!r} without its file: Lambda ends each call with Bad handler",
        place=place,
        evidence=(Evidence(text=line_at(source, place.line).strip(), place=place),),
        advice=f"Write `Handler: {stem}.{named}`.",
    )


def _line_naming(source: Source, resource: Place, named: str) -> Place:
    """Return the resource's line with the handler; else the resource."""
    lines = (
        number
        for number, line in enumerate(source.lines, 1)
        if number > resource.line and "Handler" in line and named in line
    )
    return Place(path=source.path, line=next(lines, resource.line))
