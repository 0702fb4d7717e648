"""`harness stream policy`: which permissions a handler and its trigger need, and whether a role has them."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.commands.stream.site import open_site, say
from harness.commands.stream.terms import add_handler, add_terms, emulation, handler_name, parameters
from harness.errors import ExitCode, UsageError
from harness.streams.journal import Invoked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.invocation import AwsCall
    from harness.streams.journal import Entry
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.permissions.check import CheckReport
    from harness.streams.permissions.least import LeastPolicy
    from harness.streams.permissions.permission import Identity
    from harness.streams.permissions.policy import Policy

log = logging.getLogger(__name__)

SUMMARY = (
    "print the least policy for a handler and its trigger, or check the one it has; delivers the stream to find out"
)
EXAMPLES = """
harness stream policy > policy.json
harness stream policy --check policy.json
harness stream policy --check template.yaml#MessageGroupFunction --json
"""


def configure(parser: Parser) -> None:
    """Add the handler, the terms and what to check."""
    add_handler(parser)
    add_terms(parser)
    parser.add_argument(
        "--check",
        metavar="FILE",
        help="a policy document, a folder of them, or a template (template.yaml#LogicalId where it has more functions)",
    )
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Deliver the whole stream once, look at what was asked of AWS, and print what that takes."""
    from harness.logs import make_state_folder
    from harness.streams.permissions.check import check
    from harness.streams.permissions.least import least_policy
    from harness.streams.permissions.needs import function_identity, trigger_needs
    from harness.streams.permissions.recorded import Recorded, recorded_path, remember

    name = handler_name(config, args.name)
    if args.check is not None and not (path := Path(args.check.partition("#")[0])).exists():
        # Told before the handler writes anything.
        raise UsageError(f"--check: there is no {path}", hint=f"ls {path.parent}")
    calls, mapping, code = _recorded(config, name, args)
    identity = function_identity(mapping)
    # `harness template` makes the function's role of it.
    make_state_folder(config.state_folder)
    remember(recorded_path(config.state_folder, name), Recorded.of(calls, identity, code))
    needs = trigger_needs(mapping, mapping.event_source_arn, mapping.function_name)
    if args.check is None:
        _print_least(least_policy(calls, needs, identity=identity), as_json=args.json)
        return ExitCode.OK
    policies, identity = _policies(args.check, identity)
    stream_arn = _in_account(mapping.event_source_arn, identity.account)
    needs = trigger_needs(mapping, stream_arn, mapping.function_name)
    report = check(calls, needs, policies, identity=identity)
    if args.json:
        print_json({"ok": report.ok} | report.to_dict())
    else:
        for line in _lines(report):
            say(line)
    return ExitCode.OK if report.ok else ExitCode.FAILED


def _recorded(config: Config, name: str, args: argparse.Namespace) -> tuple[list[AwsCall], EventSourceMapping, Path]:
    """Deliver the stream from its oldest record; return what the handler asked of AWS, its mapping and its file."""
    from harness.streams.clock import HurriedClock
    from harness.streams.emulation import Emulation
    from harness.trigger import Terms, handler_code, open_trigger

    entries: list[Invoked] = []

    def watch(entry: Entry) -> None:
        if isinstance(entry, Invoked):
            entries.append(entry)

    terms = Terms(
        parameters={**parameters(args), "StartingPosition": "TRIM_HORIZON"},
        emulation=emulation(args, Emulation(region=config.region)),
        clock=HurriedClock(),
        watch=watch,
        unconfined=args.unconfined,
    )
    with open_site(config, writes="stream policy") as site, open_trigger(site, name, terms) as trigger:
        trigger.poller.drain()
        mapping, code = trigger.poller.mapping, handler_code(config, name, trigger.said).file
    if not entries:
        raise UsageError(
            f"nothing in the stream of {config.table} reached {name}: what it calls is not known",
            hint="write something that it handles; harness stream events shows what the stream holds",
        )
    return [call for entry in entries for call in entry.result.calls], mapping, code


def _policies(text: str, identity: Identity) -> tuple[tuple[Policy, ...], Identity]:
    """Read what the role may do, and move the function to the account that its ARNs name, where they name just one."""
    from harness.streams.permissions.sources import accounts_named, read_policies

    path, _, function = text.partition("#")
    policies = read_policies(Path(path), identity=identity, function=function or None)
    accounts = [account for account in accounts_named(policies) if account != identity.account]
    if len(accounts) != 1:
        return policies, identity
    moved = replace(identity, account=accounts[0])
    return read_policies(Path(path), identity=moved, function=function or None), moved


def _in_account(arn: str, account: str) -> str:
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], account, parts[5]))


def _print_least(least: LeastPolicy, *, as_json: bool) -> None:
    """Print the document by itself, so that it can be a file; the reasons go to stderr, or with it into the JSON."""
    if as_json:
        print_json({"policy": least.document, "reasons": [asdict(reason) for reason in least.reasons]})
        return
    print_json(least.document)
    for reason in least.reasons:
        doubt = "" if reason.verified else " (not verified)"
        log.info("%s on %s: %s%s", reason.action, reason.resource, "; ".join(reason.because), doubt)


def _lines(report: CheckReport) -> Iterator[str]:
    """Yield what is wrong, then what is odd, then the count."""
    for refused in report.refused:
        yield f"refused  {refused.permission.action} on {refused.permission.resource}"
        yield f"    {refused.permission.reason}"
        yield f"    {refused.code}: {refused.message}"
    if report.creation_error is not None:
        yield f"creating the mapping fails: {report.creation_error}"
    for conditional in report.conditional:
        yield f"allowed  {conditional.permission.action} on {conditional.permission.resource} if {conditional.condition}"
    for fault in report.faults:
        yield f"fault    {fault.advice} [{fault.code}, {fault.evidence}]"
    yield from (f"unseen   {text}" for text in report.unexamined)
    yield from (f"unneeded {text}" for text in report.unneeded)
    yield f"{len(report.allowed):,} allowed, {len(report.conditional):,} on conditions, {len(report.refused):,} refused"
