"""A small Cognito: one RSA key, its JWKS on a port of its own, and tokens good and bad."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Response

from harness.http_target.credentials import Credentials
from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import User

ISSUER = "http://127.0.0.1/us-east-1_harness"
CLIENT = "app-client"
KID = "key-1"


@cache
def private_key(_name: str) -> rsa.RSAPrivateKey:
    """A key for each name; making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(sub: str) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "sub": sub,
        "client_id": CLIENT,
        "token_use": "access",
        "iat": now,
        "exp": now + 3600,
        "username": sub,
    }


def token(sub: str, *, key: str = KID, kid: str | None = KID, without: str = "", **changes: Any) -> str:
    said = {name: value for name, value in (claims(sub) | changes).items() if name != without}
    return jwt.encode(said, private_key(key), algorithm="RS256", headers={"kid": kid} if kid else None)


def unsigned(sub: str) -> str:
    return jwt.encode(claims(sub), "", algorithm="none", headers={"kid": KID})


def signed_with_secret(sub: str) -> str:
    """The classic forgery: HS256, for verifiers that take the algorithm from the token."""
    return jwt.encode(claims(sub), "what everybody knows, for a secret", algorithm="HS256", headers={"kid": KID})


def bad_tokens(user: User) -> dict[str, str]:
    sub = user.cognito_user_id
    long_ago = int(time.time()) - 7200
    return {
        "an expired token": token(sub, iat=long_ago - 3600, exp=long_ago),
        "a token for another client": token(sub, client_id="another"),
        "a token of another pool": token(sub, iss=ISSUER + "2"),
        "a token of another key": token(sub, key="another"),
        "a token of an unknown key": token(sub, key="another", kid="another"),
        "an unsigned token": unsigned(sub),
    }


CREDENTIALS = Credentials(
    token_for=lambda user: token(user.cognito_user_id),
    bad_tokens=bad_tokens,
    strangers_token=lambda _: token(str(uuid4())),
)


def jwks(*kids: str) -> dict[str, Any]:
    keys = [
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(kid).public_key()))
        | {"kid": kid, "use": "sig", "alg": "RS256"}
        for kid in kids or (KID,)
    ]
    return {"keys": keys}


@dataclass
class KeyServer:
    """What `/jwks.json` answers, and how often it was asked."""

    answer: Any = field(default_factory=jwks)
    asked: int = 0
    url: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        return Response(json.dumps(self.answer), content_type="application/json")(environ, start_response)


@contextmanager
def key_server() -> Iterator[KeyServer]:
    keys = KeyServer()
    with served(keys) as url:
        keys.url = f"{url}/.well-known/jwks.json"
        yield keys
