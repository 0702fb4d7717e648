"""Requests made of the OpenAPI description, good and bad: no 5xx, and every answer as described."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from harness.schema_files import read_schema
from harness.stores.registry import open_stores
from tests.integration.scenarios.conftest import config
from tests.integration.scenarios.over_http import application
from tests.issuer import token
from tests.unit.scenarios.small import dataset, group_uuid, user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import Endpoints

DESCRIPTION = schemathesis.openapi.from_path(Path(__file__).parents[3] / "scenarios" / "app" / "openapi.yaml")

SETTINGS = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def url(embedded_pair: Endpoints) -> Iterator[str]:
    """The application on databases that hold a few people's conversations."""
    with psycopg.connect(embedded_pair.postgres.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE generated")
    pair = replace(
        embedded_pair,
        dynamodb=replace(embedded_pair.dynamodb, access_key_id="888000000001"),
        postgres=replace(embedded_pair.postgres, database="generated"),
    )
    schema = read_schema(config())
    with open_stores(pair) as stores:
        stores.apply_schema(schema)
        stores.load(dataset(), schema)
    with application(pair) as served:
        yield served


def authorization() -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user(0).cognito_user_id)}"}


@DESCRIPTION.parametrize()
@SETTINGS
def test_whatever_is_asked_is_answered_as_described(case: Any, url: str) -> None:
    # No description can say which cursors and handles the application knows, and what a query says beside is ignored.
    not_promised = [positive_data_acceptance] + [negative_data_rejection] * (case.method == "GET")
    case.call_and_validate(base_url=url, headers=authorization(), excluded_checks=not_promised)


@DESCRIPTION.include(path_regex="messages").parametrize()
@SETTINGS
def test_whatever_is_asked_of_a_known_group_is_answered_as_described(case: Any, url: str) -> None:
    if "message_group_uuid" in case.path_parameters:
        case.path_parameters["message_group_uuid"] = group_uuid(0)
    if isinstance(case.body, dict) and "message_group_uuid" in case.body:
        case.body = case.body | {"message_group_uuid": group_uuid(0)}
    elif isinstance(case.body, dict) and "handle" in case.body:
        case.body = case.body | {"handle": user(1).handle}
    # What was bad may have become good.
    not_promised = [positive_data_acceptance, negative_data_rejection]
    case.call_and_validate(base_url=url, headers=authorization(), excluded_checks=not_promised)
