"""Which user pool is meant: the stack's, or one that flags name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.endpoint import IdentityEndpoint, UserPool
from harness.engines import external
from harness.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from harness.config import Config

_POOL_ID = re.compile(r"(?P<region>[a-z]+(-[a-z]+)+-\d)_[0-9A-Za-z]+")  # API reference, UserPoolId


def choose_pool(config: Config, own: UserPool | None, pool_id: str | None, url: str | None) -> UserPool:
    """Return the pool that `--pool-id` and `--pool-url` name, or the stack's `own`.

    A remote one takes `--allow-remote`, and credentials from the environment.
    """
    if url is None and (pool_id is None or (own is not None and own.pool_id == pool_id)):
        if own is None:
            raise EnvironmentFailure(
                f"the stack of {config.project} has no user pool yet",
                hint="`harness up` fills one; or name one: --pool-id REGION_ID (--pool-url URL)",
            )
        return own
    if pool_id is None or (match := _POOL_ID.fullmatch(pool_id)) is None:
        raise UsageError(
            f"`{pool_id}` is not the id of a user pool" if pool_id else "--pool-url says where, and not which pool",
            hint="write --pool-id us-east-1_AbCdEf123",
        )
    region = match["region"]
    endpoint = IdentityEndpoint(url=_checked(url or f"https://cognito-idp.{region}.amazonaws.com"), region=region)
    if not endpoint.is_local and not config.allow_remote:
        raise UsageError(f"{endpoint.url} is not this machine", hint="add --allow-remote to read the pool there")
    return UserPool(endpoint=external.with_credentials(endpoint), pool_id=pool_id)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.username)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            f"--pool-url {url!r} is not an http or https URL", hint="write --pool-url http://127.0.0.1:9229"
        )
    return url
