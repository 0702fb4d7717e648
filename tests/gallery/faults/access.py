"""Faults of the table, of the pattern scripts and of the application's library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery.faults.fault import fault
from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from tests.gallery.tree import Tree

_PK = '"KeyConditionExpression": "pk = :pk",\n            "ExpressionAttributeValues": {":pk": {"S": f"%s#{%s}"}},'
_BY_YEAR = (
    '"KeyConditionExpression": "pk = :pk AND begins_with(sk, :year)",\n'
    '            "ExpressionAttributeValues": {":pk": {"S": f"%s#{%s}"}, ":year": {"S": str(datetime.now().year)}},'
)
_QUERY = 'KeyConditionExpression": "pk = :pk",\n    "ExpressionAttributeValues": {":pk": {"S": f"MSG#{GROUP}"}}'


# The table


@fault("ACC201", words=("message-group-sk-index",))
def index_forgotten(tree: Tree) -> None:
    tree.substitute("table-schema", r"(?s)        GlobalSecondaryIndexes=\[.*?\n        \],\n", "")
    tree.replace("table-schema", ('            {"AttributeName": "message_group_uuid", "AttributeType": "S"},\n', ""))


@fault("ACC202", words=("user_uuid",))
def index_of_another_attribute(tree: Tree) -> None:
    tree["table-schema"] = tree["table-schema"].replace('"message_group_uuid"', '"user_uuid"')


@fault("ACC203", words=("user_handle",))
def index_of_keys_only(tree: Tree) -> None:
    tree.replace("table-schema", ('"ProjectionType": "ALL"', '"ProjectionType": "KEYS_ONLY"'))


@fault("ACC204", words=("message_group_uuid",))
def attribute_not_defined(tree: Tree) -> None:
    tree.replace("table-schema", ('            {"AttributeName": "message_group_uuid", "AttributeType": "S"},\n', ""))


@fault("ACC204", words=("user_uuid",))
def attribute_defined_in_vain(tree: Tree) -> None:
    tree.replace(
        "table-schema",
        (
            '            {"AttributeName": "pk", "AttributeType": "S"},\n',
            '            {"AttributeName": "pk", "AttributeType": "S"},\n            {"AttributeName": "user_uuid", "AttributeType": "S"},\n',
        ),
    )


@fault("ACC205")
def table_without_a_sort_key(tree: Tree) -> None:
    tree.replace(
        "table-schema",
        (
            '            {"AttributeName": "sk", "KeyType": "RANGE"},\n        ],\n        Global',
            "        ],\n        GlobalSecondaryIndexes"[:-16],
        ),
    )


@fault("ACC207")
def stream_not_declared(tree: Tree) -> None:
    if tree.path("template") in tree.files:
        raise DoesNotApply("the template declares one")
    tree.replace(
        "table-schema", ('        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},\n', "")
    )


@fault("ACC115", words=("cruddur-message",))
def table_misspelled_in_the_library(tree: Tree) -> None:
    tree.replace("library", ('os.getenv("DDB_MESSAGE_TABLE", "cruddur-messages")', '"cruddur-message"'))


@fault("ACC206")
def local_index_afterwards(tree: Tree) -> None:
    tree["table-schema"] += (
        'client.update_table(\n    TableName=TABLE,\n    LocalSecondaryIndexes=[{"IndexName": "by-text", "KeySchema": []}],\n)\n'
    )


# Pattern scripts


@fault("ACC101", words=("reversed_array",))
def name_not_defined(tree: Tree) -> None:
    tree.replace("messages", ("for item in reversed(items):", "for item in reversed_array:"))


@fault("ACC101", words=("datetime",))
def name_not_imported(tree: Tree) -> None:
    tree.replace("messages", ("from datetime import datetime\n", ""))


@fault("ACC102", words=("%z",))
def format_of_other_timestamps(tree: Tree) -> None:
    tree.replace(
        "messages",
        ('datetime.fromisoformat(item["sk"]["S"])', 'datetime.strptime(item["sk"]["S"], "%Y-%m-%d %H:%M:%S.%f%z")'),
    )


@fault("ACC103", words=("items",))
def answer_misread(tree: Tree) -> None:
    tree.replace("messages", ('page["Items"]', 'page["items"]'))


@fault("ACC104", words=("c0ffee00-1111-4222-8333-444455550000",))
def another_group_is_asked_for(tree: Tree) -> None:
    tree.replace("messages", ("444455556666", "444455550000"))


@fault("ACC104", words=("miasol",))
def another_user_is_asked_for(tree: Tree) -> None:
    tree.replace("groups", ('"idalind"', '"miasol"'))


@fault("ACC104", words=("MSG:",))
def another_prefix_is_asked_for(tree: Tree) -> None:
    tree.replace("messages", ("MSG#", "MSG:"))


@fault("ACC105", words=("2023",))
def year_of_the_class(tree: Tree) -> None:
    tree.replace(
        "messages",
        (
            _QUERY,
            _QUERY.replace("pk = :pk", "pk = :pk AND begins_with(sk, :year)").replace(
                "}}", '}, ":year": {"S": "2023"}}'
            ),
        ),
    )


@fault("ACC106", "ACC110", words=("year",))
def year_as_a_number(tree: Tree) -> None:
    tree.replace(
        "messages",
        (
            _QUERY,
            _QUERY.replace("pk = :pk", "pk = :pk AND begins_with(sk, :year)").replace(
                "}}", '}, ":year": {"S": datetime.now().year}}'
            ),
        ),
    )


@fault("ACC110")
def lists_of_this_year(tree: Tree) -> None:
    tree.replace("library", ("from datetime import datetime, timezone", "from datetime import datetime, timezone"))
    for prefix, name in (("GRP", "my_user_uuid"), ("MSG", "message_group_uuid")):
        tree.replace("library", (_PK % (prefix, name), _BY_YEAR % (prefix, name)))


@fault("ACC117")
def first_page_of_the_scan(tree: Tree) -> None:
    tree.replace(
        "scan",
        ('pages = client.get_paginator("scan").paginate(', "pages = [client.scan("),
        ('"cruddur-messages"))', '"cruddur-messages"))]'),
    )


# The library


@fault("ACC111")
def twenty_and_no_more(tree: Tree) -> None:
    tree.substitute(
        "library",
        r"(?s)(    def _pages\(client, query, limit\):\n).*?\n\n",
        '\\1        return client.query(**query, Limit=20)["Items"]\n\n',
    )


@fault("ACC118", "ACC111")
def the_oldest_twenty(tree: Tree) -> None:
    tree.substitute(
        "library",
        r'(?s)        query = \{\n            "TableName": TABLE,\n            "KeyConditionExpression": "pk = :pk",\n'
        r'            "ExpressionAttributeValues": \{":pk": \{"S": f"MSG#.*?        items = Ddb\._pages\(client, query, limit\)\n',
        '        items = client.query(\n            TableName=TABLE,\n            KeyConditionExpression="pk = :pk",\n'
        '            ExpressionAttributeValues={":pk": {"S": f"MSG#{message_group_uuid}"}},\n            Limit=20,\n        )["Items"]\n',
    )


@fault("ACC112")
def library_scans(tree: Tree) -> None:
    tree.replace(
        "library",
        (
            (
                'client.query(\n            TableName=TABLE,\n            IndexName="message-group-sk-index",\n'
                '            KeyConditionExpression="message_group_uuid = :group",'
            ),
            'client.scan(\n            TableName=TABLE,\n            FilterExpression="message_group_uuid = :group",',
        ),
    )


@fault("ACC113")
def anybody_reads(tree: Tree) -> None:
    tree.replace(
        "app",
        (
            '    if not Ddb.is_member(client, message_group_uuid, me["uuid"]):\n        return jsonify({"error": "not a member of this group"}), 403\n',
            "",
        ),
    )


@fault("ACC114")
def group_in_a_batch(tree: Tree) -> None:
    tree.replace(
        "library",
        (
            'client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": item}} for item in items])',
            'client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in items]})',
        ),
    )


@fault("ACC123", words=("Ddb.create_message is not given my_user_handle",))
def group_not_handed_over(tree: Tree) -> None:
    tree.replace("app", ("Ddb.create_message(client, group, text, ", "Ddb.create_message(client, text, "))


@fault("ACC116")
def another_group_each_time(tree: Tree) -> None:
    tree.substitute(
        "library", r"(?s)        for group in Ddb\.list_message_groups.*?(?=        group_uuid, created_at)", ""
    )


@fault("ACC119")
def sender_for_message(tree: Tree) -> None:
    tree.replace("library", ('            "uuid": message_uuid,\n', '            "uuid": my_user_uuid,\n'))
    tree.substitute(
        "library",
        r"(?s)        item = Ddb\._message\(.*?\n        \)\n",
        """\
        item = {
            "pk": {"S": f"MSG#{message_group_uuid}"},
            "sk": {"S": created_at},
            "message": {"S": message},
            "message_uuid": {"S": message_uuid},
            "user_uuid": {"S": my_user_uuid},
            "user_display_name": {"S": my_user_display_name},
            "user_handle": {"S": my_user_handle},
        }
""",
    )


@fault("ACC120", words=("list_messages",))
def list_without_return(tree: Tree) -> None:
    tree.substitute("library", r"(def list_messages\b(?s:.*?)        )return \[", r"\1results = [")


@fault("ACC121", words=("group_of_both",))
def name_of_nobody(tree: Tree) -> None:
    tree.replace("library", ('{"message_group_uuid": group["uuid"]}', '{"message_group_uuid": group_of_both["uuid"]}'))


@fault("ACC122", words=("list_message_groups",))
def groups_by_the_key_of_messages(tree: Tree) -> None:
    tree.substitute("library", r"(def list_message_groups\b(?s:.*?))GRP#", r"\1MSG#")
