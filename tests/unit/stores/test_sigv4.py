"""Our signature beside botocore's."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from harness.endpoint import DynamoDBEndpoint
from harness.stores.sigv4 import sign

WORD = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@pytest.mark.parametrize("service", ["dynamodb", "cognito-idp"])
@given(
    key=WORD.filter(lambda word: word.isalnum()),
    secret=WORD,
    token=st.none() | WORD,
    body=st.binary(max_size=200),
    now=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - hypothesis wants naive bounds
)
def test_signature_is_the_one_that_botocore_makes(  # noqa: PLR0913, PLR0917 - what a signature is made of
    service: str, key: str, secret: str, token: str | None, body: bytes, now: datetime
) -> None:
    now = now.replace(tzinfo=UTC)
    headers = {"Host": "dynamodb.eu-west-1.amazonaws.com", "Content-Type": "application/x-amz-json-1.0"}
    endpoint = DynamoDBEndpoint(
        url="https://dynamodb.eu-west-1.amazonaws.com",
        region="eu-west-1",
        access_key_id=key,
        secret_access_key=secret,
        session_token=token,
    )
    request = AWSRequest(method="POST", url=endpoint.url, data=body, headers=headers)
    with patch.object(botocore.auth, "get_current_datetime", lambda **_: now.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(Credentials(key, secret, token), service, "eu-west-1").add_auth(request)

    signed = sign(endpoint, "/", headers, body, now, service=service)

    assert signed["Authorization"] == request.headers["Authorization"]
    assert signed.get("X-Amz-Security-Token") == token
