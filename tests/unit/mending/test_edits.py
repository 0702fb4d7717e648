"""Edits of findings on a file's text."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as some

from harness.diagnosis.finding import Edit, Finding
from harness.mending.edits import by_file, edited
from harness.mending.patch import as_patch, write_edits

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def edit(first: int, last: int, new: str, *, path: str = "seed.sql", safe: bool = True) -> Edit:
    return Edit(path=path, first=first, last=last, new=new, safe=safe)


def finding(*edits: Edit) -> Finding:
    return Finding(
        code="SQL101", severity="error", title="t", cause="c", evidence=(), place=None, advice="a", edits=edits
    )


def test_lines_are_replaced_inserted_and_deleted_as_numbered_before() -> None:
    text = "one\ntwo\nthree\n"
    assert edited(text, [edit(1, 0, "zero\n"), edit(2, 2, "2\n"), edit(3, 3, "")]) == "zero\none\n2\n"


def test_a_line_is_added_behind_one_without_an_end() -> None:
    assert edited("one", [edit(2, 1, "two\n")]) == "one\ntwo\n"


def test_crlf_stays_where_nothing_is_changed() -> None:
    assert edited("one\r\ntwo\r\n", [edit(2, 2, "2\r\n")]) == "one\r\n2\r\n"


def test_two_findings_on_the_same_lines_are_not_both_mended() -> None:
    first, second = finding(edit(2, 3, "a\n")), finding(edit(3, 3, "b\n"), edit(9, 9, "c\n"))
    assert by_file([first, second]) == {"seed.sql": (edit(2, 3, "a\n"),)}


def test_one_edit_that_two_findings_want_is_made_once() -> None:
    assert by_file([finding(edit(2, 2, "a\n")), finding(edit(2, 2, "a\n"))]) == {"seed.sql": (edit(2, 2, "a\n"),)}


def test_what_is_not_safe_is_left_out_whole() -> None:
    assert by_file([finding(edit(1, 1, "a\n"), edit(2, 2, "b\n", safe=False))]) == {}


def test_a_file_that_is_written_keeps_its_permissions_and_strange_bytes(tmp_path: Path) -> None:
    path = tmp_path / "seed.sql"
    path.write_bytes(b"one \xff\r\ntwo\r\n")
    path.chmod(0o755)
    assert write_edits(tmp_path, {"seed.sql": (edit(2, 2, "2\r\n"),)}) == ("seed.sql",)
    assert path.read_bytes() == b"one \xff\r\n2\r\n"
    assert path.stat().st_mode & 0o777 == 0o755


@given(
    some.lists(some.text("abc", max_size=3), min_size=1, max_size=8),
    some.lists(some.tuples(some.integers(1, 8), some.integers(0, 2), some.booleans()), max_size=3),
    some.sampled_from(["\n", ""]),
)
def test_patch_makes_what_edits_make(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], wanted: list[tuple[int, int, bool]], end: str
) -> None:
    root = tmp_path_factory.mktemp("patched")
    text = "\n".join(lines) + end
    (root / "seed.sql").write_text(text)
    edits = by_file(
        finding(edit(min(first, len(lines)), min(first, len(lines)) + more - 1, "new\n" if keep else ""))
        for first, more, keep in wanted
    )
    patch = as_patch(root, edits)
    if patch:
        subprocess.run(["git", "apply", "--unidiff-zero", "-"], input=patch, text=True, cwd=root, check=True)
    assert (root / "seed.sql").read_text() == edited(text, edits.get("seed.sql", ()))
