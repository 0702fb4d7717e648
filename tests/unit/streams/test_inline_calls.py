"""What a handler in this process asks of AWS is heard, and nobody else is."""

from __future__ import annotations

import json
import sys
import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import botocore.client
import pytest
from botocore.awsrequest import AWSResponse

from harness.streams.inline import InlineFunction
from harness.streams.inline_calls import watch_this_process
from harness.streams.runtime.handler_code import HandlerCode
from harness.trigger import load_handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave botocore as it was."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(botocore.client.ClientCreator, "create_client", botocore.client.ClientCreator.create_client)
    watch_this_process.cache_clear()
    yield
    watch_this_process.cache_clear()


PUT = {"TableName": "t", "Item": {"pk": {"S": "1"}}}
REFUSED = b'{"__type": "com.amazon.coral.validate#ValidationException"}'


class Body(BytesIO):
    """What urllib3 gives botocore."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def table(*, fails: bool = False) -> Any:
    """A client that answers without a network."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        assert json.loads(request.body) == PUT, "what is sent is what was asked"
        return AWSResponse(request.url, 400 if fails else 200, {}, Body(REFUSED if fails else b"{}"))

    made = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="local", aws_secret_access_key="local")
    made.meta.events.register("before-send", answer)
    return made


def test_calls_are_heard_as_in_a_process_of_its_own() -> None:
    watch_this_process()
    client = table()

    def handler(_event: object, _context: object) -> None:
        client.put_item(**PUT)
        table(fails=True).put_item(**PUT)

    function = InlineFunction(handler=handler)
    client.put_item(**PUT)
    result = function.invoke({})
    assert result.error is not None
    assert [(call.service, call.operation, call.region, call.error) for call in result.calls] == [
        ("dynamodb", "PutItem", "eu-west-1", None),
        ("dynamodb", "PutItem", "eu-west-1", "ValidationException"),
    ]
    assert result.calls[0].parameters == PUT
    assert len(function.invoke({}).calls) == 2, "of this call alone"


def test_two_handlers_at_once_are_told_apart() -> None:
    watch_this_process()
    client, both = table(), threading.Barrier(2, timeout=10)

    def handler(event: dict[str, Any], _context: object) -> None:
        both.wait()
        for _ in range(event["times"]):
            client.put_item(**PUT)
        both.wait()

    heard: dict[int, int] = {}

    def call(times: int) -> None:
        heard[times] = len(InlineFunction(handler=handler).invoke({"times": times}).calls)

    threads = [threading.Thread(target=call, args=[times]) for times in (1, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {1: 1, 3: 3}


def test_clients_of_a_handlers_module_are_watched_once_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from tests.unit.streams.test_inline_calls import PUT, table\n"
        "client = table()\n"
        "def handler(event, context):\n    client.put_item(**PUT)\n"
    )
    code = HandlerCode.of_reference("app.py:handler", project=tmp_path, name="app")
    for _ in range(2):
        assert len(InlineFunction(handler=load_handler(code, "app")).invoke({}).calls) == 1
