"""Clients for queues, topics and buckets that run beside the engine. They never reach AWS by mistake."""

from __future__ import annotations

import os
from typing import Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from harness.endpoint import is_loopback
from harness.errors import UsageError


class CallFailed(Exception):
    """The service refused a call, or nobody answered."""


class DestinationClient:
    """A boto3 client whose calls raise CallFailed and nothing else of botocore's."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        """Return the client's method of this name."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - paid for with the client

        method = getattr(self._client, operation)

        def call(**parameters: Any) -> Any:
            try:
                return method(**parameters)
            except (BotoCoreError, ClientError) as exc:
                raise CallFailed(str(exc)) from exc

        return call


def make_destination_client(
    service: Literal["sqs", "sns", "s3"], url: str, *, region: str, allow_remote: bool = False
) -> DestinationClient:
    """Return a client for the service at this URL, and at no other: proxies and profiles are passed over.

    Credentials may stand in the URL (`http://key:secret@127.0.0.1:9000`); without them any will do. UsageError for what
    is not on this machine, unless `allow_remote`.
    """
    parts = _checked(service, url, allow_remote=allow_remote)
    from botocore.config import Config  # noqa: PLC0415 - as above
    from botocore.session import Session  # noqa: PLC0415

    nothing = (None, None, None, None)
    client = Session(session_vars={"profile": nothing, "config_file": (None, None, os.devnull, None)}).create_client(
        service,
        region_name=region,
        endpoint_url=parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
        aws_access_key_id=unquote(parts.username or "local"),
        aws_secret_access_key=unquote(parts.password or "local"),
        config=Config(
            connect_timeout=2,
            read_timeout=10,
            retries={"mode": "standard", "max_attempts": 2},
            proxies={},
            # Names of buckets as part of the host need a name server that knows them.
            s3={"addressing_style": "path"},
        ),
    )
    return DestinationClient(client)


def _checked(service: str, url: str, *, allow_remote: bool) -> SplitResult:
    shown = url.rpartition("@")[2]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(
            f"the endpoint for {service} destinations is not a service's URL: {shown!r}",
            hint=f"for example {service} = http://127.0.0.1:4566",
        )
    if not (allow_remote or is_loopback(host)):
        raise UsageError(
            f"the endpoint for {service} destinations is not on this machine: {shown!r}",
            hint="name localhost or a loopback address, or allow remote destinations in so many words",
        )
    return parts
