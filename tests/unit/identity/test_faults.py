"""Each fault is the only one that its token has: whoever checks everything else lets it pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.identity.faults import Fault, lasting, spoil

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())
KID = "AUa7TTguucYx6/9PwBTLHdaAUmwfEOyq3IY91bnfcdw="
CLAIMS = {
    "sub": "3846e279-a068-5a49-aa79-09eb6f2ba3d6",
    "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OmkuMHYvh",
    "token_use": "access",
    "client_id": "HdxnTvLzMYL4fe90yDECNeSFPR",
    "auth_time": SECOND - 60,
    "iat": SECOND - 60,
    "exp": SECOND + 3540,
}
KEY, STRANGER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
GOOD = jwt.encode(CLAIMS, KEY, algorithm="RS256", headers={"kid": KID, "typ": None})


def spoiled(fault: Fault, token: str = GOOD) -> str:
    return spoil(token, fault, key=KEY, stranger=STRANGER, now=NOW)


def claims_of(token: str, key: rsa.RSAPrivateKey = KEY) -> dict[str, Any]:
    """The claims of a token that this key signed, whatever they say."""
    return jwt.decode(
        token,
        key.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
    )


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (Fault.EXPIRED, {"auth_time": SECOND - 7200, "iat": SECOND - 7200, "exp": SECOND - 3600}),
        (Fault.NOT_YET_VALID, {"auth_time": SECOND + 3600, "iat": SECOND + 3600, "exp": SECOND + 7200}),
        (Fault.WRONG_AUDIENCE, {"client_id": "HdxnTvLzMYL4fe90yDECNeXXXX"}),
        (Fault.OTHER_POOL, {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OmkuMXXXX"}),
    ],
)
def test_only_these_claims_change_and_the_pools_own_key_signs(fault: Fault, changed: dict[str, Any]) -> None:
    token = spoiled(fault)
    assert claims_of(token) == CLAIMS | changed
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": KID}


def test_wrong_key_claims_to_be_the_pools() -> None:
    token = spoiled(Fault.WRONG_KEY)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": KID}
    assert claims_of(token, STRANGER) == CLAIMS
    with pytest.raises(jwt.InvalidSignatureError):
        claims_of(token)


def test_unknown_kid_says_that_another_key_signed_it() -> None:
    token = spoiled(Fault.UNKNOWN_KID)
    assert jwt.get_unverified_header(token)["kid"] != KID
    assert claims_of(token, STRANGER) == CLAIMS


def test_alg_none_has_no_signature() -> None:
    token = spoiled(Fault.ALG_NONE)
    assert token.endswith(".")
    assert jwt.get_unverified_header(token) == {"alg": "none", "kid": KID}
    assert jwt.decode(token, options={"verify_signature": False}) == CLAIMS


def test_audience_of_an_id_token_is_its_aud() -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "client_id"} | {"aud": "client-1234"}
    token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": KID})
    assert claims_of(spoiled(Fault.WRONG_AUDIENCE, token)) == claims | {"aud": "client-XXXX"}


def test_another_identifier_is_another_even_of_one_that_was_made_so() -> None:
    twice = spoiled(Fault.OTHER_POOL, spoiled(Fault.OTHER_POOL))
    assert claims_of(twice)["iss"] != claims_of(spoiled(Fault.OTHER_POOL))["iss"]


def test_a_token_ends_when_it_is_told_to() -> None:
    token = lasting(GOOD, 30, key=KEY, now=NOW)
    assert claims_of(token) == CLAIMS | {"exp": SECOND + 30}
