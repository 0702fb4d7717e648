"""Keys: the private ones of a pool of ours, the public ones of any, and one that nobody knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from harness.endpoint import UserPool

_TIMEOUT = 10


def public_keys(pool: UserPool) -> dict[str, jwt.PyJWK]:
    """Fetch a pool's public keys, by key id. EnvironmentFailure when they can't be had."""
    # Proxies of the environment are for the world outside.
    opener = build_opener(ProxyHandler({})) if pool.endpoint.is_local else build_opener()
    try:
        with opener.open(pool.jwks_url, timeout=_TIMEOUT) as answer:
            found: dict[str, Any] = json.load(answer)
        return {key["kid"]: jwt.PyJWK(key) for key in found["keys"]}
    except (URLError, TimeoutError, ConnectionError) as exc:
        raise EnvironmentFailure(
            f"the public keys at {pool.jwks_url} can't be had: {exc}", hint="`harness status`, then `harness up`"
        ) from exc
    except (ValueError, KeyError, TypeError, jwt.PyJWTError) as exc:
        raise EnvironmentFailure(
            f"what {pool.jwks_url} answers is no key set: {exc!r}", hint="does the address belong to a user pool?"
        ) from exc


def private_key(pool: UserPool, use: str) -> rsa.RSAPrivateKey:
    """Return the key that the pool signs its `access` or `id` tokens with; only of a pool that runs for this stack."""
    if pool.keys is None:
        raise UsageError(
            f"the private keys of {pool.shown} are its own: no other token can be signed",
            hint="harness up makes a pool here that lends its keys",
        )
    path = pool.keys / f"{pool.pool_id}-{use}.pem"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as exc:
        raise EnvironmentFailure(
            f"the key of {pool.pool_id} can't be read from {path}: {exc}", hint="harness down, then harness up"
        ) from exc
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - MiniStack makes no others
    return key


def strangers_key() -> rsa.RSAPrivateKey:
    """Return a new key, which no pool has."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
