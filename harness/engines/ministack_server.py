"""MiniStack with two requests more: a namespace is emptied, made and ended in one exchange each.

A program: ministack_process runs it by its path, and nothing of the harness is imported. An exchange over HTTP takes MiniStack
longer than what is asked in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.app import main
from ministack.services import dynamodb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = tuple[int, dict[str, str], str | bytes]
    Ask = Callable[[str, bytes], Awaitable[Answer]]

#: Requests in lines of `Operation {body}`; they are done one after another, until one fails. Sent by stores/dynamodb_bundle.py.
_BUNDLE = "HarnessBundle"
#: Deletes all tables of the access key and forgets their streams. MiniStack keeps those for a day, as AWS does, and looks
#: through everybody's whenever a table is deleted: 10,000 namespaces later that takes 15 ms.
_END = "HarnessEnd"
_OK = 200

_one_request = dynamodb.handle_request


async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
    """Answer a request to DynamoDB, whose access key is already known to MiniStack."""
    prefix, _, operation = headers.get("x-amz-target", "").rpartition(".")

    async def ask(operation: str, body: bytes) -> Answer:
        answer: Answer = await _one_request(
            method, path, headers | {"x-amz-target": f"{prefix}.{operation}"}, body, query
        )
        return answer

    if operation == _BUNDLE:
        return await _bundle(ask, body)
    if operation == _END:
        return await _end(ask)
    return await ask(operation, body)


async def _bundle(ask: Ask, body: bytes) -> Answer:
    """Return `Answers`, and `Failed` where one of the requests was: its operation, status and answer."""
    answers: list[str] = []
    failed = "null"
    for line in body.split(b"\n") if body else ():
        operation, _, request = line.partition(b" ")
        status, _, answer = await ask(operation.decode(), request)
        if status != _OK:
            failed = f'{{"Operation":"{operation.decode()}","Status":{status},"Answer":{_text(answer)}}}'
            break
        answers.append(_text(answer))
    return _answer(f'{{"Answers":[{",".join(answers)}],"Failed":{failed}}}')


async def _end(ask: Ask) -> Answer:
    while names := json.loads((await ask("ListTables", b"{}"))[2])["TableNames"]:
        for name in names:
            table = {"TableName": name}
            await ask("UpdateTable", json.dumps(table | {"DeletionProtectionEnabled": False}).encode())
            answer = await ask("DeleteTable", json.dumps(table).encode())
            if answer[0] != _OK:
                return answer
    for arn in dynamodb._closed_streams.keys():  # noqa: SIM118, SLF001 - MiniStack's own kind of dict; there is no other way
        dynamodb._closed_streams.pop(arn, None)  # noqa: SLF001 - as above
    return _answer("{}")


def _answer(text: str) -> Answer:
    return _OK, {"Content-Type": "application/x-amz-json-1.0"}, text


def _text(answer: str | bytes) -> str:
    return answer if isinstance(answer, str) else answer.decode()


if __name__ == "__main__":
    dynamodb.handle_request = handle_request
    main()
