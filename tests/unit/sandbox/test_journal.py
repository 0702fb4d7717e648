"""A journal that foreign programs wrote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.sandbox.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path


def test_objects_are_read_and_all_else_is_passed_over(tmp_path: Path) -> None:
    nested = b"[" * 100_000
    (tmp_path / "journal").write_bytes(
        b'{"a": 1}\n\nnull\n[1]\n{"b":\n\xff\xfe\n' + nested + b'\n{"c": "\xc3\xa9"}\n{"d'
    )
    assert read_journal(tmp_path / "journal") == ({"a": 1}, {"c": "\u00e9"})


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "absent") == ()


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_text('{"a": 1}')
    (tmp_path / "link").symlink_to("real")
    os.mkfifo(tmp_path / "fifo")
    assert read_journal(tmp_path / "link") == ()
    assert read_journal(tmp_path / "fifo") == ()
    assert read_journal(tmp_path) == ()
