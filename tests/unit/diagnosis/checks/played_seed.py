"""A small project whose seed script is played in this process, against a table that is a dictionary: the facts of it."""

from __future__ import annotations

import builtins
import contextlib
import io
import re
import traceback
import types
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.diagnosis.seed_runs import typed
from harness.held import Column, Held, Relation, Table
from harness.project.place import Place
from harness.project.recognition.languages import language_of
from harness.project.source import Project, Source
from harness.rehearsal.results import AwsCall, Frame, Rehearsal, ScriptRun, SqlRun, Traceback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.diagnosis.finding import Finding
    from harness.project.roles import Role
    from harness.rehearsal.results import Pass

SEED_PATH, SQL_PATH, LIBRARY_PATH = "bin/ddb/seed", "db/seed.sql", "lib/ddb.py"
TABLE, INDEX = "chat", "by-group"
GROUP = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"
HANDLES = ("annika", "bo", "cleo")
LIBRARY = """from datetime import datetime
def list_messages(client, group):
    pages = client.get_paginator('query').paginate(
        TableName='chat', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': f'MSG#{group}'}})
    return [
        {'uuid': item['message_uuid']['S'], 'text': item['message']['S'], 'handle': item['user_handle']['S'],
         'name': item['user_display_name']['S'], 'user': item['user_uuid']['S'],
         'at': datetime.fromisoformat(item['sk']['S'])}
        for page in pages for item in page['Items']
    ]

def list_groups(client, user):
    pages = client.get_paginator('query').paginate(
        TableName='chat', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': f'GRP#{user}'}})
    return [item['message_group_uuid']['S'] for page in pages for item in page['Items']]
"""
_CODE: tuple[Role, ...] = ("table-seed",)


def uuid_of(handle: str, people: Sequence[str] = HANDLES) -> str:
    """Return the uuid of a user."""
    return f"{people.index(handle):08x}-aaaa-4bbb-8ccc-dddddddddddd"


def sql_of(people: Sequence[str]) -> str:
    """Return a seed of Postgres with these handles."""
    rows = ",\n".join(f"  ('{each.title()} Ek', '{each}@example.com', '{each}', 'MOCK')" for each in people)
    return f"INSERT INTO users (display_name, email, handle, cognito_user_id) VALUES\n{rows}\nON CONFLICT DO NOTHING;\n"


@dataclass(slots=True)
class _Database:
    """Stands for boto3 and for the project's `lib.db`; notes what is asked of it."""

    path: str
    people: Sequence[str]
    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    calls: list[AwsCall] = field(default_factory=list)

    def put(self, table: str, item: Mapping[str, Any], operation: str, parameters: Mapping[str, Any]) -> None:
        error = None if table == TABLE else "ResourceNotFoundException"
        place = self._place()
        if error is None and not isinstance(typed(item).get("sk", {}).get("S"), str):
            if any(value == {"S": None} for value in item.values()):
                report = "Invalid type for parameter Item.sk.S, value: None, type: <class 'NoneType'>, valid types: str"
                raise ParamValidationError(report=report)
            error = "ValidationException"
        self.calls.append(
            AwsCall(
                service="dynamodb",
                operation=operation,
                parameters=parameters,
                error=error,
                region="eu-west-1",
                endpoint="http://localhost:8000",
                place=place,
            )
        )
        if error is not None:
            message = "Type mismatch for key sk expected: S actual: N" if error == "ValidationException" else "no such"
            raise ClientError({"Error": {"Code": error, "Message": message}}, operation)
        plain = typed(item)
        self.items[plain["pk"]["S"], plain["sk"]["S"]] = dict(plain)

    def _place(self) -> Place | None:
        frames = [frame for frame in traceback.extract_stack() if frame.filename == self.path]
        return Place(path=self.path, line=frames[-1].lineno or 0) if frames else None

    # What boto3 has.

    def client(self, *_: Any, **__: Any) -> _Database:
        return self

    resource = client

    def put_item(self, *, TableName: str, Item: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self.put(TableName, Item, "PutItem", {"TableName": TableName, "Item": Item})
        return {"ResponseMetadata": {"HTTPStatusCode": 200}}

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        before = len(self.calls)
        for table, requests in RequestItems.items():
            self._refuse_doubles(table, requests)
            for request in requests:
                self.put(table, request["PutRequest"]["Item"], "BatchWriteItem", {})
        place = self.calls[-1].place
        self.calls[before:] = [
            AwsCall(
                service="dynamodb",
                operation="BatchWriteItem",
                parameters={"RequestItems": RequestItems},
                error=None,
                region=None,
                endpoint=None,
                place=place,
                answer={"UnprocessedItems": {}},
            )
        ]
        return {"UnprocessedItems": {}}

    def _refuse_doubles(self, table: str, requests: Sequence[Mapping[str, Any]]) -> None:
        items = [typed(request["PutRequest"]["Item"]) for request in requests]
        if len({(item["pk"]["S"], item["sk"]["S"]) for item in items}) == len(items):
            return
        self.calls.append(
            AwsCall(
                service="dynamodb",
                operation="BatchWriteItem",
                parameters={"RequestItems": {table: requests}},
                error="ValidationException",
                region=None,
                endpoint=None,
                place=self._place(),
            )
        )
        message = "Provided list of item keys contains duplicates"
        raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "BatchWriteItem")

    def Table(self, name: str) -> _Table:  # noqa: N802 - boto3's name
        return _Table(self, name)

    # What `lib.db` has.

    def query_array_json(self, sql: str, params: Any = ()) -> list[dict[str, str]]:
        values = list(params.values() if isinstance(params, dict) else params)
        asked = {*map(str, values), *re.findall(r"'([^']*)'", sql)}
        return [
            {"uuid": uuid_of(each, self.people), "handle": each, "display_name": f"{each.title()} Ek"}
            for each in self.people
            if each in asked
        ]

    def query_row(self, sql: str, params: Any = ()) -> dict[str, str] | None:
        return next(iter(self.query_array_json(sql, params)), None)


@dataclass(slots=True)
class _Table:
    database: _Database
    name: str

    def put_item(self, *, Item: Mapping[str, Any]) -> None:  # noqa: N803
        self.database.put(self.name, Item, "PutItem", {"TableName": self.name, "Item": Item})

    @contextlib.contextmanager
    def batch_writer(self, overwrite_by_pkeys: Sequence[str] = ()) -> Iterator[_Table]:
        """Put at once; with keys, hold back until the end and put the last item of each key."""
        if not overwrite_by_pkeys:
            yield self
            return
        held_back = _Table(_Database(self.database.path, ()), TABLE)
        yield held_back
        for item in held_back.database.items.values():
            self.put_item(Item=item)


def _run(source: Source, database: _Database, number: Pass) -> ScriptRun:
    """Run a script as Python would, with `boto3` and `lib.db` taken from the database."""
    database.calls = []
    modules = {"boto3": database, "lib.db": types.SimpleNamespace(db=database)}

    def imported(name: str, *rest: Any, **more: Any) -> Any:
        return modules[name] if name in modules else __import__(name, *rest, **more)

    names = {
        "__name__": "__main__",
        "__file__": source.path,
        "__builtins__": {**vars(builtins), "__import__": imported},
    }
    code, ended, output = 0, None, io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(source.text, source.path, "exec"), names)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except Exception as error:  # noqa: BLE001 - whatever a script ends with
            code, ended = 1, _traceback(error, source)
    return ScriptRun(
        path=source.path,
        pass_=number,
        command=f"python3 {source.path}",
        cwd=".",
        exit_code=code,
        stdout=output.getvalue(),
        stderr="",
        seconds=0.1,
        traceback=ended,
        calls=tuple(database.calls),
    )


def _traceback(error: Exception, source: Source) -> Traceback:
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == source.path]
    if isinstance(error, SyntaxError):
        frames = []
    return Traceback(
        kind=f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins."),
        message=str(error),
        frames=tuple(
            Frame(
                place=Place(path=source.path, line=each.lineno or 0),
                function=each.name,
                text=source.lines[(each.lineno or 1) - 1],
                is_own=True,
            )
            for each in frames
        ),
    )


def held_of(database: _Database) -> Held:
    """Return both databases as they are."""
    columns = ("uuid", "display_name", "handle", "email", "cognito_user_id")
    rows = tuple(
        {"uuid": uuid_of(each, database.people), "display_name": f"{each.title()} Ek", "handle": each,
         "email": f"{each}@example.com", "cognito_user_id": "MOCK"}
        for each in database.people
    )  # fmt: skip
    users = Relation(
        name="users",
        columns=tuple(Column(name=name, type="text", nullable=False, has_default=False) for name in columns),
        rows=rows,
        unique=(("uuid",), ("handle",)),
        count=len(rows),
    )
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    by_group = [{"AttributeName": "message_group_uuid", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    index = {"IndexName": INDEX, "KeySchema": by_group, "Projection": {"ProjectionType": "ALL"}}
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "message_group_uuid")]
    description = {
        "TableName": TABLE,
        "AttributeDefinitions": types,
        "KeySchema": key,
        "GlobalSecondaryIndexes": [index],
    }
    items = tuple(item for _, item in sorted(database.items.items()))
    table = Table(name=TABLE, description=description, items=items, count=len(items))
    return Held(relations={"users": users}, tables={TABLE: table})


def source(path: str, text: str, *roles: Role) -> Source:
    """Return a file of the project."""
    return Source(path=path, text=text, language=language_of(path, text), roles=frozenset(roles), executable=True)


def played(
    seed: str,
    *,
    people: Sequence[str] = HANDLES,
    library: str = LIBRARY,
    others: Sequence[Source] = (),
    sql: Sequence[SqlRun] = (),
) -> Facts:
    """Play a seed twice, and return everything that is known of it then."""
    scripts = (source(SEED_PATH, seed, *_CODE), source(LIBRARY_PATH, library, "table-library"))
    files = (*scripts, source(SQL_PATH, sql_of(people), "sql-seed"), *others)
    database = _Database(SEED_PATH, people)
    first_run = _run(files[0], database, 1)
    first = held_of(database)
    second_run = _run(files[0], database, 2)
    rehearsal = Rehearsal(
        sql=tuple(sql), scripts=(first_run, second_run), first=first, second=held_of(database), isolation="namespaces"
    )
    return Facts(
        now=datetime.now(UTC) + timedelta(seconds=5),
        project=Project(root=Path("/nowhere"), sources={each.path: each for each in files}),
        rehearsal=rehearsal,
        held=first,
    )


def found(facts: Facts) -> tuple[Finding, ...]:
    """Return the findings of all checks, of whatever family."""
    return diagnose(facts, all_checks())


def codes(facts: Facts) -> list[str]:
    """Return their codes."""
    return [each.code for each in found(facts)]


def only(facts: Facts) -> Finding:
    """Return the one finding that there is."""
    findings = found(facts)
    assert len(findings) == 1, [f"{each.code} {each.place}: {each.cause}" for each in findings]
    return findings[0]


def mended(finding: Finding, text: str) -> str:
    """Return a file's text with the edits of a finding made; all of them are of one file."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(finding.edits, key=lambda edit: edit.first, reverse=True):
        lines[edit.first - 1 : max(edit.last, edit.first - 1)] = [edit.new]
    return "".join(lines)


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with each change made once; what is to be changed must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
