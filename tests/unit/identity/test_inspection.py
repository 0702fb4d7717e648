"""A good token has no flaw; each bad one has exactly the flaw that it was given, in words with values."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from harness.endpoint import IdentityEndpoint, UserPool
from harness.identity.claims import in_words, validity
from harness.identity.faults import Fault, spoil
from harness.identity.inspection import Inspection, inspect

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())
POOL = UserPool(
    endpoint=IdentityEndpoint(url="http://127.0.0.1:9229"), pool_id="us-east-1_OmkuMHYvh", client_id="client-1234"
)
KEY, STRANGER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
KEYS = {
    "kid-of-the-pool": jwt.PyJWK(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"alg": "RS256"})
}
CLAIMS: dict[str, Any] = {
    "sub": "3846e279-a068-5a49-aa79-09eb6f2ba3d6",
    "iss": POOL.issuer,
    "token_use": "access",
    "client_id": POOL.client_id,
    "iat": SECOND - 60,
    "exp": SECOND + 3540,
}


def signed(claims: dict[str, Any] | None = None, **header: Any) -> str:
    return jwt.encode(claims or CLAIMS, KEY, algorithm="RS256", headers={"kid": "kid-of-the-pool"} | header)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


def looked_at(token: str) -> Inspection:
    return inspect(token, pool=POOL, keys=KEYS, now=NOW)


def codes(token: str) -> list[str]:
    return [flaw.code for flaw in looked_at(token).flaws]


def encoded(document: object) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def test_a_good_token_has_no_flaw() -> None:
    found = looked_at(signed())
    assert found.good
    assert found.verified
    assert found.claims == CLAIMS


def test_a_good_id_token_names_its_client_in_aud() -> None:
    assert looked_at(signed(without("client_id") | {"token_use": "id", "aud": POOL.client_id})).good


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.EXPIRED, "expired"),
        (Fault.NOT_YET_VALID, "not-yet-valid"),
        (Fault.WRONG_AUDIENCE, "audience"),
        (Fault.OTHER_POOL, "other-pool"),
        (Fault.WRONG_KEY, "signature"),
        (Fault.UNKNOWN_KID, "unknown-kid"),
        (Fault.ALG_NONE, "alg-none"),
    ],
)
def test_each_fault_is_found_and_nothing_else(fault: Fault, code: str) -> None:
    assert codes(spoil(signed(), fault, key=KEY, stranger=STRANGER, now=NOW)) == [code]


@pytest.mark.parametrize(
    ("claims", "code", "said"),
    [
        ({"exp": SECOND - 11_520}, "expired", "expired 3 h 12 min ago, at 2026-11-28 08:48:00 UTC"),
        ({"exp": SECOND - 30}, "expired", "this machine's clock (2026-11-28 12:00:00 UTC) is fast"),
        ({"exp": SECOND}, "expired", "expired 0 s ago"),
        ({"iat": SECOND + 90}, "clock-skew", "1 min ahead of this machine's clock"),
        ({"iat": SECOND + 7200}, "not-yet-valid", "issued at 2026-11-28 14:00:00 UTC, which is in 2 h"),
        ({"nbf": SECOND + 7200}, "not-yet-valid", "valid at 2026-11-28 14:00:00 UTC"),
        ({"exp": None}, "no-exp", "`exp` is None"),
        ({"exp": "soon"}, "no-exp", "'soon'"),
        ({"exp": 1e300}, "no-exp", "1e+300"),
        ({"token_use": "refresh"}, "use", "'refresh'"),
        ({"sub": ""}, "no-sub", "nobody's"),
        ({"client_id": None}, "audience", "`client_id` is None, and this one's id is 'client-1234'"),
        ({"iss": "https://example.com", "client_id": "other"}, "other-pool", "`iss` is 'https://example.com'"),
    ],
)
def test_claims_are_told_with_their_values(claims: dict[str, Any], code: str, said: str) -> None:
    (flaw,) = looked_at(signed(CLAIMS | claims)).flaws
    assert flaw.code == code
    assert said in flaw.message


def test_a_token_of_a_pool_that_was_made_anew_is_of_another_pool_and_no_more() -> None:
    claims = CLAIMS | {"iss": POOL.issuer + "x", "client_id": "before"}
    token = jwt.encode(claims, STRANGER, algorithm="RS256", headers={"kid": "kid-before"})
    assert codes(token) == ["other-pool"]


def test_a_changed_payload_breaks_the_signature() -> None:
    header, _, signature = signed().split(".")
    assert codes(f"{header}.{encoded(CLAIMS | {'sub': 'somebody-else'})}.{signature}") == ["signature"]
    assert codes(signed()[:-5]) == ["signature"]


def test_headers_that_no_pool_writes() -> None:
    payload = encoded(CLAIMS)
    assert codes(f"{encoded({'alg': 'HS256', 'kid': 'kid-of-the-pool'})}.{payload}.c2ln") == ["algorithm"]
    assert codes(f"{encoded({'alg': 'NoNe'})}.{payload}.") == ["alg-none"]
    assert codes(f"{encoded({'alg': 'RS256'})}.{payload}.c2ln") == ["no-kid"]
    assert codes(f"{encoded({'alg': 'RS256', 'kid': ['x']})}.{payload}.c2ln") == ["no-kid"]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("abc", "not-a-jwt"),
        ("a.b.c", "not-a-jwt"),
        ("%%%.e30.x", "not-a-jwt"),
        (f"{encoded({'alg': 'RS256'})}.e3.x", "not-a-jwt"),
        (f"{encoded([1])}.e30.x", "not-a-jwt"),
        ("a.b.c.d.e", "encrypted"),
    ],
)
def test_what_is_no_token(token: str, code: str) -> None:
    assert codes(token) == [code]


def test_two_independent_faults_are_both_told() -> None:
    token = spoil(signed(CLAIMS | {"exp": SECOND - 60}), Fault.WRONG_KEY, key=KEY, stranger=STRANGER, now=NOW)
    assert codes(f"Bearer Bearer {token}") == ["doubled-bearer", "signature", "expired"]


def test_without_a_pool_only_what_needs_none_is_looked_at() -> None:
    token = spoil(
        signed(CLAIMS | {"iss": "x", "exp": SECOND - 60}), Fault.WRONG_KEY, key=KEY, stranger=STRANGER, now=NOW
    )
    found = inspect(token, pool=None, keys=None, now=NOW)
    assert [flaw.code for flaw in found.flaws] == ["expired"]
    assert not found.verified


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (11_520, "3 h 12 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_spans_in_words(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


def test_validity_says_what_is_left() -> None:
    assert validity(CLAIMS, NOW) == "2026-11-28 11:59:00 UTC to 2026-11-28 12:59:00 UTC, another 59 min"
    assert validity(CLAIMS, NOW + timedelta(hours=2)) == "2026-11-28 11:59:00 UTC to 2026-11-28 12:59:00 UTC"
    assert validity({}, NOW) is None


@given(st.text() | st.builds("{}.{}.{}".format, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)))
def test_any_text_is_looked_at(text: str) -> None:
    assert not looked_at(text).good
