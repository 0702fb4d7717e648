"""Faults of the stream handler, its role and its template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery import layouts_code
from tests.gallery.faults.fault import fault
from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from tests.gallery.tree import Tree

_TRANSACTION = """\
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": {"pk": item["pk"], "sk": item["sk"]}}},
            {"Put": {"TableName": TABLE, "Item": moved}},
        ]
    )
"""


@fault("STR101")
def first_record_only(tree: Tree) -> None:
    tree.replace("handler", ('for record in event["Records"]:', 'for record in event["Records"][:1]:'))


@fault("STR102", words=("NewImage",))
def removal_not_expected(tree: Tree) -> None:
    tree.replace(
        "handler",
        (
            '        if record["eventName"] == "INSERT":\n            message = record["dynamodb"]["NewImage"]\n',
            '        message = record["dynamodb"]["NewImage"]\n        if record["eventName"] == "INSERT":\n',
        ),
    )


@fault("STR110")
def removal_passed_over(tree: Tree) -> None:
    tree.replace(
        "handler",
        ('        elif record["eventName"] == "REMOVE":\n            move_back(group_uuid, keys["sk"]["S"])\n', ""),
    )


@fault("STR104", "STR107")
def changes_taken_for_new_messages(tree: Tree) -> None:
    late_records_move_back(tree)
    tree.replace(
        "handler",
        ('record["eventName"] == "INSERT"', 'record["eventName"] != "REMOVE"'),
        ('elif record["eventName"] == "REMOVE":', "else:"),
    )


@fault("STR103")
def deleted_then_put(tree: Tree) -> None:
    tree.replace(
        "handler",
        (
            _TRANSACTION,
            (
                '    client.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})\n'
                "    client.put_item(TableName=TABLE, Item=moved)\n"
            ),
        ),
    )


@fault("STR104")
def late_records_move_back(tree: Tree) -> None:
    tree.replace("handler", ('if item["sk"]["S"] < created_at:', 'if item["sk"]["S"] != created_at:'))


@fault("STR105", words=("message-group-index",))
def index_misspelled_in_the_handler(tree: Tree) -> None:
    tree.replace("handler", ("message-group-sk-index", "message-group-index"))


@fault("STR106", words=("ca-central-1",))
def handler_of_one_region(tree: Tree) -> None:
    tree.replace("handler", ('boto3.client("dynamodb")', 'boto3.client("dynamodb", region_name="ca-central-1")'))


@fault("STR109", words=("lambda_handler",))
def handler_without_context(tree: Tree) -> None:
    tree.replace("handler", ("lambda_handler(event, context)", "lambda_handler(event)"))


@fault("STR109")
def handler_unreadable(tree: Tree) -> None:
    tree.replace("handler", ('for record in event["Records"]:', 'for record in event["Records"]'))


@fault("STR112", words=("mesage",))
def attribute_misspelled_in_the_handler(tree: Tree) -> None:
    tree.replace("handler", ('message["message"]["S"]', 'message["mesage"]["S"]'))


@fault("STR113")
def condition_the_wrong_way_round(tree: Tree) -> None:
    tree.replace("handler", ('if not keys["pk"]["S"].startswith("MSG#")', 'if keys["pk"]["S"].startswith("MSG#")'))


@fault("STR201", words=("index",))
def index_not_allowed(tree: Tree) -> None:
    tree.substitute("policy", r',\n.*table/cruddur-messages/index/.*"', "")


@fault("STR201", words=("DeleteItem",))
def deleting_not_allowed(tree: Tree) -> None:
    tree.replace("policy", ('"dynamodb:DeleteItem", ', ""))


@fault("STR202", words=("GetRecords",))
def reading_the_stream_not_allowed(tree: Tree) -> None:
    tree.replace("policy", ('"dynamodb:GetRecords", ', ""))


@fault("STR204", words=("KEYS_ONLY",))
def stream_of_keys_only(tree: Tree) -> None:
    if "NewImage" not in tree["handler"]:
        raise DoesNotApply("the handler reads keys only")
    tree.replace("table-schema", ('"StreamViewType": "NEW_IMAGE"', '"StreamViewType": "KEYS_ONLY"'))


@fault("STR205", words=("message-group-sk-index",))
def template_without_the_index(tree: Tree) -> None:
    layouts_code.sam_template(tree)
    tree.substitute("template", r"(?s)      GlobalSecondaryIndexes:.*?(?=      StreamSpec)", "")
    tree.replace("template", ("        - {AttributeName: message_group_uuid, AttributeType: S}\n", ""))


@fault("STR201")
def template_that_allows_nothing(tree: Tree) -> None:
    layouts_code.sam_template(tree)
    tree.replace("template", ("      Policies:\n        - DynamoDBCrudPolicy: {TableName: !Ref Messages}\n", ""))


@fault("STR206", words=("Bad handler",))
def handler_without_its_file(tree: Tree) -> None:
    layouts_code.sam_template(tree)
    tree.replace("template", ("Handler: messaging-stream.lambda_handler", "Handler: lambda_handler"))
