from __future__ import annotations

from harness.namespaces.changes import Change, TableChanges, compare_rows
from harness.render.changes import changes_lines

ADA, BEN = {"uuid": "a", "handle": "ada"}, {"uuid": "b", "handle": "ben"}


def test_rows_are_told_by_their_key() -> None:
    found = compare_rows("users", ("uuid",), [ADA, BEN], [{"uuid": "c", "handle": "cy"}, ADA | {"handle": "eve"}])
    assert found.counts() == {"added": 1, "removed": 1, "changed": 1}
    assert found.changes == (
        Change(before=ADA, after={"uuid": "a", "handle": "eve"}),
        Change(before=BEN, after=None),
        Change(before=None, after={"uuid": "c", "handle": "cy"}),
    )


def test_equal_tables_have_no_changes_in_any_order() -> None:
    assert compare_rows("users", ("uuid",), [ADA, BEN], [BEN, ADA]).changes == ()
    assert compare_rows("log", (), [ADA, ADA, BEN], [BEN, ADA, ADA]).changes == ()


def test_without_a_key_equal_rows_are_counted() -> None:
    found = compare_rows("log", (), [ADA, ADA], [ADA, ADA, ADA])
    assert found.counts() == {"added": 1, "removed": 0, "changed": 0}


def test_lines() -> None:
    before = {"pk": {"S": "GRP#1"}, "sk": {"S": "1"}, "n": {"N": "1"}}
    tables = [
        TableChanges(
            name="messages",
            changes=(
                Change(before=before, after=before | {"n": {"N": "2"}}),
                Change(before=None, after=before),
                *(Change(before=before, after=None) for _ in range(3)),
            ),
        ),
        TableChanges(name="public.users", note="the table was dropped"),
    ]
    assert list(changes_lines(tables, limit=2)) == [
        "messages: 1 added, 3 removed, 1 changed",
        '  ~ n: {"N": "1"} → {"N": "2"}   {"pk": "GRP#1", "sk": "1"}',
        '  + {"pk": "GRP#1", "sk": "1", "n": {"N": "1"}}',
        "  … and 3 more",
        "public.users: the table was dropped",
    ]
    assert list(changes_lines([])) == ["as seeded: nothing was written"]
    [_, long] = changes_lines([TableChanges(name="t", changes=(Change(before=None, after={"text": "x" * 500}),))])
    assert len(long) == 160
