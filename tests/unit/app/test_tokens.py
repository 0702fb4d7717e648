"""Every bad token has its code; keys outlive the endpoint they came from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.app.keys import Keys
from scenarios.app.tokens import LEEWAY, Unauthorized, Verifier, bearer_token
from scenarios.app.unavailable import Unavailable
from tests import issuer
from tests.issuer import CLIENT, ISSUER, KeyServer, jwks, key_server, token

if TYPE_CHECKING:
    from collections.abc import Iterator

SUB = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with key_server() as server:
        yield server


def verifier(url: str, **options: Any) -> Verifier:
    return Verifier(keys=Keys(url, **options), issuer=ISSUER, client_id=CLIENT)


def refusal(verifier: Verifier, authorization: str | None) -> str:
    with pytest.raises(Unauthorized) as refused:
        verifier.subject(authorization)
    return refused.value.code


def test_access_and_id_tokens_are_good(jwks: KeyServer) -> None:
    good = verifier(jwks.url)
    assert good.subject(f"Bearer {token(SUB)}") == SUB
    assert good.subject(f"bearer  {token(SUB)} ") == SUB
    assert good.subject(f"Bearer {token(SUB, without='client_id', aud=CLIENT, token_use='id')}") == SUB
    assert good.subject(f"Bearer {token(SUB, aud=['other', CLIENT])}") == SUB
    assert good.subject(f"Bearer {token(SUB, exp=int(time.time()) - LEEWAY // 2)}") == SUB


def test_every_bad_token_has_its_code(jwks: KeyServer) -> None:
    now = int(time.time())
    expected = {
        token(SUB, exp=now - LEEWAY - 5): "token_expired",
        token(SUB, iat=now + LEEWAY + 60): "token_not_yet_valid",
        token(SUB, nbf=now + LEEWAY + 60): "token_not_yet_valid",
        token(SUB, client_id="other"): "token_audience_wrong",
        token(SUB, aud="other"): "token_audience_wrong",
        token(SUB, without="client_id"): "token_audience_wrong",
        token(SUB, iss=ISSUER + "/"): "token_issuer_wrong",
        token(SUB, key="another"): "token_signature_wrong",
        token(SUB, kid="another"): "token_key_unknown",
        token(SUB, kid=None): "token_key_unknown",
        token(SUB, without="exp"): "token_claim_missing",
        token(SUB, without="sub"): "token_claim_missing",
        token(SUB, without="iss"): "token_claim_missing",
        token(SUB, exp="soon"): "token_malformed",
        token(SUB, iat="then"): "token_malformed",
        issuer.unsigned(SUB): "token_algorithm_wrong",
        issuer.signed_with_secret(SUB): "token_algorithm_wrong",
        token(SUB)[:-20] + "A" * 20: "token_signature_wrong",
        token(SUB).replace(".", "", 1): "token_malformed",
        "not.a.token": "token_malformed",
        "..": "token_malformed",
        "null": "token_missing",
        "undefined": "token_missing",
    }
    good = verifier(jwks.url)
    found = {shown: refusal(good, f"Bearer {shown}") for shown in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_missing"),
        ("Bearer a b", "header_malformed"),
        ("Bearer a,Bearer b", "header_malformed"),
        ("Basic YTpi", "header_malformed"),
        ("eyJ", "header_malformed"),
    ],
)
def test_every_bad_header_has_its_code(header: str | None, code: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        bearer_token(header)
    assert refused.value.code == code


@given(header=st.text() | st.text(alphabet='eyJ.[{}]:"-_=0123Bearer ', max_size=200).map("Bearer {}".format))
def test_no_header_breaks_the_verifier(jwks: KeyServer, header: str) -> None:
    with pytest.raises(Unauthorized):
        verifier(jwks.url).subject(header)


def test_deep_nesting_is_malformed(jwks: KeyServer) -> None:
    import base64

    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 50_000).decode().rstrip("=")
    assert refusal(verifier(jwks.url), f"Bearer {deep}.e30.AA") == "token_malformed"


def test_known_keys_go_on_while_their_endpoint_is_gone(keys: KeyServer, caplog: pytest.LogCaptureFixture) -> None:
    good = verifier(keys.url, lifespan=0.000_001)
    assert good.subject(f"Bearer {token(SUB)}") == SUB
    keys.answer = "no key set"
    assert good.subject(f"Bearer {token(SUB)}") == SUB
    good.keys.uri = "http://127.0.0.1:1/jwks.json"
    assert good.subject(f"Bearer {token(SUB)}") == SUB
    assert refusal(good, f"Bearer {token(SUB, key='another', kid='another')}") == "token_key_unknown"
    told = [record for record in caplog.records if record.getMessage() == "JWKS unreachable, cached keys go on"]
    assert len(told) >= 2
    assert vars(told[-1])["url"] == "http://127.0.0.1:1/jwks.json"


def test_no_key_at_all_is_unavailable_and_mends_itself(keys: KeyServer) -> None:
    good = verifier("http://127.0.0.1:1/jwks.json")
    with pytest.raises(Unavailable) as told:
        good.subject(f"Bearer {token(SUB)}")
    assert told.value.service == "jwks"
    good.keys.uri = keys.url
    assert good.subject(f"Bearer {token(SUB)}") == SUB


@pytest.mark.parametrize("answer", ["no key set", {"keys": []}, {"keys": [{"kty": "nonsense"}]}, {}])
def test_an_endpoint_of_nonsense_is_unavailable(keys: KeyServer, answer: object) -> None:
    keys.answer = answer
    with pytest.raises(Unavailable):
        verifier(keys.url).subject(f"Bearer {token(SUB)}")


def test_a_new_key_is_found_and_a_thousand_unknown_ones_ask_once(keys: KeyServer) -> None:
    good = verifier(keys.url)
    good.keys.cooldown_duration = 0
    assert good.subject(f"Bearer {token(SUB)}") == SUB
    keys.answer = jwks(issuer.KID, "key-2")
    assert good.subject(f"Bearer {token(SUB, key='key-2', kid='key-2')}") == SUB
    good.keys.cooldown_duration = 3600
    asked = keys.asked
    for number in range(1000):
        assert refusal(good, f"Bearer {token(SUB, kid=f'unknown-{number % 3}')}") == "token_key_unknown"
        if number > 20:
            break
    assert keys.asked == asked
