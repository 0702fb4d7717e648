"""The engine for services that somebody else runs: nothing is started, nothing stopped, and little is trusted."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from harness.endpoint import LOOPBACK, AwsEndpoint, DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from harness.config import Config
    from harness.service import Service

E = TypeVar("E", bound=AwsEndpoint)

#: What never runs on a machine that isn't this one, whatever is allowed.
_NEVER_REMOTE = frozenset({"reset", "schema load --recreate", "down"})
#: Parameters that would lead a connection elsewhere than the DSN seems to say.
_DIVERTING = ("hostaddr", "service", "servicefile", "passfile")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)")
_DSN_HINT = "write postgresql://USER:PASSWORD@127.0.0.1:5432/DATABASE (--postgres-dsn or HARNESS_POSTGRES_DSN)"


class ExternalEngine:
    """Two endpoints that somebody named."""

    name = "external"

    def __init__(self, config: Config) -> None:
        self._config = config

    def check(self) -> str | None:
        """None when both endpoints are named; UsageError where one is not allowed, which is never passed over."""
        if (reason := unnamed(self._config)) is not None:
            return reason
        endpoints = self._named()
        if is_remote(endpoints) and not self._config.allow_remote:
            raise UsageError(
                f"{remote_parts(endpoints)} is not this machine",
                hint="add --allow-remote to read there, and --allow-remote-writes as well to write",
            )
        with_credentials(endpoints.dynamodb)
        return None

    def endpoints(self) -> Endpoints:
        """Return both endpoints as they are named, with the credentials that they take."""
        endpoints = self._named()
        return replace(endpoints, dynamodb=with_credentials(endpoints.dynamodb))

    def _named(self) -> Endpoints:
        return Endpoints(
            dynamodb=read_url(self._config.dynamodb_url or "", self._config.region),
            postgres=read_dsn(self._config.postgres_dsn or ""),
        )

    def start(self, service: Service) -> DynamoDBEndpoint | PostgresEndpoint:
        """Return where the service answers; it is not ours to start."""
        endpoints = self.endpoints()
        return endpoints.dynamodb if service.name == "dynamodb" else endpoints.postgres

    def stop(self) -> tuple[str, ...]:
        """Leave everything as it is."""
        return ()

    def logs(self, service: Service, lines: int) -> str:  # noqa: ARG002 - the shape of an Engine
        """Return nothing: the log is where the service is run."""
        return ""

    def alive(self, service: Service) -> str | None:  # noqa: ARG002 - the shape of an Engine
        """None: only a probe can tell."""
        return None


def unnamed(config: Config) -> str | None:
    """None when both endpoints are named, else what is missing."""
    names = {
        "HARNESS_DYNAMODB_URL (--dynamodb-url)": config.dynamodb_url,
        "HARNESS_POSTGRES_DSN (--postgres-dsn)": config.postgres_dsn,
    }
    missing = [name for name, value in names.items() if not value]
    return f"{' and '.join(missing)} not set" if missing else None


def is_remote(endpoints: Endpoints) -> bool:
    """Whether either service is on another machine."""
    return bool(remote_parts(endpoints))


def remote_parts(endpoints: Endpoints) -> str:
    """Name what is on another machine; empty when nothing is."""
    local = {
        endpoints.dynamodb.url: endpoints.dynamodb.is_local,
        endpoints.postgres.shown: endpoints.postgres.is_local,
    }
    return " and ".join(shown for shown, is_local in local.items() if not is_local)


def require_writable(config: Config, endpoints: Endpoints, verb: str) -> None:
    """Raise UsageError when `verb` would change a remote target that may not be changed."""
    remote = remote_parts(endpoints)
    if not remote:
        return
    if verb in _NEVER_REMOTE:
        raise UsageError(
            f"`{verb}` never runs on a remote target: {remote}",
            hint="use it on a local stack: harness up --engine auto",
        )
    if not (config.allow_remote and config.allow_remote_writes):
        raise UsageError(
            f"`{verb}` would write to a remote target, which is read-only: {remote}",
            hint="if that is really meant, add --allow-remote --allow-remote-writes",
        )


def read_url(url: str, region: str) -> DynamoDBEndpoint:
    """Read a DynamoDB endpoint, with credentials made up."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise _bad_url(url, str(exc)) from exc
    if parts.scheme not in {"http", "https"} or not host:
        raise _bad_url(url, "not an http or https URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise _bad_url(url, "it has more than scheme, host, port and path")
    if host == "localhost" and parts.scheme == "http":  # which may resolve to ::1 first; a certificate needs the name
        url = urlunsplit(("http", f"{LOOPBACK}:{port or 80}", parts.path, "", ""))
    return DynamoDBEndpoint(url=url, region=region)


def with_credentials(endpoint: E) -> E:
    """Return the endpoint with AWS's variables as credentials where it is remote; made up ones do on this machine."""
    if endpoint.is_local:
        return endpoint
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise EnvironmentFailure(
            f"no credentials for {endpoint.url}: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are looked for in the environment only",
            hint="export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… (and AWS_SESSION_TOKEN where there is one)",
        )
    token = os.environ.get("AWS_SESSION_TOKEN")
    return replace(endpoint, access_key_id=key, secret_access_key=secret, session_token=token)


def _bad_url(url: str, why: str) -> UsageError:
    shown = re.sub(r"//[^/@]*@", "//***@", url)
    return UsageError(
        f"{shown!r} can't be used as a DynamoDB endpoint: {why}",
        hint="write http://127.0.0.1:8000 (--dynamodb-url or HARNESS_DYNAMODB_URL)",
    )


def read_dsn(dsn: str) -> PostgresEndpoint:
    """Read a connection URI or `key=value` pairs (PostgreSQL manual, 32.1.1)."""
    words = _from_uri(dsn) if re.match(r"postgres(ql)?://", dsn) else _from_pairs(dsn)
    for name in _DIVERTING:
        if name in words:
            raise UsageError(f"the DSN has `{name}`, which would lead elsewhere than it seems to say", hint=_DSN_HINT)
    host = words.pop("host", "") or LOOPBACK
    port = words.pop("port", "") or "5432"
    if "," in host or "," in port or host.startswith(("/", "@")) or not port.isdecimal():
        raise UsageError(f"the DSN names {host!r} port {port!r}: one TCP host and one port are wanted", hint=_DSN_HINT)
    user = words.pop("user", "") or "postgres"
    return PostgresEndpoint(
        host=LOOPBACK if host == "localhost" else host,
        port=int(port),
        user=user,
        password=words.pop("password", ""),
        database=words.pop("dbname", "") or user,
        parameters=tuple(words.items()),
    )


def _from_uri(dsn: str) -> dict[str, str]:
    try:
        parts = urlsplit(dsn)
        netloc = parts.netloc.rpartition("@")[2]
        if "," in netloc:
            return {"host": netloc}
        host, port = parts.hostname, parts.port
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query), keep_blank_values=True))
    except ValueError as exc:
        raise UsageError(f"the DSN is not a connection URI: {exc}", hint=_DSN_HINT) from exc
    found = {
        "host": unquote(host or ""),
        "port": str(port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    return found | query


def _from_pairs(dsn: str) -> dict[str, str]:
    words: dict[str, str] = {}
    position = 0
    text = dsn.strip()
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            raise UsageError("the DSN is neither a connection URI nor `key=value` pairs", hint=_DSN_HINT)
        value = match[2]
        words[match[1]] = re.sub(r"\\(.)", r"\1", value[1:-1] if value.startswith("'") else value)
        position = match.end()
    return words
