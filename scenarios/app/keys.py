"""The user pool's public keys, fetched when needed, and kept while they can't be fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt

from .log import log
from .tokens import Unauthorized
from .unavailable import Unavailable

if TYPE_CHECKING:
    from jwt.api_jwk import PyJWK, PyJWKSet

#: Seconds between two looks at an unknown key id: a key may be new, and a stranger may send a thousand ids.
_COOLDOWN = 5
_TIMEOUT = 3


class Keys(jwt.PyJWKClient):
    """PyJWT's client, which lets go of its keys after five minutes; this one does only for newer ones."""

    def __init__(self, url: str, *, lifespan: float = 300) -> None:
        super().__init__(url, lifespan=lifespan, timeout=_TIMEOUT, cooldown_duration=_COOLDOWN)
        self._kept: PyJWKSet | None = None

    def signing_key(self, kid: object) -> PyJWK:
        """Return a key by its id; raise Unauthorized where there is none, Unavailable where no key was ever seen."""
        if not isinstance(kid, str):
            raise Unauthorized("token_key_unknown", "the token names no key")
        try:
            return self.get_signing_key(kid)
        except jwt.PyJWKClientError as error:
            raise Unauthorized(
                "token_key_unknown", "the token is signed with a key that the user pool lacks"
            ) from error

    def get_jwk_set(self, refresh: bool = False) -> PyJWKSet:  # noqa: FBT001, FBT002 - PyJWT's own signature
        """Return the newest set that could be had; raise Unavailable where none ever was."""
        try:
            self._kept = super().get_jwk_set(refresh)
        except (jwt.PyJWKClientError, jwt.PyJWKSetError, ValueError, OSError) as error:
            if self._kept is None or self.jwk_set_cache is None:
                raise Unavailable("jwks", f"{self.uri}: {error}") from error
            log.warning("JWKS unreachable, cached keys go on", extra={"url": self.uri, "reason": str(error)})
            # For another lifespan, so that not every request waits for an endpoint that is gone.
            self.jwk_set_cache.put(self._kept)
        return self._kept
