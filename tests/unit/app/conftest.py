"""One key server for all, and an application for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.issuer import KeyServer, key_server
from tests.unit.app.stand_in import Application, application

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def jwks() -> Iterator[KeyServer]:
    with key_server() as keys:
        yield keys


@pytest.fixture
def app(jwks: KeyServer) -> Application:
    return application(jwks.url)
