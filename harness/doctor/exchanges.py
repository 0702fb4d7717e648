"""HTTP exchanges with an application: asked now, or read from a recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from harness.endpoint import is_loopback
from harness.errors import UsageError
from harness.exchange import Exchange
from harness.http_target.client import Client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: The reads of the application family, with and without a token; nothing is written.
_READS = ("/api/message_groups", "/api/users/@{handle}/short")
_NOBODY = "nobody-has-this-handle"


def ask(url: str, token: str | None) -> tuple[Exchange, ...]:
    """Read from an application on this machine, as its front end does, once without a token and once with it."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise UsageError(
            f"--url {url}: doctor asks applications on this machine only",
            hint="record exchanges in the browser's network tab as HAR, then: harness doctor --responses FILE",
        )
    client = Client(base_url=urlunsplit(parts))
    tokens = [(), (("Authorization", f"Bearer {token}"),)] if token else [()]
    for path in _READS:
        for sent in tokens:
            client.ask("GET", path.format(handle=_NOBODY), sent)
    return client.take()


def read_exchanges(path: Path) -> tuple[Exchange, ...]:
    """Read a HAR file (`log.entries`), or a list of such entries."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = document["log"]["entries"] if isinstance(document, dict) else document
        return tuple(_of_entry(entry) for entry in entries)
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}", hint=f"ls -l {path}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: no recorded exchanges: {type(error).__name__}: {error}",
            hint="in the browser's network tab: Save all as HAR",
        ) from error


def _of_entry(entry: Mapping[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    return Exchange(
        method=str(request["method"]),
        url=str(request["url"]),
        request_headers=_headers(request.get("headers", [])),
        request_body=str((request.get("postData") or {}).get("text", "")),
        status=int(response["status"]),
        response_headers=_headers(response.get("headers", [])),
        response_body=str((response.get("content") or {}).get("text", "")),
    )


def _headers(listed: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Take HAR's list of names and values, or a plain object."""
    if isinstance(listed, dict):
        return tuple((str(name), str(value)) for name, value in listed.items())
    return tuple((str(each["name"]), str(each["value"])) for each in listed)  # type: ignore[index] # a list by now
