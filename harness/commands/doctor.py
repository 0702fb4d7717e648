"""`harness doctor`: what is wrong, why, and how to mend it."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json, verbosity
from harness.commands.printing import print_json
from harness.config import load_config
from harness.errors import ExitCode, UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.diagnosis.diagnosis import Diagnosis
    from harness.doctor.examine import Terms
    from harness.project.roles import Role

SUMMARY = "tell why a seed, a trigger or an environment is broken, and how to mend it"
EXAMPLES = """
harness doctor                       this project: machine, files, and the stack that is up
harness doctor ../their-project      somebody's project, on a copy, run twice; it is not touched
harness doctor --data                what the connected databases hold
harness doctor SEED201               what a code means; --codes lists them all
harness doctor ../their-project --fix > mend.patch
"""
WRITES_STATE = False
_CODE = re.compile(r"[A-Z]{3,4}\d{3}", re.IGNORECASE)


def configure(parser: Parser) -> None:
    """Add what to examine, and how far to go."""
    parser.add_argument("subject", nargs="?", metavar="PATH|CODE", help="a project's folder, or the code of a check")
    parser.add_argument("--codes", action="store_true", help="list every code, and look at nothing")
    parser.add_argument("--markdown", action="store_true", help="with --codes: in full, as docs/doctor.md has them")
    parser.add_argument("--data", action="store_true", help="look only at what the connected databases hold")
    parser.add_argument("--select", action="append", default=[], metavar="CODE", help="only codes that begin so")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODE", help="no codes that begin so")
    parser.add_argument("--no-run", action="store_true", help="read the files, run nothing of them")
    parser.add_argument(
        "--install", action="store_true", help="first make an environment of its requirements (kept for the next time)"
    )
    parser.add_argument("--fix", action="store_true", help="mend what is safe: here in place, elsewhere as a patch")
    parser.add_argument("--write", action="store_true", help="with --fix: also mend a foreign project in place")
    parser.add_argument("--url", metavar="URL", help="also ask the application at this address")
    parser.add_argument("--token", metavar="TOKEN", help="with --url: the access token to send")
    parser.add_argument("--responses", metavar="FILE", type=Path, help="also look at recorded exchanges (HAR or JSON)")
    parser.add_argument("--sarif", action="store_true", help="print the findings as SARIF 2.1.0")
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Examine, print what was found; 1 when a finding is an error."""
    if args.subject and _CODE.fullmatch(args.subject) and not Path(args.subject).exists():
        return _explain(args.subject.upper())
    if args.codes:
        return _list_codes(args)
    _refuse_contradictions(args)
    diagnosis = _examine(config, args)
    if args.fix:
        return _fix(config, args, diagnosis)
    _print(diagnosis, args)
    return ExitCode.OK if diagnosis.healthy else ExitCode.FAILED


def _explain(code: str) -> int:
    from harness.diagnosis.registry import all_checks
    from harness.render.code_book import render_check

    checks = all_checks()
    if code not in checks:
        raise UsageError(
            f"no check has the code {code}",
            hint=did_you_mean(code, checks, otherwise=f"there are {', '.join(checks)}"),
        )
    print(render_check(checks[code]), end="")
    return ExitCode.OK


def _list_codes(args: argparse.Namespace) -> int:
    from harness.diagnosis.registry import all_checks
    from harness.render.code_book import render_code_book, render_code_list

    checks = all_checks().values()
    if args.json:
        fields = ("code", "severity", "title", "advice", "example")
        print_json([{field: getattr(each, field) for field in fields} for each in checks])
    else:
        print(render_code_book(checks) if args.markdown else render_code_list(checks), end="")
    return ExitCode.OK


def _refuse_contradictions(args: argparse.Namespace) -> None:
    if args.data and (args.subject or args.fix):
        given = args.subject or "--fix"
        raise UsageError(f"--data looks at databases, and {given} means files", hint="leave one of them away")
    if args.markdown:
        raise UsageError("--markdown is for the list of codes", hint="harness doctor --codes --markdown")
    if args.write and not args.fix:
        raise UsageError("--write without --fix", hint="harness doctor PATH --fix --write")
    if args.token and not args.url:
        raise UsageError("--token without --url", hint="harness doctor --url http://127.0.0.1:4567 --token …")


def _examine(config: Config, args: argparse.Namespace) -> Diagnosis:
    from harness.doctor.examine import examine_databases, examine_foreign, examine_own
    from harness.progress import progress_for

    now, progress = datetime.now(UTC), progress_for(verbosity(args))
    foreign = bool(args.subject) and Path(args.subject).resolve() != config.project.resolve()
    terms = _terms(args, _said_by(Path(args.subject)) if foreign else config.parts)
    if args.data:
        return examine_databases(config, terms, now=now)
    if foreign:
        return examine_foreign(config, Path(args.subject), terms, now=now, progress=progress)
    return examine_own(config, terms, environ=os.environ, now=now, progress=progress)


def _said_by(root: Path) -> Mapping[Role, tuple[str, ...]]:
    """Return what the project's own harness.toml says of its files; one of a folder above is not its own."""
    if not root.is_dir():
        return {}
    config = load_config(root, {}, {})
    return config.parts if config.project.resolve() == root.resolve() else {}


def _terms(args: argparse.Namespace, said: Mapping[Role, tuple[str, ...]]) -> Terms:
    from harness.doctor.examine import Terms

    return Terms(
        run=not args.no_run,
        install=args.install,
        said=said,
        url=args.url,
        token=args.token or os.environ.get("HARNESS_TOKEN"),
        responses=args.responses,
        select=tuple(code.upper() for code in args.select),
        ignore=tuple(code.upper() for code in args.ignore),
    )


def _print(diagnosis: Diagnosis, args: argparse.Namespace) -> None:
    from harness.render.colour import wanted
    from harness.render.findings import render_findings

    if args.sarif:
        from harness.diagnosis.registry import all_checks
        from harness.render.sarif import render_sarif
        from harness.version import version

        print(render_sarif(diagnosis, all_checks(), version=version()), end="")
    elif args.json:
        print_json(diagnosis.to_dict())
    else:
        print(render_findings(diagnosis, colour=wanted(sys.stdout, os.environ)), end="")


def _fix(config: Config, args: argparse.Namespace, diagnosis: Diagnosis) -> int:
    """Mend this project in place; of a foreign one print a patch, and keep stdout clean for it."""
    from harness.mending.edits import by_file
    from harness.mending.patch import as_patch, write_edits
    from harness.render.findings import render_findings

    root = Path(args.subject) if args.subject else config.project
    edits = by_file(diagnosis.findings)
    in_place = args.write or root.resolve() == config.project.resolve()
    print(render_findings(diagnosis), end="", file=sys.stderr)
    if in_place:
        for path in write_edits(root, edits):
            print(f"mended  {root / path}")
    else:
        print(as_patch(root, edits), end="")
    left = [finding for finding in diagnosis.findings if finding.severity == "error" and not finding.fixable]
    return ExitCode.FAILED if left else ExitCode.OK
