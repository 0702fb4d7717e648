"""Faults of the seed of the conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery import seeds
from tests.gallery.faults.fault import fault

if TYPE_CHECKING:
    from tests.gallery.tree import Tree

_START = "start = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)"
_AT = "(start + timedelta(minutes=number)).isoformat()"
_WRITE = "    put_message(people[who], created_at, text)\n"
_MINE = 'put_group(people["Person 1"], people["Person 2"], created_at, text)\n'
_THEIRS = 'put_group(people["Person 2"], people["Person 1"], created_at, text)\n'


# Who


@fault("SEED101", words=("ottobergh", "ottoberg"))
def handle_misspelled_in_the_seed(tree: Tree) -> None:
    tree.replace("table-seed", ('OTHER_HANDLE = "ottoberg"', 'OTHER_HANDLE = "ottobergh"'))


@fault("SEED101", words=("Ottoberg", "ottoberg"))
def handle_in_another_case(tree: Tree) -> None:
    tree.replace("sql-seed", ("'ottoberg'", "'Ottoberg'"))


@fault("SEED101", words=("idalin",))
def handle_misspelled_in_a_pattern(tree: Tree) -> None:
    tree.replace("groups", ('MY_HANDLE = "idalind"', 'MY_HANDLE = "idalin"'))


@fault("SEED101", words=("ottoberg",))
def user_missing_and_nobody_asks(tree: Tree) -> None:
    tree.replace("sql-seed", ("  ('Otto Berg', 'otto@example.com', 'ottoberg', 'MOCK'),\n", ""))
    tree.replace(
        "table-seed",
        (
            (
                "    if user is None:\n"
                '        raise SystemExit(f"there is no user with the handle {handle} in Postgres: see backend-flask/db/seed.sql")\n'
            ),
            "",
        ),
    )


@fault("SEED307")
def group_rows_show_their_owners(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (_MINE, 'put_group(people["Person 1"], people["Person 1"], created_at, text)\n'),
        (_THEIRS, 'put_group(people["Person 2"], people["Person 2"], created_at, text)\n'),
    )


@fault("SEED308", words=("miasol",))
def handle_written_out(tree: Tree) -> None:
    tree.replace("table-seed", ('"user_handle": {"S": other["handle"]}', '"user_handle": {"S": "miasol"}'))


@fault("SEED309")
def uuid_written_out(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            '"Person 1": get_user(MY_HANDLE)',
            '"Person 1": {**get_user(MY_HANDLE), "uuid": "f73f4b05-a59e-468b-8a29-a1c39e7a2222"}',
        ),
    )


@fault("SEED314")
def one_speaks_for_both(tree: Tree) -> None:
    tree.replace("table-seed", ("put_message(people[who],", 'put_message(people["Person 1"],'))


# When


@fault("SEED201", words=("future",))
def conversation_lies_ahead(tree: Tree) -> None:
    tree.replace("table-seed", (_START, "start = datetime(2199, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)"))


@fault("SEED201", "SEED401")
def from_now_on(tree: Tree) -> None:
    tree.replace("table-seed", (_START, "start = datetime.now(timezone.utc)"))


@fault("SEED202")
def naive_timestamps(tree: Tree) -> None:
    tree.replace("table-seed", (", tzinfo=timezone.utc", ""))


@fault("SEED206")
def timestamps_of_another_zone(tree: Tree) -> None:
    tree.replace("table-seed", ("tzinfo=timezone.utc", "tzinfo=timezone(timedelta(hours=2))"))


@fault("SEED203")
def timestamps_in_two_formats(tree: Tree) -> None:
    tree.replace("table-seed", (_AT, '(start + timedelta(minutes=number)).isoformat(" " if number % 2 else "T")'))


@fault("SEED205")
def fraction_left_out(tree: Tree) -> None:
    """With `Z`, and not with `+00:00`, a full second sorts behind its fractions."""
    tree.replace(
        "table-seed",
        ("0, 123456, tzinfo", "0, 0, tzinfo"),
        (_AT, '(start + timedelta(milliseconds=250 * number)).isoformat().replace("+00:00", "Z")'),
    )


@fault("SEED207")
def timestamps_as_people_write_them(tree: Tree) -> None:
    tree.replace("table-seed", (_AT, '(start + timedelta(minutes=number)).strftime("%d.%m.%Y %H:%M:%S")'))


@fault("SEED204")
def told_backwards(tree: Tree) -> None:
    tree.replace("table-seed", (_AT, "(start - timedelta(minutes=number)).isoformat()"))
    tree.replace(
        "table-seed",
        ("for number, line in enumerate(lines):", "first = start.isoformat()\nfor number, line in enumerate(lines):"),
    )
    tree.replace("table-seed", (_MINE, _MINE.replace("created_at, text", 'first, lines[0].split(": ")[1]')))
    tree.replace("table-seed", (_THEIRS, _THEIRS.replace("created_at, text", 'first, lines[0].split(": ")[1]')))


@fault("SEED303")
def group_rows_of_another_time(tree: Tree) -> None:
    for call in (_MINE, _THEIRS):
        tree.replace("table-seed", (call, call.replace("created_at", "(start + timedelta(hours=9)).isoformat()")))


@fault("SEED304", words=("See you",))
def group_rows_of_another_text(tree: Tree) -> None:
    for call in (_MINE, _THEIRS):
        tree.replace("table-seed", (call, call.replace(", text)", ', "See you there.")')))


# What is written


@fault("SEED103")
def write_behind_the_loop(tree: Tree) -> None:
    tree.replace("table-seed", (_WRITE, _WRITE.lstrip()))


@fault("SEED104")
def nobody_calls_main(tree: Tree) -> None:
    head, _, loop = tree["table-seed"].partition("for number, line in")
    body = ("for number, line in" + loop).replace("\n", "\n    ").rstrip()
    tree["table-seed"] = f"{head}def main():\n    {body}\n"


@fault("SEED104")
def group_rows_forgotten(tree: Tree) -> None:
    tree.replace("table-seed", (_MINE, ""), (_THEIRS, ""))


@fault("SEED301")
def one_group_row_forgotten(tree: Tree) -> None:
    tree.replace("table-seed", (_THEIRS, ""))


@fault("SEED302")
def each_group_row_has_its_uuid(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            '"message_group_uuid": {"S": GROUP}',
            '"message_group_uuid": {"S": GROUP if owner["handle"] == MY_HANDLE else str(uuid.uuid5(uuid.NAMESPACE_URL, owner["uuid"]))}',
        ),
    )


@fault("SEED305")
def one_key_for_all_messages(tree: Tree) -> None:
    tree.replace("table-seed", (_AT, "start.isoformat()"))


@fault("SEED305", words=("8 messages in it have the key",))
def one_key_for_all_of_a_batch(tree: Tree) -> None:
    tree["table-seed"] = seeds.RESOURCE
    tree.replace("table-seed", ("when + timedelta(minutes=1)", "when"))


@fault("SEED305", words=("of 8 messages one is written",))
def all_but_the_last_dropped_from_a_batch(tree: Tree) -> None:
    one_key_for_all_of_a_batch(tree)
    tree.replace("table-seed", ("batch_writer()", 'batch_writer(overwrite_by_pkeys=["pk", "sk"])'))


@fault("SEED306")
def messages_of_no_group(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        ('"message_group_uuid": {"S": GROUP}', '"message_group_uuid": {"S": "0b0b0b0b-1111-4222-8333-444455556666"}'),
    )


@fault("SEED310", words=("GROUP#",))
def other_prefix_of_group_rows(tree: Tree) -> None:
    tree.replace("table-seed", ("GRP#", "GROUP#"))


@fault("SEED310", words=("MSG",))
def other_prefix_of_messages(tree: Tree) -> None:
    tree.replace("table-seed", ("MSG#", "MSG-"))


@fault("SEED311")
def text_as_a_number(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            '"message_uuid": {"S": str(uuid.uuid5(uuid.NAMESPACE_URL, GROUP + created_at))}',
            '"message_uuid": {"N": str(len(created_at))}',
        ),
    )


@fault("SEED312", words=("user_handle",))
def handle_left_out(tree: Tree) -> None:
    tree.replace("table-seed", ('            "user_handle": {"S": user["handle"]},\n', ""))


@fault("SEED312", words=("message_group_uuid",))
def group_left_out(tree: Tree) -> None:
    tree.replace("table-seed", ('            "message_group_uuid": {"S": GROUP},\n', ""))


@fault("SEED313")
def messages_in_the_index(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            '            "message": {"S": message},\n            "message_uuid"',
            '            "message": {"S": message},\n            "message_group_uuid": {"S": GROUP},\n            "message_uuid"',
        ),
    )


# How it ends


@fault("SEED102", words=("BaseException",))
def text_is_raised(tree: Tree) -> None:
    tree.replace("table-seed", ("Person 2: For an hour", "Person2: For an hour"))
    tree.replace("table-seed", (_WRITE, f'    if who not in people:\n        raise "invalid line"\n{_WRITE}'))


@fault("SEED102")
def line_of_nobody(tree: Tree) -> None:
    tree.replace("table-seed", ("Person 1: Yes, at noon", "Person 3: Yes, at noon"))


@fault("SEED102", words=("timedelta",))
def import_forgotten(tree: Tree) -> None:
    tree.replace("table-seed", ("import datetime, timedelta, timezone", "import datetime, timezone"))


@fault("SEED105")
def unprocessed_items_forgotten(tree: Tree) -> None:
    tree.replace(
        "table-seed", ("    client.put_item(\n        TableName=TABLE,\n        Item={", "    item = (\n        {")
    )
    tree.substitute(
        "table-seed",
        r'(?s)("user_handle": \{"S": other\["handle"\]\},\n        )\},\n    \)\n',
        '\\1}\n    )\n    client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}}]})\n',
    )


@fault("SEED106")
def sort_key_is_none(tree: Tree) -> None:
    tree.replace(
        "table-seed",
        (
            '"sk": {"S": created_at},\n            "message": {"S": message},\n            "message_uuid"',
            '"sk": {"S": print(created_at)},\n            "message": {"S": message},\n            "message_uuid"',
        ),
    )


@fault("SEED107", words=("cruddur-message",))
def table_misspelled_in_the_seed(tree: Tree) -> None:
    tree.replace("table-seed", ('os.getenv("DDB_MESSAGE_TABLE", "cruddur-messages")', '"cruddur-message"'))


@fault("SEED401", words=("now",))
def other_keys_in_each_run(tree: Tree) -> None:
    tree.replace("table-seed", (_START, "start = datetime.now(timezone.utc) - timedelta(days=1)"))


# The user pool

_LIST_USERS = '''\
#!/usr/bin/env python3
"""The users of the pool: who has which sub."""

import os

import boto3

client = boto3.client("cognito-idp")
found = client.list_users(
    UserPoolId=os.environ["AWS_COGNITO_USER_POOL_ID"], AttributesToGet=["preferred_username", "sub"]
)
for user in found["Users"]:
    handle = next((each for each in user["Attributes"] if each["Name"] == "preferred_username"), None)
    sub = next((each for each in user["Attributes"] if each["Name"] == "sub"), None)
    print(handle["Value"], sub["Value"])
'''


@fault("SEED108", words=("bin/cognito/list-users", "preferred_username", "handle['Value']"))
def pool_user_without_a_handle(tree: Tree) -> None:
    tree.files["bin/cognito/list-users"] = _LIST_USERS
    tree.executable.add("bin/cognito/list-users")
