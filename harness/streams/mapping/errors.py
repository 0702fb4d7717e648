"""What Lambda's control plane answers when it says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from harness.errors import ExitCode, HarnessError

if TYPE_CHECKING:
    from collections.abc import Sequence

Code = Literal[
    "InvalidParameterValueException", "ValidationException", "ResourceConflictException", "ResourceNotFoundException"
]
_STATUS = {"ResourceConflictException": 409, "ResourceNotFoundException": 404}


class ApiError(HarnessError):
    """An error of the Lambda API: its code, HTTP status and message are AWS's, the hint is ours."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, code: Code, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = _STATUS.get(code, 400)


def invalid(message: str, *, hint: str) -> ApiError:
    """Return the error for a request that has the right shape and asks for what can't be."""
    return ApiError("InvalidParameterValueException", message, hint=hint)


def violated(violations: Sequence[str], *, hint: str) -> ApiError:
    """Return the one error for everything in a request that breaks the API's model, counted and joined as AWS does."""
    count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected"
    return ApiError("ValidationException", f"{count}: {'; '.join(violations)}", hint=hint)


def not_found() -> ApiError:
    """Return the error for a UUID that no mapping has."""
    return ApiError(
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
        hint="list the mappings: their UUIDs stand there",
    )


def conflict(stream_arn: str, function: str, uuid: str) -> ApiError:
    """Return the error for a second mapping of a stream to a function. The blanks inside the brackets are AWS's."""
    return ApiError(
        "ResourceConflictException",
        f'The event source arn (" {stream_arn} ") and function (" {function} ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {uuid}",
        hint=f"update or delete {uuid}; another function, or an alias, may read the same stream",
    )
