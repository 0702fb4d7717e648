"""What a second run of the seed does, and what is left of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis.facts import Facts
from harness.held import Held, Table
from tests.unit.diagnosis.checks.played_seed import changed, codes, only, played
from tests.unit.diagnosis.checks.seed_scripts import BY_FUNCTIONS, BY_MAIN, BY_RESOURCE, CLEAN

_START = "start = datetime(2024, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)"
_YESTERDAY = "start = datetime.now(timezone.utc) - timedelta(days=1)"
_GROUP = 'message_group_uuid = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"'


def line_of(text: str, seed: str) -> int:
    return next(number for number, line in enumerate(seed.splitlines(), 1) if text in line)


def second_as_data(facts: Facts) -> Facts:
    """Return what databases hold after a second run, and nothing else."""
    assert facts.rehearsal is not None
    assert facts.rehearsal.second is not None
    return Facts(now=facts.now, held=facts.rehearsal.second)


def test_keys_by_the_clock() -> None:
    seed = changed(BY_FUNCTIONS, (_START, _YESTERDAY))
    facts = played(seed)
    finding = only(facts)
    assert finding.code == "SEED401"
    assert "12 messages instead of 6 and 4 group rows instead of 2" in finding.cause
    assert f"`{_YESTERDAY}` in line {line_of(_YESTERDAY, seed)}" in finding.cause
    assert finding.place is not None
    assert finding.place.line == line_of(_YESTERDAY, seed)
    assert finding.evidence[0].text.startswith("first run:  pk=GRP#")
    assert finding.evidence[1].text.startswith("second run: pk=GRP#")
    twice = only(second_as_data(facts))
    assert twice.code == "SEED402"
    assert "2 conversations stand more than once in a person's list" in twice.cause
    assert "is there 2 times" in twice.cause


def test_a_message_group_by_chance() -> None:
    seed = changed(BY_FUNCTIONS, (_GROUP, "message_group_uuid = str(uuid.uuid4())"))
    facts = played(seed)
    finding = only(facts)
    assert finding.code == "SEED401"
    assert "12 messages instead of 6" in finding.cause
    assert "`message_group_uuid = str(uuid.uuid4())`" in finding.cause
    twice = only(second_as_data(facts))
    assert twice.code == "SEED402"
    assert "hold the same messages" in twice.cause


@pytest.mark.parametrize("name", CLEAN)
def test_what_a_right_seed_leaves(name: str) -> None:
    assert codes(second_as_data(played(CLEAN[name]))) == []


def test_a_seed_that_empties_the_table_first() -> None:
    facts = played(changed(BY_FUNCTIONS, (_START, _YESTERDAY)))
    assert facts.rehearsal is not None
    assert codes(replace(facts, rehearsal=replace(facts.rehearsal, second=facts.rehearsal.first))) == []
    assert codes(replace(facts, rehearsal=replace(facts.rehearsal, second=None))) == []


def test_doubled_users_are_the_business_of_postgres() -> None:
    """The second load of Postgres has made new uuids: the lists of new people are no second copies."""
    facts = played(BY_RESOURCE)
    assert facts.rehearsal is not None
    second = facts.rehearsal.second
    assert second is not None
    (table,) = second.tables.values()
    new = tuple(
        {**item, "pk": {"S": item["pk"]["S"][::-1].replace("0", "9")[::-1]}}
        for item in table.items
        if item["pk"]["S"].startswith("GRP#")
    )
    more = replace(second, tables={"chat": replace(table, items=(*table.items, *new))})
    assert codes(replace(facts, rehearsal=replace(facts.rehearsal, second=more))) == []


def test_the_same_words_every_day_are_no_second_run() -> None:
    small_talk = '["Hei", "Hei hei"] * 12'
    seed = changed(BY_MAIN, ('["Hei", "Hei hei", "Long time!", "Too long."]', small_talk))
    assert codes(played(seed)) == []


def test_two_tables() -> None:
    facts = played(BY_FUNCTIONS)
    (table,) = facts.held.tables.values()
    other = Table(name="chat-copy", description=table.description, items=table.items, count=table.count)
    both = Held(relations=facts.held.relations, tables={"chat": table, "chat-copy": other})
    assert codes(Facts(now=facts.now, held=both)) == []
    rows = tuple(item for item in table.items if item["pk"]["S"].startswith("GRP#"))
    messages = tuple(item for item in table.items if item["pk"]["S"].startswith("MSG#"))
    apart = {
        name: replace(table, name=name, items=items, count=len(items))
        for name, items in (("groups", rows), ("messages", messages))
    }
    assert codes(Facts(now=facts.now, held=Held(relations=facts.held.relations, tables=apart))) == []
