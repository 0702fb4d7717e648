"""The `harness` command: one parser, one error boundary."""

from __future__ import annotations

import errno
import logging
import os
import platform
import select
import shlex
import sys
import tempfile
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from harness import logs
from harness.commands.options import Parser, add_common, add_verb, flag_values, verbosity
from harness.commands.registry import VERBS
from harness.config import load_config
from harness.engines.interrupts import terminable
from harness.errors import ExitCode, HarnessError, UsageError
from harness.version import version

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

logger = logging.getLogger("harness")

_ENVIRONMENT_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE}
_EXAMPLES = """\
  harness init                     write a small working project here
  harness run                      prove access patterns A to E, on a stack of its own
  harness up                       both databases, loaded, at their usual ports
  harness exec -- python app.py    run an application against them
  harness down                     remove them

exit codes: 0 fine, 1 a scenario failed or a comparison found a difference, 2 usage or configuration,
3 environment (engine, port, permission, network), 70 a mistake of harness itself, 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. The one place where errors become words."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A locale that can't show a name must not stop the command.
            stream.reconfigure(errors="backslashreplace")
    with terminable():
        try:
            code = _run(arguments)
            sys.stdout.flush()
        except HarnessError as error:
            return _explain(error.message, error.hint, error.exit_code)
        except KeyboardInterrupt:
            return _explain(
                "interrupted", "what was started is cleaned up; if in doubt: harness down", ExitCode.INTERRUPTED
            )
        except OSError as error:
            return _os_error(error, arguments)
        except Exception as error:  # noqa: BLE001 - the boundary
            return _our_mistake(error, arguments)
    return code


def build_parser() -> Parser:
    """Return the parser of all verbs. Light: it imports no driver."""
    parser = Parser(
        prog="harness",
        description=sys.modules["harness"].__doc__,
        epilog="examples:\n" + _EXAMPLES,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs", parser_class=Parser)
    for name, verb in VERBS.items():
        verb.configure(add_verb(verbs, name, verb.SUMMARY, verb.EXAMPLES))
    add_common(parser)
    return parser


def _run(arguments: list[str]) -> int:
    logs.talk_to_stderr(0)
    parser = build_parser()
    try:
        args = parser.parse_args(arguments)
    except SystemExit as leaving:  # --help
        return int(leaving.code or 0)
    logs.talk_to_stderr(verbosity(args))
    if args.version:
        sys.stdout.write(f"harness {version()}\n")
        return ExitCode.OK
    if args.verb is None:
        parser.print_help(sys.stderr)
        raise UsageError("no verb given", hint="start with: harness run")
    return _run_verb(args, arguments)


def _run_verb(args: argparse.Namespace, arguments: list[str]) -> int:
    start = getattr(args, "project", Path.cwd())
    if not start.is_dir():
        raise UsageError(f"--project {start} is not a folder", hint="name the folder that holds harness.toml")
    verb = VERBS[args.verb]
    config = load_config(start, os.environ, flag_values(args))
    logs.log_to_file(config.state_folder, create=verb.WRITES_STATE)
    logger.debug("harness %s, %s, %s", version(), platform.python_version(), platform.platform())
    logger.debug("in %s: harness %s", config.project, shlex.join(arguments))
    code = verb.run(config, args)
    logger.debug("exit code %d", code)
    return code


def _explain(message: str, hint: str, code: ExitCode) -> int:
    """Say on stderr what went wrong and what to do; the log file gets it with the traceback of where."""
    logger.debug("exit code %d: %s", code, message, exc_info=sys.exc_info())
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    sys.stderr.write(logs.mask(f"error: {message}\nhint: {hint}\n"))
    sys.stderr.flush()
    return code


def _os_error(error: OSError, arguments: list[str]) -> int:
    if isinstance(error, BrokenPipeError) and _stdout_is_gone():
        return ExitCode.OK  # `harness scan | head`: the reader had enough
    if error.errno in _ENVIRONMENT_ERRNOS:
        where = error.filename or "the file being written"
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = "free some space (df -h), then type it again" if full else f"ls -ld {where}"
        return _explain(f"{where}: {error.strerror}", hint, ExitCode.ENVIRONMENT)
    return _our_mistake(error, arguments)


def _stdout_is_gone() -> bool:
    """Tell a reader that left from a pipe of our own that broke."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), select.POLLOUT)
    except (OSError, ValueError):
        return False
    if not any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0)):
        return False
    # Python flushes once more on its way out; let it have somewhere to write.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _our_mistake(error: Exception, arguments: list[str]) -> int:
    path = next((handler.baseFilename for handler in logger.handlers if isinstance(handler, logging.FileHandler)), None)
    if path is None:
        folder = Path(tempfile.mkdtemp(prefix="harness-"))
        path = str(logs.log_to_file(folder, create=True))
    logger.debug("unexpected, on: harness %s", shlex.join(arguments), exc_info=error)
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return _explain(
        f"unexpected {said} (a mistake in harness {version()}, not yours)",
        f"the traceback is at the end of {path}; please report it with that file",
        ExitCode.INTERNAL,
    )
