"""Tokens that are wrong in exactly one way, made from good ones. Pure: key and time come from outside."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import jwt

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_HOUR = 3600
#: What a token tells the time with (developer guide, "Understanding the access token").
_TIMES = ("iat", "auth_time", "exp")


class Fault(StrEnum):
    """The one thing that is wrong with a token."""

    #: Issued two hours ago, it ended an hour ago.
    EXPIRED = "expired"
    #: Issued in an hour: by a clock that is fast.
    NOT_YET_VALID = "not-yet-valid"
    #: `client_id` (access) or `aud` (id) is another app client's.
    WRONG_AUDIENCE = "wrong-audience"
    #: `iss` is another pool of the same region.
    OTHER_POOL = "other-pool"
    #: It names the pool's key, and another one signed it.
    WRONG_KEY = "wrong-key"
    #: It is signed with a key that the pool does not publish, and says so.
    UNKNOWN_KID = "unknown-kid"
    #: `alg` is `none`: nobody signed it.
    ALG_NONE = "alg-none"

    @classmethod
    def named(cls, name: str) -> Fault:
        """Return the fault of this name. UsageError, with the nearest, where there is none."""
        try:
            return cls(name)
        except ValueError:
            known = [fault.value for fault in cls]
            hint = did_you_mean(name, known, otherwise=f"known: {', '.join(known)}")
            raise UsageError(f"no token can be made that is {name!r}", hint=hint) from None


def spoil(  # noqa: PLR0911 - one line a fault
    token: str, fault: Fault, *, key: RSAPrivateKey, stranger: RSAPrivateKey, now: datetime
) -> str:
    """Return the token with one fault. `key` is the pool's own, `stranger` one that it does not know."""
    kid, claims = _taken_apart(token)
    match fault:
        case Fault.EXPIRED:
            return _signed(_shifted(claims, int(now.timestamp()) - _HOUR - claims["exp"]), key, kid)
        case Fault.NOT_YET_VALID:
            return _signed(_shifted(claims, int(now.timestamp()) + _HOUR - claims["iat"]), key, kid)
        case Fault.WRONG_AUDIENCE:
            name = "client_id" if "client_id" in claims else "aud"
            return _signed(claims | {name: _other(claims[name])}, key, kid)
        case Fault.OTHER_POOL:
            return _signed(claims | {"iss": _other(claims["iss"])}, key, kid)
        case Fault.WRONG_KEY:
            return _signed(claims, stranger, kid)
        case Fault.UNKNOWN_KID:
            return _signed(claims, stranger, _other(kid))
        case Fault.ALG_NONE:
            return jwt.encode(claims, "", algorithm="none", headers={"kid": kid, "typ": None})


def lasting(token: str, seconds: int, *, key: RSAPrivateKey, now: datetime) -> str:
    """Return a good token that ends in so many seconds; Cognito itself gives none for less than five minutes."""
    kid, claims = _taken_apart(token)
    return _signed(claims | {"exp": int(now.timestamp()) + seconds}, key, kid)


def of_somebody_else(token: str, sub: str, *, key: RSAPrivateKey) -> str:
    """Return a good token of another subject."""
    kid, claims = _taken_apart(token)
    return _signed(claims | {"sub": sub, "username": sub}, key, kid)


def _taken_apart(token: str) -> tuple[str, dict[str, Any]]:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.get_unverified_header(token)["kid"], claims


def _signed(claims: dict[str, Any], key: RSAPrivateKey, kid: str) -> str:
    # Cognito's tokens have no `typ`.
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid, "typ": None})


def _shifted(claims: dict[str, Any], seconds: int) -> dict[str, Any]:
    return claims | {name: claims[name] + seconds for name in _TIMES if name in claims}


def _other(identifier: str) -> str:
    """Return an identifier of the same shape that is not this one."""
    return identifier[:-4] + ("XXXX" if identifier[-4:] != "XXXX" else "YYYY")
