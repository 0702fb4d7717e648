from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harness.dataset import ACTIVITY_COLUMNS, USER_COLUMNS, Activity, Dataset, Message, MessageGroup, User

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def user(handle: str) -> User:
    return User(
        uuid=f"uuid-{handle}",
        display_name=handle.title(),
        handle=handle,
        email=f"{handle}@example.com",
        cognito_user_id=f"sub-{handle}",
        created_at=NOON,
    )


ADA, BEN = user("ada"), user("ben")
MESSAGES = tuple(
    Message(uuid=f"m{n}", message_group_uuid="g", sender=sender, text=text, created_at=NOON + timedelta(minutes=n))
    for n, (sender, text) in enumerate([(ADA, "Hi"), (BEN, "Hello")])
)
GROUP = MessageGroup(uuid="g", participants=(ADA, BEN), message_count=2, last_message=MESSAGES[-1])
ACTIVITY = Activity(
    uuid="a",
    user_uuid=ADA.uuid,
    message="News",
    replies_count=0,
    reposts_count=1,
    likes_count=2,
    reply_to_activity_uuid=None,
    expires_at=NOON + timedelta(days=7),
    created_at=NOON,
)


def messages_of(group: MessageGroup) -> Iterator[Message]:
    assert group is GROUP
    return iter(MESSAGES)


DATASET = Dataset(
    seed=1,
    as_of=NOON,
    table="talk",
    users=(ADA, BEN),
    groups=(GROUP,),
    activities=(ACTIVITY,),
    messages_of=messages_of,
)


def test_message_item_is_that_of_the_reference_application() -> None:
    assert MESSAGES[0].item() == {
        "pk": {"S": "MSG#g"},
        "sk": {"S": "2026-03-02T12:00:00.000000+00:00"},
        "message": {"S": "Hi"},
        "message_uuid": {"S": "m0"},
        "user_uuid": {"S": "uuid-ada"},
        "user_display_name": {"S": "Ada"},
        "user_handle": {"S": "ada"},
    }


def test_group_rows_show_the_other_person_and_the_last_message() -> None:
    mine, theirs = GROUP.items()
    assert mine == {
        "pk": {"S": "GRP#uuid-ada"},
        "sk": {"S": "2026-03-02T12:01:00.000000+00:00"},
        "message_group_uuid": {"S": "g"},
        "message": {"S": "Hello"},
        "user_uuid": {"S": "uuid-ben"},
        "user_display_name": {"S": "Ben"},
        "user_handle": {"S": "ben"},
    }
    assert theirs["pk"] == {"S": "GRP#uuid-ben"}
    assert theirs["user_handle"] == {"S": "ada"}
    assert {name: theirs[name] for name in ("sk", "message", "message_group_uuid")} == {
        name: mine[name] for name in ("sk", "message", "message_group_uuid")
    }


def test_rows_follow_their_columns() -> None:
    assert dict(zip(USER_COLUMNS, ADA.row(), strict=True))["cognito_user_id"] == "sub-ada"
    row = dict(zip(ACTIVITY_COLUMNS, ACTIVITY.row(), strict=True))
    assert (row["likes_count"], row["created_at"]) == (2, NOON)


def test_dataset_counts_and_yields_all_items() -> None:
    assert DATASET.counts() == {"users": 2, "activities": 1, "message_groups": 1, "messages": 2}
    assert [item["pk"]["S"] for item in DATASET.items()] == ["GRP#uuid-ada", "GRP#uuid-ben", "MSG#g", "MSG#g"]


def test_table_digests_name_the_tables() -> None:
    digests = DATASET.table_digests()
    assert {name: digest.count for name, digest in digests.items()} == {
        "talk": 4,
        "public.users": 2,
        "public.activities": 1,
    }
    assert len(DATASET.digest()) == 64
