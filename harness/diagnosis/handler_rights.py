"""What stream handlers call, against the policies that the project's files give them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.diagnosis.handlers import handlers
from harness.diagnosis.stream_templates import stream_mappings
from harness.diagnosis.template_files import line_of, parsed, template_tables
from harness.errors import UsageError
from harness.project.place import Place
from harness.project.table.requests import requests_of
from harness.streams.invocation import AwsCall
from harness.streams.mapping.templates import table_of
from harness.streams.permissions.check import check as check_policies
from harness.streams.permissions.needs import STREAM_ACTIONS
from harness.streams.permissions.permission import Identity, Permission
from harness.streams.permissions.policy import Policy, parse_policy
from harness.streams.permissions.resolve import Template
from harness.streams.permissions.role import RoleReader
from harness.streams.permissions.sources import accounts_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.streams.permissions.check import CheckReport

_SOMEBODY = Identity(region="us-east-1", account="123456789012", role="role", function="function")
_ABOUT_THE_STREAM = re.compile(r"stream|messag", re.IGNORECASE)
_READS = re.compile(r"GetRecords|GetShardIterator|DescribeStream", re.IGNORECASE)
_TABLE_IN_ARN = re.compile(r":table/([\w.-]+)")
#: Operations whose table and index code tells by itself.
_SINGLE = frozenset({"Query", "Scan", "GetItem", "PutItem", "UpdateItem", "DeleteItem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What production would say to a handler with the policies of one place."""

    place: Place
    #: `the role of MessagingFunction`, `the policy aws/policies/x.json`.
    whose: str
    report: CheckReport


def rights(facts: Facts) -> Iterator[Rights]:
    """Yield a report for the policy files, and one for each function of a template."""
    if handlers(facts):
        yield from _of_files(facts)
        yield from _of_templates(facts)


def _of_files(facts: Facts) -> Iterator[Rights]:
    found = list(_policies(facts))
    chosen = [each for each in found if _ABOUT_THE_STREAM.search(each[0].path)] or found
    policies = tuple(policy for _, policy in chosen)
    if not policies:
        return
    identity = _identity(policies)
    tables = {
        name for policy in policies for s in policy.statements for r in s.resources for name in _TABLE_IN_ARN.findall(r)
    }
    calls = list(_calls(facts, identity, only(tables), always=False))
    # Without any of these, the managed policy for it is attached by hand.
    reads_stream = any(_READS.search(a) for policy in policies for s in policy.statements for a in s.actions)
    needs = _stream_needs(identity, only(tables)) if reads_stream else ()
    names = " and ".join(source.path for source, _ in chosen)
    yield Rights(
        place=Place(path=chosen[0][0].path),
        whose=f"the policy {names}",
        report=check_policies(calls, needs, policies, identity=identity),
    )


def _of_templates(facts: Facts) -> Iterator[Rights]:
    for source, template, found in stream_mappings(facts):
        if found.function is None:
            continue
        reader = RoleReader(template=Template(data=template.document.data, identity=_SOMEBODY), file=source.path)
        try:
            policies = tuple(reader.of_function(found.function))
        except UsageError:
            continue
        table = table_of(template, found) or only(
            {t.name for t in template_tables(facts.project)} if facts.project else set()
        )
        calls = list(_calls(facts, _SOMEBODY, table, always=True))
        needs = _stream_needs(_SOMEBODY, table)
        yield Rights(
            place=line_of(source, found.function),
            whose=f"the role of {found.function}",
            report=check_policies(calls, needs, policies, identity=replace(_SOMEBODY, function=found.function)),
        )


def _policies(facts: Facts) -> Iterator[tuple[Source, Policy]]:
    """Yield the policy files that grant something on DynamoDB; one with placeholders grants nobody knows what."""
    for source in facts.project.with_role("policy") if facts.project else ():
        data = parsed(source)
        if not isinstance(data, dict) or "Statement" not in data or re.search(r"<\w|\{\{|\$\{", source.text):
            continue
        try:
            policy = parse_policy(data, name=source.path, where=source.path)
        except UsageError:
            continue
        if any(action.lower().startswith(("dynamodb:", "*")) for s in policy.statements for action in s.actions):
            yield source, policy


def _identity(policies: tuple[Policy, ...]) -> Identity:
    arns = [resource.split(":") for policy in policies for s in policy.statements for resource in s.resources]
    regions = {arn[3] for arn in arns if len(arn) > 3 and arn[2] == "dynamodb" and re.fullmatch(r"[\w-]+", arn[3])}  # noqa: PLR2004
    accounts = accounts_named(policies)
    return replace(
        _SOMEBODY,
        region=only(regions) or _SOMEBODY.region,
        account=accounts[0] if len(accounts) == 1 else _SOMEBODY.account,
    )


def only(names: set[str]) -> str | None:
    """Return the one name that there is."""
    return next(iter(names)) if len(names) == 1 else None


def _calls(facts: Facts, identity: Identity, table: str | None, *, always: bool) -> Iterator[AwsCall]:
    """Yield what the handlers call; on `table` where the code names none, or always."""
    for handler in handlers(facts):
        for request in requests_of(handler.source):
            name = table if always or request.table is None else request.table
            parameters: dict[str, Any] = {"TableName": name}
            if "IndexName" in request.parameters:
                parameters["IndexName"] = request.index
            if request.operation in _SINGLE and all(parameters.values()):
                yield _call(request.operation, parameters, identity)
        named = only({request.table for request in requests_of(handler.source) if request.table})
        for trial in handler.trials.values():
            for call in trial.calls:
                name = table if always or named is None else named
                if call.service == "dynamodb" and name:
                    yield _call(call.operation, _on_table(call.parameters, name), identity)


def _call(operation: str, parameters: Mapping[str, Any], identity: Identity) -> AwsCall:
    return AwsCall(service="dynamodb", operation=operation, parameters=parameters, region=identity.region)


def _on_table(value: Any, table: str) -> Any:
    """Return parameters with another table's name in them."""
    if isinstance(value, dict):
        return {key: table if key == "TableName" else _on_table(part, table) for key, part in value.items()}
    return [_on_table(part, table) for part in value] if isinstance(value, list | tuple) else value


def _stream_needs(identity: Identity, table: str | None) -> tuple[Permission, ...]:
    if table is None:
        return ()
    stream = identity.name("dynamodb", f"table/{table}/stream/2026-01-01T00:00:00.000")
    return tuple(
        Permission(action=f"dynamodb:{action}", resource=stream, reason="the trigger reads the stream")
        for action in STREAM_ACTIONS
    )
