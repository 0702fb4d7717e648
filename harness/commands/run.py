"""`harness run`: prove the access patterns."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_plan, overrides, verbosity
from harness.errors import ExitCode, UsageError
from harness.progress import progress_for

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.report import Report

SUMMARY = "prove access patterns, on the stack that is up or on one made for it"
EXAMPLES = """
harness run                                     all of them
harness run A E                                 some of them
harness run --fresh                             on a stack of its own, though one is up
harness run --junit report.xml --html report.html
harness run --target http://127.0.0.1:4567      over HTTP, against an application on the stack that is up
harness run --as andrewbrown A C                acting as that user, where there is a choice
"""
WRITES_STATE = True


def configure(parser: Parser) -> None:
    """Add which patterns, and where reports go."""
    parser.add_argument("patterns", metavar="PATTERN", nargs="*", help="A, B, C, D, E, or a scenario's own name")
    parser.add_argument("--fresh", action="store_true", help="always make a stack, on free ports, and remove it")
    parser.add_argument("--target", metavar="URL", help="an application's base URL, or path/to/file.py:name")
    parser.add_argument("--as", dest="handle", metavar="HANDLE", help="who acts where a scenario has a choice")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="write a JUnit XML report")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report as one HTML page")
    add_json(parser)
    add_plan(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Run, report, and fail when a scenario failed."""
    from harness import workflow

    if args.target:
        config = replace(config, target=args.target)
    for path in (args.junit, args.html):
        _check_writable(path)
    report = workflow.run(
        config,
        tuple(args.patterns),
        overrides(args),
        now=datetime.now(UTC),
        fresh=args.fresh,
        handle=args.handle,
        progress=progress_for(verbosity(args)),
    )
    _write_files(report, args)
    sys.stdout.write(_rendered(report, as_json=args.json))
    return ExitCode.OK if report.passed else ExitCode.FAILED


def _check_writable(path: Path | None) -> None:
    """Find out before the run, not after it, that its report has no place."""
    if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise UsageError(f"a report can't be written to {path}", hint=f"ls -ld {path.parent} {path}")


def _write_files(report: Report, args: argparse.Namespace) -> None:
    if args.junit:
        from harness.render.junit import render_junit

        args.junit.write_text(render_junit(report), encoding="utf-8")
    if args.html:
        from harness.render.html import render_html

        args.html.write_text(render_html(report), encoding="utf-8")


def _rendered(report: Report, *, as_json: bool) -> str:
    if as_json:
        from harness.render.as_json import render_json

        return render_json(report)
    from harness.render.colour import wanted
    from harness.render.text import render_text

    return render_text(report, colour=wanted(sys.stdout, os.environ))
