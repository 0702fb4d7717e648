"""Puts the application together."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, g, request

from .cors import allow_origins
from .errors import answer_errors
from .log import log
from .routes import routes

if TYPE_CHECKING:
    from flask import Response

    from .services import Services

#: Bytes of a body: the longest message, every character of it escaped twice over, takes a fifth.
LONGEST_BODY = 64 * 1024
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


def create_app(services: Services, origins: frozenset[str]) -> Flask:
    """Return the WSGI application; `origins` are the front ends that may read its answers in a browser."""
    app = Flask("messages", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.url_map.merge_slashes = False  # it would answer with a redirect, in HTML
    _log_requests(app)
    allow_origins(app, origins)
    answer_errors(app)
    app.register_blueprint(routes(services))
    return app


def _log_requests(app: Flask) -> None:
    """Give each request an id, the caller's own if it has one, and a line in the log."""
    app.logger = log

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        took = round((time.perf_counter() - g.began) * 1000, 1)
        seen = {"method": request.method, "path": request.path, "status": response.status_code, "ms": took}
        log.info("request", extra=seen)
        return response
