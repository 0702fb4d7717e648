from __future__ import annotations

from io import StringIO

from harness.progress import TerminalProgress


def test_a_line_is_redrawn_now_and_then_and_erased_at_the_end() -> None:
    stream, now = StringIO(), 0.0
    progress = TerminalProgress(stream, clock=lambda: now)
    progress("messages", 10, 1000)
    progress("messages", 20, 1000)
    now = 1.0
    progress("messages", 500, 1000)
    progress("messages", 1000, 1000)
    assert stream.getvalue().split("\r\x1b[2K") == [
        "",
        "messages 10 of 1,000 (1 %)",
        "messages 500 of 1,000 (50 %)",
        "",
    ]


def test_an_unknown_total_counts_on() -> None:
    stream = StringIO()
    TerminalProgress(stream)("bytes", 2048, None)
    assert stream.getvalue() == "\r\x1b[2Kbytes 2,048"
