"""Clients depend on nothing in the environment, and share nothing that tells whose they are. No connection is made."""

from __future__ import annotations

import os
from typing import Any

import pytest

from harness.endpoint import DynamoDBEndpoint
from harness.stores.clients import Clients, make_client
from harness.stores.recorder import Recorder

ONE = DynamoDBEndpoint(url="http://127.0.0.1:9", access_key_id="100000010000")
OTHER = DynamoDBEndpoint(url="http://127.0.0.1:10", access_key_id="100000010001", region="eu-west-1")


def told(client: Any) -> tuple[str, str, str]:
    found = client._request_signer._credentials
    return client.meta.endpoint_url, client.meta.region_name, found.access_key


@pytest.fixture(autouse=True)
def _somebodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:11")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    monkeypatch.setenv("AWS_REGION", "ap-south-1")


def test_a_client_is_where_its_endpoint_says() -> None:
    assert told(make_client(OTHER)) == (OTHER.url, "eu-west-1", OTHER.access_key_id)


def test_clients_of_one_session_are_apart() -> None:
    clients = Clients()
    one, other = clients.client(ONE), clients.client(OTHER)
    assert told(one) == (ONE.url, "us-east-1", ONE.access_key_id)
    assert told(other) == (OTHER.url, "eu-west-1", OTHER.access_key_id)


def test_tables_are_apart_too_and_heard_alone() -> None:
    clients, recorder = Clients(), Recorder()
    one, other = clients.table(ONE, "messages"), clients.table(OTHER, "others")
    assert (one.name, other.name) == ("messages", "others")
    assert told(one.meta.client)[0] == ONE.url
    assert told(other.meta.client)[2] == OTHER.access_key_id
    recorder.attach(one.meta.client.meta.events)
    for table in (one, other):
        table.meta.client.meta.events.emit("after-call-error.dynamodb.PutItem", exception=OSError(), context={})
    assert [call.error for call in recorder.calls] == ["OSError"]


def test_making_one_does_not_read_the_environment_from_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest sets a variable for each phase of a test, and whoever is half way through all of them then gets a KeyError."""
    clients = Clients()

    def changed(_: object) -> Any:
        raise KeyError("PYTEST_CURRENT_TEST")

    monkeypatch.setattr(type(os.environ), "__iter__", changed)
    assert told(clients.client(ONE))[0] == ONE.url
    assert clients.table(OTHER, "messages").meta.client.meta.endpoint_url == OTHER.url
