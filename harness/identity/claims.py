"""What is wrong with a token's claims: whose pool, whose client, what use, and when. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.identity.header import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import UserPool

#: A clock is wrong by minutes; what is off by more was meant so.
_SKEW = timedelta(minutes=5)


def claim_flaws(claims: dict[str, Any], pool: UserPool | None, now: datetime) -> Iterator[Flaw]:
    """Yield what is wrong, in the order in which an API looks (developer guide, "Verifying JSON web tokens")."""
    yield from _time_flaws(claims, now)
    use = claims.get("token_use")
    if pool is not None and claims.get("iss") != pool.issuer:
        said = f"it is of another pool: `iss` is {claims.get('iss')!r}, and this pool's is {pool.issuer!r}"
        yield Flaw(code="other-pool", message=said)
    elif pool is not None and pool.client_id:
        yield from _audience_flaws(claims, use, pool.client_id)
    if use not in {"access", "id"}:
        yield Flaw(code="use", message=f"`token_use` is {use!r}: an API takes access tokens, and perhaps id tokens")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        yield Flaw(code="no-sub", message="it has no `sub`, so it is nobody's")


def _audience_flaws(claims: dict[str, Any], use: object, client_id: str) -> Iterator[Flaw]:
    """Access tokens name their app client in `client_id`, id tokens in `aud`."""
    name = "aud" if use == "id" else "client_id"
    if claims.get(name) != client_id:
        said = f"it is for another app client: `{name}` is {claims.get(name)!r}, and this one's id is {client_id!r}"
        yield Flaw(code="audience", message=said)


def _time_flaws(claims: dict[str, Any], now: datetime) -> Iterator[Flaw]:
    ends = instant(claims.get("exp"))
    if ends is None:
        yield Flaw(code="no-exp", message=f"`exp` is {claims.get('exp')!r}, and not an instant: it would never end")
    elif ends <= now:
        yield Flaw(code="expired", message=_expired(ends, now))
    for name, said in (("nbf", "valid"), ("iat", "issued")):
        begins = instant(claims.get(name))
        if begins is not None and begins > now:
            yield _early(name, said, begins, now)
            return


def _expired(ends: datetime, now: datetime) -> str:
    said = f"it expired {in_words(now - ends)} ago, at {_shown(ends)}"
    if now - ends <= _SKEW:
        return f"{said}; or this machine's clock ({_shown(now)}) is fast"
    return f"{said}: the client has to get a new one, with its refresh token or by signing in"


def _early(name: str, said: str, begins: datetime, now: datetime) -> Flaw:
    ahead = begins - now
    if ahead <= _SKEW:
        words = (
            f"`{name}` is {in_words(ahead)} ahead of this machine's clock ({_shown(now)}): one of two clocks is wrong"
        )
        return Flaw(code="clock-skew", message=words)
    words = f"it is not yet valid: {said} at {_shown(begins)}, which is in {in_words(ahead)}"
    return Flaw(code="not-yet-valid", message=words)


def validity(claims: dict[str, Any], now: datetime) -> str | None:
    """Say from when to when it is valid, and how much of that is left; None where it does not say."""
    begins, ends = instant(claims.get("iat")), instant(claims.get("exp"))
    if begins is None or ends is None:
        return None
    left = f", another {in_words(ends - now)}" if begins <= now < ends else ""
    return f"{_shown(begins)} to {_shown(ends)}{left}"


def instant(seconds: object) -> datetime | None:
    """Return the instant of a NumericDate (RFC 7519, 2); None where it is none."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def in_words(span: timedelta) -> str:
    """`42 s`, `5 min`, `3 h 12 min`, `2 d 4 h`: never more than two units, rounded down."""
    seconds = int(span.total_seconds())
    for size, unit, below, less in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            rest = seconds % size // below
            return f"{seconds // size} {unit}" + (f" {rest} {less}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"  # noqa: PLR2004 - a minute


def _shown(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
