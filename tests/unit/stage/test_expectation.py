"""The expectation grows with what was acknowledged, and moves rows only by delivery."""

from __future__ import annotations

from datetime import timedelta

from harness.stage.expectation import Expectation
from tests.unit.scenarios.small import AS_OF, dataset, group_uuid, user

ANN, BEA, CEM, DOV = (user(number) for number in range(4))


def texts(expected: Expectation, group: str) -> list[str]:
    return [message.message for message in expected.messages_of(group)][:3]


def test_seeded_groups_are_newest_first_and_show_the_other_person() -> None:
    rows = Expectation(dataset=dataset()).groups_of(ANN)
    assert [(row.handle, row.message) for row in rows] == [
        ("bea", "message 24 of group 0"),
        ("cem", "message 24 of group 1"),
    ]


def test_message_is_read_at_once_and_moves_its_group_when_delivered() -> None:
    expected = Expectation(dataset=dataset())
    conversation = expected.conversation_of(CEM, ANN)
    assert conversation is not None
    expected.sent(conversation, CEM, "news", uuid="m", created_at=AS_OF + timedelta(seconds=1))
    assert texts(expected, conversation.uuid)[0] == "news"
    assert [row.handle for row in expected.groups_of(ANN)] == ["bea", "cem"]
    expected.delivered()
    assert [(row.handle, row.message) for row in expected.groups_of(ANN)] == [
        ("cem", "news"),
        ("bea", "message 24 of group 0"),
    ]


def test_opened_group_shows_the_message_that_opened_it_whoever_is_told_first() -> None:
    for order in ((0, 1), (1, 0)):
        expected = Expectation(dataset=dataset())
        for step in order:
            pair = ((CEM, DOV), (DOV, CEM))[step]
            expected.opened(("new", f"m{step}"), pair, f"hi {step}", AS_OF + timedelta(seconds=step))
        assert [(row.uuid, row.handle, row.message) for row in expected.groups_of(DOV)] == [("new", "cem", "hi 0")]
        assert texts(expected, "new") == ["hi 1", "hi 0"]
        expected.delivered()
        assert expected.groups_of(DOV)[0].message == "hi 1"


def test_second_opening_of_a_seeded_pair_adds_to_its_group() -> None:
    expected = Expectation(dataset=dataset())
    expected.opened((group_uuid(0), "m"), (BEA, ANN), "again", AS_OF + timedelta(seconds=1))
    assert len(list(expected.conversations())) == 3
    assert texts(expected, group_uuid(0))[0] == "again"
    assert expected.groups_of(BEA)[0].message == "message 24 of group 0"
