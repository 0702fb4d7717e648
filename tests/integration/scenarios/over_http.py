"""Scenarios over HTTP: the reference application, or one with a fault, on a stack that was just loaded."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.environment import applied, variables
from harness.schema_files import read_schema
from harness.setting import open_setting
from harness.stores.registry import open_stores
from scenarios.app import Services, Settings, create_app, open_services
from tests.integration.scenarios.conftest import config
from tests.issuer import CLIENT, CREDENTIALS, ISSUER, key_server
from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.dataset import Dataset, User
    from harness.endpoint import Endpoints
    from harness.scenario import Setting


def cognito(jwks_url: str) -> dict[str, str]:
    return {
        "AWS_COGNITO_ISSUER": ISSUER,
        "AWS_COGNITO_JWKS_URL": jwks_url,
        "AWS_COGNITO_USER_POOL_CLIENT_ID": CLIENT,
    }


@contextmanager
def application(
    namespace: Endpoints,
    *,
    change: Callable[[Services], Services] = lambda services: services,
    wrap: Callable[[Any], Any] = lambda app: app,
    patience: float = 3.0,
) -> Iterator[str]:
    """Serve the application on a pair of databases, with other services or within another one; yield its base URL."""
    environment = variables(namespace, "cruddur-messages")
    with key_server() as keys, applied(environment):
        settings = replace(Settings.of(environment | cognito(keys.url)), patience=patience)
        with open_services(settings) as services, served(wrap(create_app(change(services), settings.origins))) as url:
            yield url


@contextmanager
def setting_over_http(namespace: Endpoints, data: Dataset, url: str, *, me: User | None = None) -> Iterator[Setting]:
    project = config(target=url)
    schema = read_schema(project)
    with open_stores(namespace) as stores:
        stores.apply_schema(schema)
        stores.load(data, schema)
    with open_setting(project, data, namespace, me=me, credentials=CREDENTIALS) as setting:
        yield setting
