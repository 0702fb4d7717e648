"""`harness stream explain`: why a trigger does not fire."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.commands.stream.site import say
from harness.commands.stream.terms import add_handler, add_terms, emulation, handler_name, parameters
from harness.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "tell why a trigger does not fire, with evidence and what to do"
EXAMPLES = """
harness stream explain
harness stream explain message_group_stream --json
"""


def configure(parser: Parser) -> None:
    """Add the handler and the terms."""
    add_handler(parser)
    add_terms(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Look at everything, and print what was found; 1 when something keeps the trigger from firing."""
    from harness import workflow
    from harness.streams.emulation import Emulation
    from harness.streams.explain import explain
    from harness.trigger import Terms
    from harness.trigger_facts import trigger_facts

    name = handler_name(config, args.name) if config.handlers or args.name else None
    terms = Terms(
        parameters=parameters(args),
        emulation=emulation(args, Emulation(region=config.region)),
        unconfined=args.unconfined,
        log=lambda _: None,
    )
    with workflow.attached(config) as (stack, _):
        reasons = explain(trigger_facts(config, stack, name, terms))
    stopped = any(reason.stops for reason in reasons)
    if args.json:
        print_json({"handler": name, "fires": not stopped, "reasons": [asdict(reason) for reason in reasons]})
    else:
        for reason in reasons:
            say(f"{'NO  ' if reason.stops else 'note' if stopped or reason.code != 'fires' else 'ok  '} {reason.title}")
            say(f"       because  {reason.evidence}")
            say(f"       next     {reason.advice}   [{reason.code}]")
    return ExitCode.FAILED if stopped else ExitCode.OK
