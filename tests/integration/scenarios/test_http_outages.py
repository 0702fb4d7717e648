"""Databases that hang, are gone, or throttle: 503 in JSON for as long as that lasts, and not a moment longer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from harness.engines.readiness import wait_until
from harness.schema_files import read_schema
from harness.stores.registry import open_stores
from tests.integration.scenarios.conftest import config
from tests.integration.scenarios.over_http import application
from tests.issuer import token
from tests.relay import Relay, relay
from tests.serving import served
from tests.unit.scenarios.small import dataset, user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import Endpoints


@pytest.fixture
def engine_pair(embedded_pair: Endpoints) -> Endpoints:
    """One engine is enough for what is on this side of the wire."""
    return embedded_pair


@pytest.fixture
def loaded(namespace: Endpoints) -> Endpoints:
    schema = read_schema(config())
    with open_stores(namespace) as stores:
        stores.apply_schema(schema)
        stores.load(dataset(), schema)
    return namespace


@dataclass(frozen=True)
class Asking:
    """Asks for Ann's groups, which takes both databases."""

    url: str

    def __call__(self) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token(user(0).cognito_user_id)}"}
        request = urllib.request.Request(f"{self.url}/api/message_groups", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def recovers(self) -> None:
        """Ask until all is well; only 503 may come before."""
        wait_until("the application", self._succeed, timeout=60, alive=lambda: None, logs=lambda: "")

    def _succeed(self) -> None:
        status, body = self()
        assert status in {200, 503}, body
        if status != 200:
            raise ConnectionError(body)


def refused(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    return answer[0], answer[1]["errors"]


@contextmanager
def wired(pair: Endpoints) -> Iterator[tuple[Asking, Relay, Relay]]:
    """The application with a wire to each database."""
    dynamodb = urlsplit(pair.dynamodb.url)
    with (
        relay(pair.postgres.host, pair.postgres.port) as to_postgres,
        relay(str(dynamodb.hostname), int(dynamodb.port or 0)) as to_dynamodb,
    ):
        changed = replace(
            pair,
            postgres=replace(pair.postgres, port=to_postgres.port),
            dynamodb=replace(pair.dynamodb, url=f"http://127.0.0.1:{to_dynamodb.port}"),
        )
        with application(changed, patience=0.5) as url:
            yield Asking(url), to_postgres, to_dynamodb


@pytest.mark.parametrize("trouble", ["cut", "stall"])
@pytest.mark.parametrize("service", ["postgres", "dynamodb"])
def test_a_database_that_is_gone_is_503_until_it_is_back(loaded: Endpoints, service: str, trouble: Any) -> None:
    with wired(loaded) as (ask, *wires):
        wire = dict(zip(("postgres", "dynamodb"), wires, strict=True))[service]
        ask.recovers()
        for _ in range(2):
            wire.be(trouble)
            assert refused(ask()) == (503, [f"{service}_unavailable"])
            wire.be("pass")
            ask.recovers()


def test_postgres_may_be_gone_before_the_application_starts(loaded: Endpoints) -> None:
    with relay(loaded.postgres.host, loaded.postgres.port) as wire:
        wire.be("cut")
        with application(replace(loaded, postgres=replace(loaded.postgres, port=wire.port)), patience=0.5) as url:
            ask = Asking(url)
            assert refused(ask()) == (503, ["postgres_unavailable"])
            wire.be("pass")
            ask.recovers()


@dataclass
class Throttling:
    """DynamoDB, which declines so many requests as AWS does."""

    url: str
    times: int

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if self.times:
            self.times -= 1
            declined = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}
            return Response(json.dumps(declined), 400, content_type="application/x-amz-json-1.0")(
                environ, start_response
            )
        headers = {name: value for name, value in request.headers if name.lower() != "host"}
        passed_on = urllib.request.Request(self.url, data=request.get_data(), headers=headers)
        with urllib.request.urlopen(passed_on, timeout=60) as answer:
            return Response(answer.read(), answer.status, content_type=answer.headers["Content-Type"])(
                environ, start_response
            )


@pytest.mark.parametrize(("times", "status"), [(2, 200), (3, 503)])
def test_throttling_is_tried_again_and_then_told(loaded: Endpoints, times: int, status: int) -> None:
    throttling = Throttling(loaded.dynamodb.url, times)
    with (
        served(throttling) as url,
        application(replace(loaded, dynamodb=replace(loaded.dynamodb, url=url)), patience=20) as base,
    ):
        ask = Asking(base)
        found, body = ask()
        assert found == status, body
        assert throttling.times == 0
        assert ask()[0] == 200
