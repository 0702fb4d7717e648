"""A whole project as a class may leave it: everything runs on the day, and little of it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery import libraries, seeds
from tests.gallery.faults import access, environment, sql
from tests.gallery.faults.fault import fault

if TYPE_CHECKING:
    from tests.gallery.tree import Tree

_BY_YEAR = '"pk = :pk AND begins_with(sk, :year)"'


@fault(
    *("SEED201", "SEED202", "SEED303", "SEED401"),
    *("SQL110", "SQL202", "SQL302", "SQL304", "SQL312"),
    *("ACC101", "ACC101", "ACC110", "ACC111", "ACC113", "ACC114", "ACC116", "ACC117", "ACC119", "ACC207"),
    *("STR101", "STR102", "STR103", "STR104", "STR106", "STR107"),
    *("ENV201", "ENV205", "ENV206"),
)
def as_the_class_left_it(tree: Tree) -> None:
    """Break what the class broke, in one project."""
    for change in (
        _seed,
        _library,
        sql.nothing_unique,
        sql.notes_doubled,
        sql.reply_is_an_integer,
        sql.first_column_of_no_row,
        sql.error_of_psycopg_2,
        sql.sessions_left_open,
        access.anybody_reads,
        access.first_page_of_the_scan,
        access.stream_not_declared,
        _patterns,
        _handler,
        environment.production_by_a_part_of_a_word,
        environment.arguments_of_the_caller,
        environment.python_is_sourced,
    ):
        change(tree)


def _seed(tree: Tree) -> None:
    tree["table-seed"] = seeds.OF_A_CLASS
    tree.replace("db-library", ("\n\ndb = Db()\n", seeds.JSON_METHODS))
    tree.substitute("table-seed", r"^first_at = .*\n", "now = datetime.now()\n")
    tree.replace(
        "table-seed", ("(first_at + timedelta(minutes=i)).isoformat()", "(now + timedelta(minutes=i)).isoformat()")
    )
    tree["table-seed"] = tree["table-seed"].replace(
        "    last_message_at=created_at,\n    message=message,\n",
        '    last_message_at=now.isoformat(),\n    message="just a filler",\n',
    )


def _library(tree: Tree) -> None:
    tree["library"] = libraries.with_mistakes(libraries.OF_A_CLASS)


def _patterns(tree: Tree) -> None:
    """Query by the current year, forget an import, loop over another name."""
    for part, key in (("messages", "MSG#{GROUP}"), ("groups", "GRP#{my_uuid}")):
        tree[part] = tree[part].replace('"pk = :pk"', _BY_YEAR)
        tree.replace(
            part,
            (
                f'{{":pk": {{"S": f"{key}"}}}}',
                f'{{":pk": {{"S": f"{key}"}}, ":year": {{"S": str(datetime.now().year)}}}}',
            ),
        )
    access.name_not_defined(tree)


def _handler(tree: Tree) -> None:
    tree["handler"] = """\
import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource(
    "dynamodb", region_name="ca-central-1", endpoint_url="http://dynamodb.ca-central-1.amazonaws.com"
)


def lambda_handler(event, context):
    print("event", event)
    pk = event["Records"][0]["dynamodb"]["Keys"]["pk"]["S"]
    sk = event["Records"][0]["dynamodb"]["Keys"]["sk"]["S"]
    if pk.startswith("MSG#"):
        group_uuid = pk.replace("MSG#", "")
        message = event["Records"][0]["dynamodb"]["NewImage"]["message"]["S"]
        table = dynamodb.Table("cruddur-messages")
        found = table.query(
            IndexName="message-group-sk-index", KeyConditionExpression=Key("message_group_uuid").eq(group_uuid)
        )
        for row in found["Items"]:
            table.delete_item(Key={"pk": row["pk"], "sk": row["sk"]})
            table.put_item(
                Item={
                    "pk": row["pk"],
                    "sk": sk,
                    "message_group_uuid": row["message_group_uuid"],
                    "message": message,
                    "user_display_name": row["user_display_name"],
                    "user_handle": row["user_handle"],
                    "user_uuid": row["user_uuid"],
                }
            )
"""
