"""AWS Signature Version 4 for requests with a JSON body, without botocore's 0.2 s of imports.

Every command that touches a table would pay for those; a test holds these lines against botocore's signer.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from harness.endpoint import AwsEndpoint


def sign(  # noqa: PLR0913 - what a signature is made of
    endpoint: AwsEndpoint,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    service: str = "dynamodb",
) -> dict[str, str]:
    """Return the headers of a POST with its signature. `headers` includes Host; `now` is in UTC."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "X-Amz-Date": stamp}
    if endpoint.session_token:
        signed["X-Amz-Security-Token"] = endpoint.session_token
    names = sorted(name.lower() for name in signed)
    values = {name.lower(): value.strip() for name, value in signed.items()}
    canonical = "\n".join(
        (
            "POST",
            path,
            "",
            *(f"{name}:{values[name]}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{stamp[:8]}/{endpoint.region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{endpoint.secret_access_key}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    signed["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={endpoint.access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return signed


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
