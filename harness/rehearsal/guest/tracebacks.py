"""Tells the harness what ended a guest, besides having it printed as usual."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from harness.rehearsal.guest.journal import Journal

#: Of a recursion that never ended, the outermost and the innermost frames are enough.
_MOST_FRAMES = 50
_LONGEST = 4000
#: Where frames are of no interest: what stands in for something raises in its place.
_OURS = __file__.rpartition("/rehearsal/")[0] + "/"


def tell_tracebacks(journal: Journal) -> None:
    """Tell of every exception that nobody caught."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        journal("traceback", **as_data(journal, error, trace))
        before(kind, error, trace)

    sys.excepthook = hook


def as_data(journal: Journal, error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    """Return kind, message and frames, outermost first: file, line, function, text, whether it is the guest's own."""
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(_OURS):
            frames.append(_frame(journal, code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        frames.append(_frame(journal, error.filename, error.lineno or 0, "<syntax>"))
    if len(frames) > 2 * _MOST_FRAMES:
        frames[_MOST_FRAMES:-_MOST_FRAMES] = []
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return {"error": name, "message": _text(error), "frames": frames}


def _frame(journal: Journal, name: str, line: int, function: str) -> list[Any]:
    import linecache  # noqa: PLC0415 - only a guest that fails pays for it

    own = journal.own(name)
    return [own or name, line, function, linecache.getline(name, line).strip(), own is not None]


def _text(error: BaseException) -> str:
    text = "(it can't be put into words)"
    with contextlib.suppress(Exception):  # of the guest's own __str__
        text = str(error)
    return text[:_LONGEST]
