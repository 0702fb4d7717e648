"""`harness template`: the way to production, as a CloudFormation or SAM template."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.errors import EnvironmentFailure, ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

log = logging.getLogger(__name__)

SUMMARY = "write a SAM or CloudFormation template: table, stream functions, mappings, least-privilege roles"
EXAMPLES = """
harness template                                   SAM, to stdout
harness template -o template.yaml
harness template --format cloudformation -o infrastructure/table.yaml
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add the format, the file and the runtime."""
    parser.add_argument("--format", choices=("sam", "cloudformation"), default="sam", help="default: sam")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write it there; code paths count from its folder"
    )
    parser.add_argument("--force", action="store_true", help="replace a FILE that somebody else wrote")
    parser.add_argument(
        "--runtime", metavar="NAME", help="Lambda's runtime (default: the project's template's, else python3.13)"
    )
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Write it, and say what it lacks."""
    from harness.deployment.plan import plan_deployment
    from harness.deployment.template import template, without_calls, written

    output: Path | None = args.output.resolve() if args.output else None
    if output is not None and not args.force:
        _refuse_others_file(output)
    deployment = plan_deployment(config, runtime=args.runtime)
    beside = output.parent if output else config.project
    if args.json:
        print_json(template(deployment, format=args.format, beside=beside))
    else:
        _write(written(deployment, format=args.format, beside=beside), output)
    for note in deployment.notes:
        log.warning("%s", note)
    for function in deployment.functions:
        if not function.recorded:
            log.warning("%s", without_calls(function).replace("\n", " "))
    return ExitCode.OK


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise EnvironmentFailure(f"{output} can't be written: {exc.strerror}", hint=f"ls -ld {output.parent}") from exc
    print(f"wrote {output}")


def _refuse_others_file(output: Path) -> None:
    from harness.deployment.template import MARK

    try:
        text = output.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # not there; what keeps it from being written is told when it is
    if text.strip() and not text.startswith(f"# {MARK}"):
        raise UsageError(f"{output} is there, and not one of ours", hint="name another file, or add --force")
