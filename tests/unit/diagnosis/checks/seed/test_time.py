"""Instants of the seed: past, with their offset, of one format, in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.rehearsal.results import Rehearsal
from tests.unit.diagnosis.checks.played_seed import SEED_PATH, changed, codes, found, mended, only, played
from tests.unit.diagnosis.checks.seed_scripts import BY_BATCH, BY_FUNCTIONS, BY_MAIN, BY_RESOURCE

_START = "start = datetime(2024, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)"
_AT = "(start + timedelta(minutes=i)).isoformat()"
_NOW = "start = datetime.now(timezone.utc)"
_BEGIN = "begin = datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)"


def line_of(text: str, seed: str) -> int:
    return next(number for number, line in enumerate(seed.splitlines(), 1) if text in line)


# SEED201. Keys by the clock are other ones in each run, which SEED401 tells of.


@pytest.mark.parametrize(
    "start", [_NOW, "start = datetime.now(timezone.utc).astimezone()", "start = datetime.now(tz=timezone.utc)"]
)
def test_from_now_on(start: str) -> None:
    seed = changed(BY_FUNCTIONS, (_START, start))
    told = found(played(seed))
    assert [each.code for each in told] == ["SEED201", "SEED401"]
    finding = told[0]
    assert finding.place is not None
    assert finding.place.line == line_of(_AT, seed)
    assert "4 of 6 messages and 2 group rows" in finding.cause or "5 of 6 messages and 2 group rows" in finding.cause
    assert "adds to the present" in finding.cause
    assert "(start - timedelta(days=1) + timedelta(minutes=i))" in mended(finding, seed)
    assert codes(played(mended(finding, seed))) == ["SEED401"]


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        (BY_FUNCTIONS, ((_START, _NOW + " - timedelta(days=1)"),)),
        (BY_FUNCTIONS, ((_START, _NOW + " + timedelta(hours=-3)"),)),
        (BY_FUNCTIONS, ((_START, _NOW), (_AT, "(start - timedelta(days=1) + timedelta(minutes=i)).isoformat()"))),
        (BY_FUNCTIONS, ((_START, _NOW), (_AT, "(start - timedelta(minutes=len(lines) - i)).isoformat()"))),
        (BY_RESOURCE, ((_BEGIN, "begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=30)"),)),
        (BY_MAIN, (("END = datetime(2024, 3, 1, 18, 30, 0, 5, tzinfo=timezone.utc)", "END = datetime.now(timezone.utc)"),)),
    ],
)  # fmt: skip
def test_the_past_of_today(seed: str, changes: tuple[tuple[str, str], ...]) -> None:
    assert codes(played(changed(seed, *changes))) == ["SEED401"]


@pytest.mark.parametrize("step", ["start += timedelta(minutes=2)", "start = start + timedelta(minutes=2)"])
def test_a_moment_that_is_moved_on(step: str) -> None:
    seed = changed(
        BY_FUNCTIONS, (_START, _NOW), (f"  created_at = {_AT}", f"  {step}\n  created_at = start.isoformat()")
    )
    finding = found(played(seed))[0]
    assert finding.code == "SEED201"
    assert finding.place is not None
    if "+=" in step:
        assert finding.place.line == line_of(step, seed)
    past = changed(seed, (_NOW, f"{_NOW} - timedelta(days=1)"))
    assert codes(played(past)) == ["SEED401"]


def test_a_fixed_date_to_come() -> None:
    finding = only(played(changed(BY_FUNCTIONS, (_START, _START.replace("2024", "2199")))))
    assert finding.code == "SEED201"
    assert "6 of 6 messages and 2 group rows lie in the future" in finding.cause
    assert f"begins at a date of its own: `{_START.replace('2024', '2199')}`" in finding.cause
    assert not finding.edits


def test_a_seed_that_did_not_get_there_is_read() -> None:
    seed = changed(BY_FUNCTIONS, (_START, _NOW), ("users = get_user_uuids()", "users = get_user_uuid()"))
    told = found(played(seed))
    assert [each.code for each in told] == ["SEED102", "SEED201"]
    assert "will lie in the future" in told[1].cause
    facts = played(changed(BY_FUNCTIONS, (_START, _NOW)))
    not_run = replace(facts, rehearsal=Rehearsal(), held=Rehearsal().first)
    assert codes(not_run) == ["SEED201"]


def test_a_minute_is_nothing() -> None:
    facts = played(BY_FUNCTIONS)
    last = datetime(2024, 3, 1, 12, 5, tzinfo=UTC)
    assert codes(replace(facts, now=last)) == []
    assert codes(replace(facts, now=last.replace(minute=2))) == ["SEED201"]


# SEED202


@pytest.mark.parametrize(
    ("seed", "changes", "fixable"),
    [
        (BY_FUNCTIONS, ((_START, "start = datetime.now() - timedelta(days=1)"),), True),
        (BY_FUNCTIONS, ((_START, "start = datetime.utcnow() - timedelta(days=1)"), (", timedelta, timezone", ", timedelta")), True),
        (BY_RESOURCE, ((_BEGIN, "begin = datetime.datetime.now() - datetime.timedelta(days=1)"),), True),
        (BY_FUNCTIONS, ((_START, "start = datetime(2024, 3, 1)"),), False),
        (BY_BATCH, (("%fZ", "%f"),), False),
    ],
)  # fmt: skip
def test_naive_timestamps(seed: str, changes: tuple[tuple[str, str], ...], *, fixable: bool) -> None:
    broken = changed(seed, *changes)
    told = [each for each in found(played(broken)) if each.code != "SEED401"]
    assert [each.code for each in told] == ["SEED202"]
    assert told[0].place is not None
    assert told[0].place.path == SEED_PATH
    if seed is not BY_BATCH:  # there it can't be told
        assert f"{SEED_PATH} makes them in line {told[0].place.line}" in told[0].cause
    assert told[0].fixable == fixable
    # In the place of now() alone: where it is taken, it is mostly counted with before it becomes a text.
    assert "by datetime.now(timezone.utc)," in told[0].advice
    if fixable:
        assert codes(played(mended(told[0], broken))) == ["SEED401"]


@pytest.mark.parametrize(
    "other",
    ["began = datetime.now()\nprint(datetime.now() - began)\n", "timezone = 'Europe/Oslo'\n"],
)
def test_an_edit_that_would_break_something_is_not_offered(other: str) -> None:
    naive = ((_START, "start = datetime.now() - timedelta(days=1)"), (", timedelta, timezone", ", timedelta"))
    told = found(played(changed(BY_FUNCTIONS, *naive) + other))
    assert [each.code for each in told] == ["SEED202", "SEED401"]
    assert not told[0].edits


def test_an_edit_is_unsafe_where_others_go_by_the_old_format() -> None:
    library = "from datetime import datetime\n\ndef stamp():\n    return datetime.now().isoformat()\n"
    told = found(played(changed(BY_FUNCTIONS, (_START, "start = datetime.now() - timedelta(days=1)")), library=library))
    first = next(each for each in told if each.code == "SEED202")
    assert first.edits
    assert not first.fixable


# SEED203, SEED205, SEED206, SEED207


@pytest.mark.parametrize(
    "stamp",
    ["created_at.replace('+00:00', 'Z')", "created_at.replace('T', ' ')", "created_at.replace('+00:00', '')"],
)
def test_group_rows_of_another_format(stamp: str) -> None:
    seed = BY_FUNCTIONS.replace("['uuid'], created_at, message, users", f"['uuid'], {stamp}, message, users")
    finding = only(played(seed))
    assert finding.code == "SEED203"
    assert "2 such as" in finding.cause
    assert "6 such as" in finding.cause


def test_two_offsets_that_sort_unlike_time() -> None:
    odd = "(start + timedelta(minutes=i)).astimezone(timezone(timedelta(hours=i % 2))).isoformat()"
    finding = only(played(changed(BY_FUNCTIONS, (_AT, odd))))
    assert finding.code == "SEED203"
    assert "and sorts before it" in finding.cause


def test_a_fraction_left_out() -> None:
    odd = "(start + timedelta(milliseconds=250 * i)).isoformat().replace('+00:00', 'Z')"
    finding = only(played(changed(BY_FUNCTIONS, (_START, _START.replace("123456", "0")), (_AT, odd))))
    assert finding.code == "SEED205"
    assert finding.place is not None
    assert finding.place.path == SEED_PATH


@pytest.mark.parametrize("ending", ["+00:00", ""])
def test_fractions_that_differ_and_sort_well(ending: str) -> None:
    odd = f"(start + timedelta(milliseconds=250 * i)).isoformat().replace('+00:00', '{ending}')"
    told = codes(played(changed(BY_FUNCTIONS, (_START, _START.replace("123456", "0")), (_AT, odd))))
    assert told == ([] if ending else ["SEED202"])


def test_the_offset_of_one_place() -> None:
    seed = changed(BY_FUNCTIONS, (_START, _START.replace("timezone.utc", "timezone(timedelta(hours=5, minutes=30))")))
    finding = only(played(seed))
    assert (finding.code, finding.severity) == ("SEED206", "note")
    assert "+05:30" in finding.cause


@pytest.mark.parametrize(
    ("seed", "old", "new", "value"),
    [
        (BY_FUNCTIONS, _AT, "str(1709294400 + 60 * i)", "'1709294"),
        (BY_FUNCTIONS, _AT, "(start + timedelta(minutes=i)).strftime('%d/%m/%Y %H:%M')", "'01/03/2024 12:0"),
        (BY_FUNCTIONS, _AT, "str(start + timedelta(minutes=i))[:10] + '/' + str(i)", "'2024-03-01/"),
        (BY_FUNCTIONS, "['uuid'], created_at, message, users['other", "['uuid'], 'latest', message, users['other", "'latest'"),
    ],
)  # fmt: skip
def test_keys_that_are_no_timestamps(seed: str, old: str, new: str, value: str) -> None:
    finding = only(played(changed(seed, (old, new))))
    assert finding.code == "SEED207"
    assert value in finding.cause


def test_keys_that_nobody_reads_as_time() -> None:
    library = "def stamp():\n    return 1\n"
    assert codes(played(changed(BY_FUNCTIONS, (_AT, "str(1709294400 + 60 * i)")), library=library)) == []


# SEED204


def test_told_backwards() -> None:
    seed = changed(
        BY_FUNCTIONS,
        (_AT, "(start - timedelta(minutes=i)).isoformat()"),
        (
            "create_message_group(ddb",
            "created_at, message = start.isoformat(), lines[0][10:]\ncreate_message_group(ddb",
        ),
    )
    finding = only(played(seed))
    assert finding.code == "SEED204"
    assert finding.place is not None
    assert finding.place.line == line_of("(start - timedelta", seed)
    assert "takes more away for each line" in finding.cause


def test_told_backwards_with_group_rows_of_what_was_said_last() -> None:
    backwards = changed(BY_FUNCTIONS, (_AT, "(start - timedelta(minutes=i)).isoformat()"))
    assert codes(played(backwards)) == ["SEED204"]
    filler = backwards.replace("['uuid'], created_at, message, users", "['uuid'], created_at, 'Filler', users")
    assert codes(played(filler)) == ["SEED204", "SEED303"]


def test_told_backwards_in_both_ways() -> None:
    seed = changed(
        BY_FUNCTIONS,
        (_AT, "(start - timedelta(minutes=i)).isoformat()"),
        (".split('\\n')", ".split('\\n')[::-1]"),
        (
            "create_message_group(ddb",
            "created_at, message = start.isoformat(), lines[0][10:]\ncreate_message_group(ddb",
        ),
    )
    assert codes(played(seed)) == []
