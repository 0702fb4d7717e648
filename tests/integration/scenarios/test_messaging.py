"""What the reference implementation promises beyond what the scenarios show, on every engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from harness.target import Refused
from scenarios.messaging import cursor as cursors
from tests.unit.scenarios.small import AS_OF, dataset, group_uuid, user

if TYPE_CHECKING:
    from harness.scenario import Setting
    from tests.integration.scenarios.conftest import Ground

ANN, BEA, CEM, DOV = (user(number).uuid for number in range(4))
NOON = datetime(2026, 2, 2, 12, 0, tzinfo=UTC)
#: ann and bea; ann and cem; bea and cem.
FIRST, SECOND, THIRD = (group_uuid(number) for number in range(3))


def app(setting: Setting) -> Any:
    """The target, as the application that it is: its table and client are needed to write past it."""
    return setting.target


def put(setting: Setting, pk: str, sk: str, **attributes: str) -> None:
    item = {name: {"S": value} for name, value in ({"pk": pk, "sk": sk} | attributes).items()}
    app(setting).table.client.put_item(TableName="cruddur-messages", Item=item)


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(**arguments)
    return refused.value.reason


def handles(page: Any) -> list[str]:
    return [entry.handle for entry in page.entries]


def test_cursor_of_another_list_is_refused(ground: Ground) -> None:
    with ground() as setting:
        target = setting.target
        messages = target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=3)
        groups = target.list_message_groups(user_uuid=ANN, limit=1)
        assert messages.cursor
        assert groups.cursor
        for cursor in ("garbage", "e30=", messages.cursor[:-3], "ü", groups.cursor, "W10=", "A" * 9999):
            assert (
                refusal(target.list_messages, user_uuid=ANN, message_group_uuid=FIRST, cursor=cursor)
                == "cursor_invalid"
            )
        assert refusal(target.list_messages, user_uuid=ANN, message_group_uuid=SECOND, cursor=messages.cursor)
        assert refusal(target.list_message_groups, user_uuid=BEA, cursor=groups.cursor) == "cursor_invalid"


def test_cursor_stays_good_while_messages_come_and_go(ground: Ground) -> None:
    with ground() as setting:
        target = setting.target
        page = target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=3)
        target.create_message(user_uuid=ANN, message_group_uuid=FIRST, message="new")
        last = page.entries[-1].created_at.isoformat(timespec="microseconds")
        key = {"pk": {"S": f"MSG#{FIRST}"}, "sk": {"S": last}}
        app(setting).table.client.delete_item(TableName="cruddur-messages", Key=key)
        rest = target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=100, cursor=page.cursor)
        expected = setting.expected.messages_of(FIRST)
        assert rest.entries == expected[3:]
        assert rest.cursor is None


def test_last_page_has_no_cursor(ground: Ground) -> None:
    with ground(dataset(messages=5)) as setting:
        for limit in (1, 4, 5, 6):
            page = setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=limit)
            assert len(page.entries) == min(limit, 5)
            assert (page.cursor is None) == (limit >= 5)
        assert (
            refusal(setting.target.list_messages, user_uuid=ANN, message_group_uuid=FIRST, limit=0) == "limit_invalid"
        )


def test_large_messages_fill_pages_over_the_one_megabyte_of_a_query(ground: Ground) -> None:
    with ground(dataset(messages=1)) as setting:
        for number in range(5):
            put(setting, f"MSG#{FIRST}", f"2026-01-05T00:00:0{number}.000000+00:00", message="x" * 300_000,
                message_uuid=str(number), user_display_name="d", user_handle="h", user_uuid=ANN)  # fmt: skip
        page = setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=6)
        assert len(page.entries) == 6
        assert page.cursor is None


def test_membership_is_asked_of_the_index(ground: Ground) -> None:
    with ground() as setting:
        assert setting.recorder is not None
        setting.recorder.take()
        setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST)
        calls = setting.recorder.take()
        assert [(call.operation, call.request.get("IndexName")) for call in calls] == [
            ("Query", "message-group-sk-index"),
            ("Query", None),
        ]


def test_unknown_group_is_empty_to_read_and_closed_to_write(ground: Ground) -> None:
    with ground(dataset(messages=1)) as setting:
        for unknown in ("", "no such group", str(UUID(int=0)), "x" * 3000, "ü"):
            assert setting.target.list_messages(user_uuid=ANN, message_group_uuid=unknown).entries == (), unknown
            reason = refusal(setting.target.create_message, user_uuid=ANN, message_group_uuid=unknown, message="x")
            assert reason == "not_a_member", unknown


def test_text_that_may_not_be_sent(ground: Ground) -> None:
    texts = {"": "blank", " \n": "blank", "x" * 1025: "exceed_max_chars", "\ud83d": "not_text"}
    with ground(dataset(messages=1)) as setting:
        target = setting.target
        for text, reason in texts.items():
            found = {
                refusal(target.create_message, user_uuid=ANN, message_group_uuid=FIRST, message=text),
                refusal(target.create_message_group, user_uuid=ANN, other_user_uuid=DOV, message=text),
            }
            assert found == {f"message_{reason}"}, ascii(text)


def test_length_is_counted_in_characters(ground: Ground) -> None:
    with ground(dataset(messages=1)) as setting:
        text = "🚀" * 1024
        made = setting.target.create_message(user_uuid=ANN, message_group_uuid=FIRST, message=text)
        assert made.message == text
        assert setting.target.list_messages(user_uuid=BEA, message_group_uuid=FIRST).entries[0] == made


def test_messages_of_one_microsecond_all_survive(ground: Ground) -> None:
    with ground(dataset(messages=1), clock=lambda: NOON) as setting:
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda text: write(setting, ANN, FIRST, text), "abcdef"))
        found = setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=6).entries
        assert sorted(found, key=lambda view: view.uuid) == sorted(made, key=lambda view: view.uuid)
        assert [view.created_at - NOON for view in reversed(found)] == [timedelta(microseconds=n) for n in range(6)]


def write(setting: Setting, user_uuid: str, group: str, text: str) -> Any:
    return setting.target.create_message(user_uuid=user_uuid, message_group_uuid=group, message=text)


def test_two_groups_of_one_instant_both_survive(ground: Ground) -> None:
    with ground(clock=lambda: NOON) as setting:
        target = setting.target
        write(setting, ANN, FIRST, "to bea")
        write(setting, ANN, SECOND, "to cem")
        opened = target.create_message_group(user_uuid=ANN, other_user_uuid=DOV, message="to dov")
        assert setting.deliver is not None
        setting.deliver()
        rows = target.list_message_groups(user_uuid=ANN).entries
        assert {(row.handle, row.message, row.created_at) for row in rows} == {
            ("bea", "to bea", NOON),
            ("cem", "to cem", NOON),
            ("dov", "to dov", opened.created_at),
        }
        for other, text in ((BEA, "to bea"), (CEM, "to cem"), (DOV, "to dov")):
            assert target.list_message_groups(user_uuid=other, limit=1).entries[0].message == text


def test_groups_opened_in_one_microsecond_both_survive(ground: Ground) -> None:
    with ground(dataset(messages=1, pairs=()), clock=lambda: NOON) as setting:
        for other in (BEA, CEM, DOV):
            setting.target.create_message_group(user_uuid=ANN, other_user_uuid=other, message="hi")
        rows = setting.target.list_message_groups(user_uuid=ANN).entries
        assert sorted(handles(setting.target.list_message_groups(user_uuid=ANN))) == ["bea", "cem", "dov"]
        assert len({row.created_at for row in rows}) == 3


def test_many_at_once_make_one_group(ground: Ground) -> None:
    with ground(dataset(messages=1, pairs=())) as setting:
        pairs = [(ANN, BEA), (BEA, ANN)] * 4
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda pair: open_group(setting, *pair), pairs))
        assert len({view.message_group_uuid for view in made}) == 1
        assert len({view.uuid for view in made}) == 8
        assert handles(setting.target.list_message_groups(user_uuid=ANN)) == ["bea"]
        assert handles(setting.target.list_message_groups(user_uuid=BEA)) == ["ann"]
        messages = setting.target.list_messages(user_uuid=ANN, message_group_uuid=made[0].message_group_uuid)
        assert {view.uuid for view in messages.entries} == {view.uuid for view in made}


def open_group(setting: Setting, me: str, other: str) -> Any:
    return setting.target.create_message_group(user_uuid=me, other_user_uuid=other, message="hi")


def test_group_of_an_application_that_writes_no_marker_is_found(ground: Ground) -> None:
    with ground(dataset(messages=1)) as setting:
        for me, other in ((ANN, BEA), (BEA, ANN)):
            assert open_group(setting, me, other).message_group_uuid == FIRST
        assert list(setting.items(f"PAIR#{ANN}#{BEA}")) == []


def test_conversation_with_nobody_is_refused(ground: Ground) -> None:
    nobodies = {
        ANN: "same_person",
        ANN.upper(): "same_person",
        str(UUID(int=0)): "user_unknown",
        "'; --": "user_unknown",
    }
    with ground(dataset(messages=1)) as setting:
        for other, reason in nobodies.items():
            refused = refusal(setting.target.create_message_group, user_uuid=ANN, other_user_uuid=other, message="hi")
            assert refused == reason, other
        assert len(setting.target.list_message_groups(user_uuid=ANN).entries) == 2


def test_reference_formats_can_be_read(ground: Ground) -> None:
    stamps = (
        "2026-01-20T12:00:00.123456",
        "2026-01-20T12:00:01",
        "2026-01-20T12:00:02+00:00",
        "2026-01-20T14:00:03+02:00",
    )
    with ground(dataset(messages=1)) as setting:
        person = {"user_uuid": ANN, "user_display_name": "Ann", "user_handle": "ann"}
        for stamp in stamps:
            put(setting, f"MSG#{FIRST}", stamp, message="m", message_uuid=stamp, **person)
            put(setting, f"GRP#{DOV}", stamp, message="m", message_group_uuid=stamp, **person)
        messages = setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST).entries
        groups = setting.target.list_message_groups(user_uuid=DOV).entries
        instants = [datetime(2026, 1, 20, 12, 0, second, tzinfo=UTC) for second in (3, 2, 1)]
        assert [view.created_at for view in messages[:3]] == [view.created_at for view in groups[:3]] == instants
        assert messages[3].created_at.microsecond == 123456


def test_edit_and_removal_of_the_last_message_reach_both_lists(ground: Ground) -> None:
    with ground(dataset(messages=2)) as setting:
        assert setting.deliver is not None
        client, newest = app(setting).table.client, setting.expected.messages_of(FIRST)[0]
        key = {"pk": {"S": f"MSG#{FIRST}"}, "sk": {"S": newest.created_at.isoformat(timespec="microseconds")}}
        client.update_item(
            TableName="cruddur-messages",
            Key=key,
            UpdateExpression="SET message = :text",
            ExpressionAttributeValues={":text": {"S": "mended"}},
        )
        setting.deliver()
        assert {row_of(setting, who).message for who in (ANN, BEA)} == {"mended"}
        client.delete_item(TableName="cruddur-messages", Key=key)
        setting.deliver()
        before = setting.expected.messages_of(FIRST)[1]
        assert {(row_of(setting, who).message, row_of(setting, who).created_at) for who in (ANN, BEA)} == {
            (before.message, before.created_at)
        }
        assert before.created_at < AS_OF


def row_of(setting: Setting, who: str) -> Any:
    rows = setting.target.list_message_groups(user_uuid=who).entries
    (row,) = [row for row in rows if row.uuid == FIRST]
    return row


def test_seed_and_cursor_agree(ground: Ground) -> None:
    """A cursor holds the key of the last entry shown, as DynamoDB's LastEvaluatedKey would."""
    with ground(dataset(messages=3)) as setting:
        page = setting.target.list_messages(user_uuid=ANN, message_group_uuid=FIRST, limit=2)
        assert page.cursor is not None
        sk = page.entries[-1].created_at.isoformat(timespec="microseconds")
        pk = f"MSG#{FIRST}"
        assert cursors.decode(page.cursor, pk=pk) == {"pk": {"S": pk}, "sk": {"S": sk}}
