"""CORS, in one place and once: a header that two places write stands twice, and browsers refuse that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from flask import Flask

_METHODS = "GET, HEAD, OPTIONS, POST"
_REQUEST_HEADERS = "Authorization, Content-Type, X-Request-Id"
_RESPONSE_HEADERS = "Link, Retry-After, X-Request-Id"
_MAX_AGE = "600"


def allow_origins(app: Flask, origins: frozenset[str]) -> None:
    """Answer preflights, and let those front ends read every answer, errors too."""

    @app.before_request
    def preflight() -> Response | None:
        """Anybody may ask what is allowed, with no token."""
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204) if asked else None

    @app.after_request
    def allow(response: Response) -> Response:
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = _METHODS
                response.headers["Access-Control-Allow-Headers"] = _REQUEST_HEADERS
                response.headers["Access-Control-Max-Age"] = _MAX_AGE
        return response
