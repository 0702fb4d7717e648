"""Everything that isn't an answer, as JSON: no page of HTML, and no 5xx but for services that don't answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from werkzeug.exceptions import HTTPException

from harness.target import Refused
from scenarios.messaging import NotWritten

from .bodies import Rejected
from .log import log
from .tokens import Unauthorized
from .unavailable import Unavailable
from .views import refusal

if TYPE_CHECKING:
    from flask import Flask, Response

#: Other reasons are faults of what was sent: 422.
_STATUS = {"not_a_member": 403, "cognito_user_id_unknown": 403, "user_unknown": 404, "user_ambiguous": 409}
#: Codes of DynamoDB that mean a mistake of ours, and none of its own.
_OURS = frozenset({"ValidationException", "SerializationException"})


def answer_errors(app: Flask) -> None:
    """Let the application answer each kind of error in its own words."""
    app.register_error_handler(Unauthorized, unauthorized)
    app.register_error_handler(Refused, lambda e: refusal([e.reason], str(e), _STATUS.get(e.reason, 422)))
    app.register_error_handler(Rejected, lambda e: refusal(e.codes, str(e), e.status))
    app.register_error_handler(Unavailable, lambda e: unavailable(e.service, str(e)))
    app.register_error_handler(NotWritten, lambda e: unavailable("dynamodb", str(e)))
    app.register_error_handler(BotoCoreError, lambda e: unavailable("dynamodb", str(e)))
    app.register_error_handler(ClientError, dynamodb_refused)
    app.register_error_handler(HTTPException, http_error)


def unauthorized(error: Unauthorized) -> Response:
    """401: why goes to the log, too, and into the header that RFC 6750 asks for."""
    log.warning("token refused", extra={"reason": error.code, "why": str(error)})
    response = refusal([error.code], str(error), HTTPStatus.UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = "Bearer" if error.code == "token_missing" else 'Bearer error="invalid_token"'
    return response


def unavailable(service: str, why: str) -> Response:
    """503: a service that is waited for."""
    log.error("service unavailable", extra={"service": service, "why": why})
    response = refusal([f"{service}_unavailable"], f"{service} does not answer; try again", 503)
    response.headers["Retry-After"] = "1"
    return response


def dynamodb_refused(error: ClientError) -> Response:
    """DynamoDB throttles, or has no such table yet, or is starting: that is 503. Our own mistake stays one."""
    if error.response.get("Error", {}).get("Code") in _OURS:
        raise error
    return unavailable("dynamodb", str(error))


def http_error(error: HTTPException) -> Response:
    """404, 405, 413, 415, 500: the code is the status's name."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = refusal([error.name.lower().replace(" ", "_")], error.description or error.name, status)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response
