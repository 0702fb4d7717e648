"""Where talk goes: to stderr, by verbosity, and to `.harness/harness.log`; passwords and tokens go nowhere."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, ClassVar, TextIO

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOG_NAME = "harness.log"
_LARGEST_LOG = 5_000_000
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")
#: Shorter values would blot out ordinary words.
_SHORTEST_SECRET = 8

_IN_URL = re.compile(r"""(://[^\s:/@"']*:)[^\s"']+@""")
_IN_SETTING = re.compile(
    r"""(?ix)( \b (?: \w*password | passwd | aws_secret_access_key | aws_session_token ) ["']? \s* [=:] \s* )
        ( '[^']*' | "[^"]*" | [^\s"'&;,…]+ )"""
)
#: A JSON web token: its header begins with `{"`, and its signature may be missing.
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")


def mask(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return `text` with every token, and every password of a URI, a DSN or the environment, replaced by `***`."""
    text = _IN_URL.sub(r"\1***@", text)
    text = _IN_SETTING.sub(r"\1***", text)
    text = _TOKEN.sub("***", text)
    for variable in _SECRET_VARIABLES:
        secret = (os.environ if environ is None else environ).get(variable, "")
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


class _Masking(logging.Formatter):
    """Formats a record, traceback included, and masks it."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class _Talk(_Masking):
    """What a person reads: the message, and its level only where that matters."""

    PREFIXES: ClassVar[dict[int, str]] = {logging.WARNING: "warning: ", logging.ERROR: "error: "}

    def format(self, record: logging.LogRecord) -> str:
        if record.levelno <= logging.DEBUG:
            return f"{record.name}: {super().format(record)}"
        return self.PREFIXES.get(record.levelno, "") + super().format(record)


class _Terminal(logging.StreamHandler[TextIO]):
    """Clears a half-drawn line of progress before it writes."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream.isatty():
            self.stream.write("\r\x1b[2K")
        super().emit(record)


def talk_to_stderr(verbosity: int) -> None:
    """Send `harness` logs to stderr: -1 errors, 0 what happens, 1 details, 2 also what boto3 and docker say."""
    # A log that can't be written must not break the command, nor print a traceback of its own.
    logging.raiseExceptions = False
    handler = _Terminal(sys.stderr)
    handler.setFormatter(_Talk("%(message)s"))
    handler.setLevel({-1: logging.ERROR, 0: logging.INFO}.get(verbosity, logging.DEBUG))
    _replace_handlers(logging.getLogger("harness"), handler)
    logging.getLogger("harness").setLevel(logging.DEBUG)
    _replace_handlers(logging.getLogger(), *([handler] if verbosity > 1 else []))
    logging.getLogger("harness").propagate = False


def log_to_file(folder: Path, *, create: bool) -> Path | None:
    """Also write every detail to `folder`'s log. Without `create`, only where that folder can be written already."""
    path = folder / LOG_NAME
    try:
        if create:
            make_state_folder(folder)
        elif not os.access(folder, os.W_OK):
            return None
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        if not create:
            return None
        raise _unusable(folder, error) from error
    handler.setFormatter(_Masking("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("harness").addHandler(handler)
    return path


def make_state_folder(folder: Path) -> None:
    """Make `.harness/`, out of sight of git."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> EnvironmentFailure:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return EnvironmentFailure(
        f"{folder} can't be written: {error.strerror or error} ({error.filename or folder})",
        hint=f"df -h {folder.parent}" if full else f"ls -ld {folder.parent} {folder}, or use --project elsewhere",
    )


def _replace_handlers(logger: logging.Logger, *handlers: logging.Handler) -> None:
    for old in list(logger.handlers):
        if isinstance(old, _Terminal) or getattr(old, "baseFilename", "").endswith(LOG_NAME):
            logger.removeHandler(old)
            old.close()
    for handler in handlers:
        logger.addHandler(handler)
