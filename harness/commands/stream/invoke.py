"""`harness stream invoke`: one call of a handler, with an event of a file or a sample."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.commands.stream.lone import add_lone_handler, lone_handler
from harness.commands.stream.terms import add_handler, handler_name
from harness.errors import EnvironmentFailure, ExitCode, HarnessError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.invocation import Function, Result
    from harness.streams.mapping.model import EventSourceMapping
    from harness.trigger import Terms

SUMMARY = "call a handler once, with an event of a file or a sample"
EXAMPLES = """
harness stream invoke --handler handler.py:handler --sample insert
harness stream invoke --handler handler.py:handler --event event.json --json
harness stream invoke message_group_stream --sample all
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add whom to call, and with what."""
    add_handler(parser)
    parser.add_argument(
        "--handler", metavar="FILE:FUNCTION", help="instead of a name: any function, also with no stack"
    )
    add_lone_handler(parser)
    parser.add_argument("--event", metavar="FILE", type=Path, help="the event, as JSON")
    parser.add_argument("--sample", metavar="NAME", help="a ready-made event: insert, modify, remove, ttl or all")
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Call it, and print what it returns, or its error."""
    from harness.streams.simulation.samples import sample_event
    from harness.trigger import Terms

    given = None if _takes_sample(args) else _read(args.event)
    with _function(config, args, Terms(unconfined=args.unconfined)) as (function, mapping):
        if given is None:
            given = sample_event(args.sample, region=config.region, table=config.table, mapping=mapping)
        result = function.invoke(given)
        name = function.name
    if result.outcome == "not_invoked":
        raise HarnessError(f"{name} was not called: {result.reason}", hint="harness stream invoke --help")
    print_json(_told(result) if args.json else result.response if result.ok else result.error)
    return ExitCode.OK if result.ok else ExitCode.FAILED


def _told(result: Result) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "response": result.response,
        "error": result.error,
        "calls": [{"service": call.service, "operation": call.operation, "error": call.error} for call in result.calls],
    }


@contextmanager
def _function(
    config: Config, args: argparse.Namespace, terms: Terms
) -> Iterator[tuple[Function, EventSourceMapping | None]]:
    """Yield the function, on the stack that is up and with its mapping there.

    Where the command line names its file, and no stack is up, it is without both.
    """
    from harness import stack as stacks
    from harness.commands.stream.site import open_site
    from harness.simulated_trigger import make_lone_function
    from harness.streams.mapping.files import MappingFile
    from harness.trigger import make_function, read_trigger

    config, name = _whom(config, args)
    if args.handler and stacks.attach(config) is None:
        file = MappingFile(source="the command line", request={"FunctionName": name})
        with closing(make_lone_function(config, name, file, terms)) as function:
            yield function, None
        return
    with open_site(config, writes="stream invoke") as site:
        shown = site.source(terms.emulation.account).shown_arn
        file, mapping = read_trigger(config, name, stream_arn=shown, terms=terms)
        with closing(make_function(site, name, file, mapping, terms)) as function:
            yield function, mapping


def _whom(config: Config, args: argparse.Namespace) -> tuple[Config, str]:
    if args.handler and args.name:
        raise UsageError(f"both {args.name} and --handler {args.handler} are named", hint="name one of them")
    if args.handler:
        return lone_handler(config, args)
    if args.inline or args.timeout is not None or args.memory is not None:
        raise UsageError(
            "--timeout, --memory and --inline go with --handler FILE:FUNCTION",
            hint="set timeout, memory and isolation of a named handler in harness.toml",
        )
    return config, handler_name(config, args.name)


def _takes_sample(args: argparse.Namespace) -> bool:
    """Whether it is to be a sample, one that there is; or else a file."""
    from harness.streams.simulation.samples import require_sample

    if (args.event is None) == (args.sample is None):
        raise UsageError("one event is needed", hint="give --event FILE, or --sample NAME")
    if args.sample is not None:
        require_sample(args.sample)
    return args.sample is not None


def _read(path: Path) -> dict[str, Any]:
    try:
        event = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as exc:
        raise UsageError(f"--event: there is no file {path}", hint=f"ls {path.parent}") from exc
    except OSError as exc:
        raise EnvironmentFailure(f"--event: {path} can't be read: {exc.strerror}", hint=f"ls -ld {path}") from exc
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"--event: {path} is not JSON: {exc}", hint="--sample insert is an event to try") from exc
    if not isinstance(event, dict):
        raise UsageError(f"--event: {path} holds no JSON object", hint="an event is an object with Records")
    return event
