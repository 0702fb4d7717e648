"""What the application stands on is not there at the moment."""

from __future__ import annotations


class Unavailable(Exception):
    """A service (`postgres`, `dynamodb`, `jwks`) doesn't answer, or not now; the message is for the log only."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(message)
        self.service = service
