"""Asks an application, and keeps every exchange: headers as they came, twice if they came twice."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from harness.errors import EnvironmentFailure
from harness.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    Headers = Sequence[tuple[str, str]]

_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One connection a request, past all proxies, following no redirect. Several threads may ask."""

    base_url: str
    #: The front end that a browser would say it comes from.
    origin: str = "http://localhost:3000"
    _exchanges: list[Exchange] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def ask(self, method: str, path: str, headers: Headers = (), body: bytes | None = None) -> Exchange:
        """Return the exchange, whatever its status; raise EnvironmentFailure where nobody answers."""
        base = urlsplit(self.base_url)
        sent = (("Accept", "application/json"), ("Origin", self.origin), *headers)
        connection = _connection(base)
        try:
            connection.putrequest(method, base.path.rstrip("/") + path, skip_accept_encoding=True)
            for name, value in sent:
                connection.putheader(name, value.encode())
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            received = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EnvironmentFailure(
                f"{self.base_url} does not answer {method} {path}: {type(error).__name__} {error}",
                hint="start the application (harness app is the reference), or correct its address",
            ) from error
        finally:
            connection.close()
        exchange = Exchange(
            method=method,
            url=self.base_url.rstrip("/") + path,
            request_headers=sent,
            request_body=(body or b"").decode("utf-8", "replace"),
            status=response.status,
            response_headers=tuple(response.getheaders()),
            response_body=received.decode("utf-8", "replace"),
        )
        with self._lock:
            self._exchanges.append(exchange)
        return exchange

    def seen(self) -> tuple[Exchange, ...]:
        """Return the exchanges since they were last taken."""
        with self._lock:
            return tuple(self._exchanges)

    def take(self) -> tuple[Exchange, ...]:
        """Return them, and begin anew."""
        with self._lock:
            taken = tuple(self._exchanges)
            self._exchanges.clear()
        return taken


def _connection(base: SplitResult) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
    return kind(base.hostname or "", base.port, timeout=_TIMEOUT)
