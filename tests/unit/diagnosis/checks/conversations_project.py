"""A small project that keeps conversations in one table, and what came of running it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.held import Column, Held, Relation, Table
from harness.project.place import Place
from harness.project.source import Project, Source
from harness.rehearsal.results import AwsCall, Frame, HandlerTrial, Rehearsal, ScriptRun, Traceback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.diagnosis.check import Check
    from harness.diagnosis.finding import Finding
    from harness.project.roles import Language, Role

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ROOM = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"
OTHER_ROOM = "5b7e10aa-3a5c-4f8e-b0d8-6ad3a2f9c002"
ANNA, BEN = "a1a1a1a1-0000-4000-8000-000000000001", "b2b2b2b2-0000-4000-8000-000000000002"
INDEX = "message-group-sk-index"

ROLES: dict[str, Role] = {
    "schema.py": "table-schema",
    "seed.py": "table-seed",
    "scan.py": "table-tool",
    "get.py": "pattern-messages",
    "list.py": "pattern-groups",
    "lib/db.py": "db-library",
    "lib/ddb.py": "table-library",
    "services/messages.py": "application",
    "stream.py": "stream-handler",
    "copy/stream.py": "stream-handler",
    "template.yaml": "template",
    "policy.json": "policy",
    "aws/stream-policy.json": "policy",
}

SCHEMA = """
import boto3
client = boto3.client('dynamodb')
client.create_table(
    TableName='chat',
    AttributeDefinitions=[
        {'AttributeName': 'message_group_uuid', 'AttributeType': 'S'},
        {'AttributeName': 'pk', 'AttributeType': 'S'},
        {'AttributeName': 'sk', 'AttributeType': 'S'},
    ],
    KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
    GlobalSecondaryIndexes=[{
        'IndexName': 'message-group-sk-index',
        'KeySchema': [
            {'AttributeName': 'message_group_uuid', 'KeyType': 'HASH'},
            {'AttributeName': 'sk', 'KeyType': 'RANGE'},
        ],
        'Projection': {'ProjectionType': 'ALL'},
    }],
    BillingMode='PAY_PER_REQUEST',
    StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'},
)
"""
#: Copes with everything that an event may hold.
HANDLER = """
import boto3
from boto3.dynamodb.conditions import Key

client = boto3.client('dynamodb')
table = boto3.resource('dynamodb').Table('chat')

def lambda_handler(event, context):
    for record in event['Records']:
        pk = record['dynamodb']['Keys']['pk']['S']
        if not pk.startswith('MSG#'):
            continue
        group = pk[4:]
        newest = table.query(KeyConditionExpression=Key('pk').eq(pk), ScanIndexForward=False, Limit=1)['Items']
        rows = table.query(
            IndexName='message-group-sk-index',
            KeyConditionExpression=Key('message_group_uuid').eq(group),
        )['Items']
        for row in rows:
            if newest and row['sk'] < newest[0]['sk']:
                client.transact_write_items(TransactItems=move(row, newest[0]))

def move(row, message):
    return [{'Delete': {'TableName': 'chat'}}, {'Put': {'TableName': 'chat', 'Item': {**row, 'sk': message['sk']}}}]
"""
#: As it is usually written, with all of its faults.
NAIVE_HANDLER = """
import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource('dynamodb', region_name='eu-west-3', endpoint_url='http://dynamodb.eu-west-3.amazonaws.com')

def lambda_handler(event, context):
    pk = event['Records'][0]['dynamodb']['Keys']['pk']['S']
    sk = event['Records'][0]['dynamodb']['Keys']['sk']['S']
    if pk.startswith('MSG#'):
        group = pk.replace('MSG#', '')
        text = event['Records'][0]['dynamodb']['NewImage']['message']['S']
        table = dynamodb.Table('chat')
        data = table.query(
            IndexName='message-group-sk-index',
            KeyConditionExpression=Key('message_group_uuid').eq(group),
        )
        for i in data['Items']:
            table.delete_item(Key={'pk': i['pk'], 'sk': i['sk']})
            table.put_item(Item={'pk': i['pk'], 'sk': sk, 'message_group_uuid': i['message_group_uuid'], 'message': text})
"""


def project_of(files: dict[str, str], roles: dict[str, Role] | None = None) -> Project:
    """A project of these files; what they are is told by their names in `ROLES`."""
    known = {**ROLES, **(roles or {})}
    sources = {
        path: Source(path=path, text=dedent(text), language=language(path), roles=frozenset({known[path]}))
        for path, text in files.items()
    }
    return Project(root=Path("/project"), sources=sources)


def language(path: str) -> Language:
    suffixes: dict[str, Language] = {".py": "python", ".yaml": "yaml", ".json": "json", ".sh": "shell"}
    return suffixes[Path(path).suffix]


def item(pk: str, sk: str, **more: str) -> dict[str, dict[str, Any]]:
    return {name: {"S": value} for name, value in {"pk": pk, "sk": sk, **more}.items()}


def conversation(
    room: str = ROOM, *, begin: datetime = NOW - timedelta(days=2), count: int = 3
) -> list[dict[str, Any]]:
    """Messages and both group rows."""
    instants = [(begin + timedelta(minutes=number)).isoformat(timespec="microseconds") for number in range(count)]
    found = [item(f"MSG#{room}", sk, message="hi", user_uuid=ANNA) for sk in instants]
    return [*found, *(item(f"GRP#{owner}", instants[-1], message_group_uuid=room) for owner in (ANNA, BEN))]


def held(items: Sequence[dict[str, Any]] | None = None, **description: Any) -> Held:
    columns = tuple(Column(name=name, type="text", nullable=False, has_default=False) for name in ("uuid", "handle"))
    users = Relation(
        name="users", columns=columns, rows=({"uuid": ANNA, "handle": "anna"}, {"uuid": BEN, "handle": "ben"}), count=2
    )
    kept = tuple(conversation() if items is None else items)
    table = Table(name="chat", description={"TableName": "chat", **description}, items=kept, count=len(kept))
    return Held(relations={"users": users}, tables={"chat": table})


def facts(files: dict[str, str], **more: Any) -> Facts:
    return Facts(now=NOW, project=project_of(files), **more)


def found(given: Facts, *families: str) -> tuple[Finding, ...]:
    every = diagnose(given, _checks())
    return tuple(each for each in every if each.code.startswith(families or ("ACC", "STR")))


@cache
def _checks() -> dict[str, Check]:
    """The checks of these two families."""
    return {code: each for code, each in all_checks().items() if each.family in {"ACC", "STR"}}


def codes(given: Facts, *families: str) -> list[str]:
    return [each.code for each in found(given, *families)]


def run(path: str, **more: Any) -> ScriptRun:
    ended: dict[str, Any] = {"exit_code": 1 if "traceback" in more else 0, "stdout": "", "stderr": ""}
    defaults = {"path": path, "pass_": 1, "command": f"python {path}", "cwd": ".", "seconds": 0.1, **ended}
    return ScriptRun(**{**defaults, **more})


def crash(path: str, line: int, kind: str, message: str, text: str = "") -> Traceback:
    frame = Frame(place=Place(path=path, line=line), function="main", text=text, is_own=True)
    return Traceback(kind=kind, message=message, frames=(frame,))


def query(pk: str, *, year: str = "", count: int = 0, **more: Any) -> AwsCall:
    values = {":pk": {"S": pk}, **({":year": {"S": year}} if year else {})}
    condition = "pk = :pk" + (" AND begins_with(sk, :year)" if year else "")
    parameters = {"TableName": "chat", "KeyConditionExpression": condition, "ExpressionAttributeValues": values}
    answer = {"Count": count, "ScannedCount": count}
    return AwsCall(
        service="dynamodb",
        operation="Query",
        parameters={**parameters, **more},
        error=None,
        region=None,
        endpoint=None,
        answer=answer,
    )


def ran(*runs: ScriptRun, trials: Sequence[HandlerTrial] = ()) -> Rehearsal:
    return Rehearsal(scripts=runs, trials=tuple(trials))


def record(room: str, sk: str, name: str = "INSERT") -> dict[str, Any]:
    keys = {"pk": {"S": f"MSG#{room}"}, "sk": {"S": sk}}
    image = {"NewImage": {**keys, "message": {"S": "new"}}} if name != "REMOVE" else {}
    return {"eventName": name, "dynamodb": {"Keys": keys, **image}}


def rows(**by_room: str) -> tuple[dict[str, Any], ...]:
    """Two rows for each room, `first` and `second`, at an instant."""
    rooms = {"first": ROOM, "second": OTHER_ROOM}
    return tuple(
        item(f"GRP#{owner}", sk, message_group_uuid=rooms[name])
        for name, sk in by_room.items()
        for owner in (ANNA, BEN)
    )


def trial(name: str, records: Sequence[dict[str, Any]], **more: Any) -> HandlerTrial:
    defaults = {
        "path": "stream.py",
        "event": {"Records": list(records)},
        "traceback": None,
        "stopped": None,
        "calls": (),
    }
    both = {"before": rows(first="2026-01-02"), "after": rows(first="2026-01-02")}
    return HandlerTrial(**{"name": name, **defaults, **both, **more})


WORKING = trial("insert", [record(ROOM, "2026-01-03")], after=rows(first="2026-01-03"))


def called(operation: str, error: str | None = None, **parameters: Any) -> AwsCall:
    return replace(query("x"), operation=operation, parameters=parameters, error=error)
