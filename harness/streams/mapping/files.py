"""An event source mapping out of a file: a request in JSON, TOML or YAML, or a SAM or CloudFormation template."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean
from harness.streams.mapping.function_settings import FunctionSettings, function_settings
from harness.streams.mapping.intrinsics import Template
from harness.streams.mapping.parameters import FOREIGN, KNOWN
from harness.streams.mapping.parsing import read_file
from harness.streams.mapping.templates import Found, mappings_of, other_events, request_of, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.schema_files.documents import Document
    from harness.streams.caution import Caution

_OF_TEMPLATES = ("Resources", "AWSTemplateFormatVersion", "Transform")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """What a file says of one mapping."""

    #: Where it stands: the path, with `#LogicalId` or `#Function.Event` in a template.
    source: str
    #: In the shape of CreateEventSourceMapping's request, on top of the defaults; `rules.create` takes it.
    request: dict[str, Any]
    #: None where the file is a request, or names a function that it does not define.
    function: FunctionSettings | None = None
    #: Name of the template's table whose stream is read; None where that is not told.
    table: str | None = None
    cautions: tuple[Caution, ...] = ()


def read_mapping(
    reference: str | Path,
    *,
    defaults: Mapping[str, Any],
    project: Path | None = None,
    region: str = "us-east-1",
    account: str = "123456789012",
) -> MappingFile:
    """Read `path`, or `path#LogicalId` / `path#Function.Event` where a template has several; relative to `project`.

    `defaults` has the request's keys, at least EventSourceArn and FunctionName: they fill in what the file leaves out or
    only a deployed stack knows. Region and account stand in the ARNs that a template makes. What a file says wrong is a
    `UsageError` with its place; the values themselves are checked by `rules.create`.
    """
    path, name = _split(reference, project)
    document = read_file(path)
    if not any(key in document.data for key in _OF_TEMPLATES):
        return _request_file(document, name, defaults)
    template = Template(document=document, region=region, account=account)
    try:
        found = _pick(template, name)
        function = function_settings(template, found.function) if found.function else None
        return MappingFile(
            source=f"{path}#{found.reference}",
            request=request_of(template, found, defaults),
            function=function,
            table=table_of(template, found),
            cautions=function.cautions if function else (),
        )
    except RecursionError as exc:
        raise UsageError(f"{path}: a resource refers to itself", hint=f"correct {path.name}") from exc


def _split(reference: str | Path, project: Path | None) -> tuple[Path, str | None]:
    """Return path and logical id. A `#` in the name of a file that is there is part of it."""
    path = (project or Path()) / reference
    text, sign, name = str(path).rpartition("#")
    return (Path(text), name) if sign and not path.exists() else (path, None)


def _request_file(document: Document, name: str | None, defaults: Mapping[str, Any]) -> MappingFile:
    if name is not None:
        raise UsageError(f"{document.path}: is no template, it has no {name!r}", hint=f"leave #{name} out")
    document.refuse_unknown(document.data, KNOWN | FOREIGN.keys(), "an event source mapping")
    return MappingFile(source=str(document.path), request={**defaults, **document.data})


def _pick(template: Template, name: str | None) -> Found:
    path, found = template.document.path, mappings_of(template)
    known = [each.reference for each in found]
    if not found:
        there = ", ".join(f"{reference} is of type {kind}" for reference, kind in other_events(template).items())
        raise UsageError(
            f"{path}: has no mapping of a DynamoDB stream{': ' if there else ''}{there}",
            hint="add an event of Type: DynamoDB to an AWS::Serverless::Function, or an AWS::Lambda::EventSourceMapping",
        )
    fitting = found if name is None else [each for each in found if name in (each.reference, each.function)]
    exact = [each for each in fitting if each.reference == name]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    if fitting:
        raise UsageError(
            f"{path}: has {len(fitting)} mappings of DynamoDB streams: {', '.join(each.reference for each in fitting)}",
            hint=f"name one of them: {path.name}#{fitting[0].reference}",
        )
    if name in (others := other_events(template)):
        raise UsageError(
            f"{path}: {name} is an event of type {others[str(name)]}, not DynamoDB",
            hint=f"known are {', '.join(known)}",
        )
    hint = did_you_mean(str(name), known, otherwise=f"known are {', '.join(known)}")
    raise UsageError(f"{path}: has no mapping {name!r} of a DynamoDB stream", hint=hint)
