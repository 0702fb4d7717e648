"""What is wrong with a token, in words, and since when. Pure: keys and time come from outside."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from harness.identity.claims import claim_flaws
from harness.identity.header import Flaw, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from harness.endpoint import UserPool

_ALGORITHM = "RS256"
#: header.payload.signature, and the five parts of an encrypted one (RFC 7515, RFC 7516).
_SIGNED, _ENCRYPTED = 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a token says, and all that is wrong with it. The token itself is not in here."""

    flaws: tuple[Flaw, ...]
    header: dict[str, Any]
    claims: dict[str, Any]
    #: Whether the signature was looked at: there has to be a pool, and its keys.
    verified: bool

    @property
    def good(self) -> bool:
        """Whether an API that stands on this pool must accept it."""
        return not self.flaws


def inspect(text: str, *, pool: UserPool | None, keys: Mapping[str, jwt.PyJWK] | None, now: datetime) -> Inspection:
    """Read a token as it was sent or copied. Without a pool or its keys, only what needs neither is looked at."""
    token, around = unwrap(text)
    if token is None:
        return Inspection(flaws=around, header={}, claims={}, verified=False)
    header, claims, misshapen = _read(token)
    if misshapen is not None:
        return Inspection(flaws=(*around, misshapen), header=header, claims=claims, verified=False)
    about_claims = tuple(claim_flaws(claims, pool, now))
    elsewhere = any(flaw.code == "other-pool" for flaw in about_claims)
    # Another pool's key is not known here, and that is no second fault.
    skipped = keys is None or (elsewhere and header.get("kid") not in keys)
    signed = () if keys is None or skipped else tuple(_signature_flaws(token, header, keys))
    algorithm = tuple(_algorithm_flaws(header))
    return Inspection(
        flaws=(*around, *algorithm, *(() if algorithm else signed), *about_claims),
        header=header,
        claims=claims,
        verified=not skipped and not algorithm,
    )


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any], Flaw | None]:
    parts = token.split(".")
    if len(parts) == _ENCRYPTED:
        said = "it has five parts, so it is encrypted: Cognito's refresh tokens are, and no API can read them"
        return {}, {}, Flaw(code="encrypted", message=said)
    if len(parts) != _SIGNED:
        said = f"it is no JWT: that has three parts between points, this has {len(parts)}"
        return {}, {}, Flaw(code="not-a-jwt", message=said)
    read: list[dict[str, Any]] = []
    for name, part in zip(("header", "payload"), parts, strict=False):
        try:
            read.append(_document(part))
        except ValueError as exc:
            said = f"it is no JWT: its {name} {exc}"
            return read[0] if read else {}, {}, Flaw(code="not-a-jwt", message=said)
    return read[0], read[1], None


def _document(part: str) -> dict[str, Any]:
    try:
        text = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("is not base64url; was it cut off, or changed on the way?") from exc
    try:
        document = json.loads(text)
    except ValueError as exc:
        raise ValueError("is not JSON; was it cut off, or changed on the way?") from exc
    if not isinstance(document, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - of the same kind to the caller
    return document


def _algorithm_flaws(header: dict[str, Any]) -> Iterator[Flaw]:
    algorithm = header.get("alg")
    if str(algorithm).casefold() == "none":
        yield Flaw(code="alg-none", message="`alg` is none: nobody signed it, so anybody can have written it")
    elif algorithm != _ALGORITHM:
        yield Flaw(code="algorithm", message=f"`alg` is {algorithm!r}, and Cognito signs with {_ALGORITHM} only")


def _signature_flaws(token: str, header: dict[str, Any], keys: Mapping[str, jwt.PyJWK]) -> Iterator[Flaw]:
    kid = header.get("kid")
    if not isinstance(kid, str):
        yield Flaw(code="no-kid", message="its header has no `kid`, so nobody can tell which key signed it")
    elif kid not in keys:
        known = ", ".join(sorted(keys)) or "none"
        said = f"`kid` {kid!r} is no key of the pool (it has {known}): of another pool, or from before it was made anew"
        yield Flaw(code="unknown-kid", message=said)
    else:
        try:
            jwt.PyJWS().decode(token, keys[kid], algorithms=[_ALGORITHM])
        except jwt.InvalidSignatureError:
            said = f"the signature is not that of the pool's key {kid!r}: it was changed, or another key signed it"
            yield Flaw(code="signature", message=said)
        except jwt.PyJWTError as exc:
            yield Flaw(code="signature", message=f"the signature is none ({exc}): was the token cut off?")
