"""An HTTP exchange with an application, made by us or recorded by a browser."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and what was answered."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    status: int
    #: In order; a name may stand twice, which is what some checks look for.
    response_headers: tuple[tuple[str, str], ...]
    response_body: str

    @property
    def path(self) -> str:
        """The path of the URL; all of it where it is none."""
        try:
            return urlsplit(self.url).path
        except ValueError:
            return self.url

    def sent(self, name: str) -> tuple[str, ...]:
        """Return the values of a request header, whatever its letter case."""
        return tuple(value for key, value in self.request_headers if key.lower() == name.lower())

    def got(self, name: str) -> tuple[str, ...]:
        """Return the values of a response header, whatever its letter case."""
        return tuple(value for key, value in self.response_headers if key.lower() == name.lower())
