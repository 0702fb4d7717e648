"""Whose request it is: a bearer token, verified as Cognito documents it, or the reason why it is refused.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from .keys import Keys

#: Seconds that two clocks may differ.
LEEWAY = 30
_ALGORITHM = "RS256"
#: What front ends send that put nothing into their storage and read it again.
_NOTHING = frozenset({"null", "undefined", "None"})
_REFUSALS: dict[type[jwt.InvalidTokenError], tuple[str, str]] = {
    jwt.ImmatureSignatureError: ("token_not_yet_valid", "the token is from the future; compare the clocks"),
    jwt.InvalidIssuedAtError: ("token_malformed", "the token's iat is no instant"),
    jwt.InvalidSignatureError: ("token_signature_wrong", "the token was not signed with the key it names"),
    jwt.InvalidIssuerError: ("token_issuer_wrong", "the token is of another user pool"),
}


class Unauthorized(Exception):
    """Nobody, or not surely anybody: `code` for programs, the message for people. Neither holds the token."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Knows who made good tokens, and for whom."""

    keys: Keys
    issuer: str
    client_id: str

    def subject(self, authorization: str | None) -> str:
        """Return the `sub` of a good token in an Authorization header; raise Unauthorized for every other header."""
        claims = self._claims(bearer_token(authorization))
        meant_for = claims.get("aud", claims.get("client_id"))
        if self.client_id not in (meant_for if isinstance(meant_for, list) else [meant_for]):
            raise Unauthorized("token_audience_wrong", "the token was made for another app client")
        return str(claims["sub"])

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            # Before the key is looked up: `none` names no key, HS256 would take the public one for a secret.
            if header.get("alg") != _ALGORITHM:
                raise Unauthorized("token_algorithm_wrong", f"the token is not signed by {_ALGORITHM}")
            return jwt.decode(
                token,
                self.keys.signing_key(header.get("kid")),
                algorithms=[_ALGORITHM],
                issuer=self.issuer,
                leeway=LEEWAY,
                # Access tokens of Cognito name the client in `client_id`, id tokens in `aud`: see subject().
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("token_expired", _expired(token)) from error
        except jwt.MissingRequiredClaimError as error:
            raise Unauthorized("token_claim_missing", f"the token says nothing of `{error.claim}`") from error
        except jwt.InvalidTokenError as error:
            code, message = _REFUSALS.get(type(error), ("token_malformed", "that is no JSON Web Token"))
            raise Unauthorized(code, message) from error


def bearer_token(authorization: str | None) -> str:
    """Return the token of `Bearer TOKEN`, or raise Unauthorized."""
    words = (authorization or "").split()
    if not words or words == ["Bearer"]:
        raise Unauthorized("token_missing", "there is no token; send: Authorization: Bearer TOKEN")
    if words[0].lower() != "bearer" or len(words) != len(("Bearer", "TOKEN")):
        raise Unauthorized("header_malformed", f"Authorization has {len(words)} words, and is not: Bearer TOKEN")
    if words[1] in _NOTHING:
        raise Unauthorized("token_missing", f"the token is the text `{words[1]}`: nobody was signed in")
    return words[1]


def _expired(token: str) -> str:
    """Say since when; the signature is known to be good by now."""
    expiry = jwt.decode(token, options={"verify_signature": False})["exp"]
    return f"the token expired at {datetime.fromtimestamp(int(expiry), UTC).isoformat()}; sign in again"
