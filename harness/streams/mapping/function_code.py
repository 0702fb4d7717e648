"""Where a template says that a function's code is, and what keeps it from being run here.

Sources: the SAM developer guide on AWS::Serverless::Function (CodeUri, InlineCode, PackageType), the CloudFormation page on
AWS::Lambda::Function; that SAM's command line takes the template's folder where CodeUri is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.mapping.intrinsics import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCode:
    """A function's Handler and code as they stand in a template; whether they are there was not looked at."""

    #: `module.function`; None for an image, or where it is not said.
    handler: str | None = None
    #: None where it is in a bucket, in an image or in the template itself.
    folder: Path | None = None
    #: Why it is no Python code on this machine, in words that follow the function's name; None where it may be.
    elsewhere: str | None = None


def function_code(properties: Mapping[str, Any], *, key: str, beside: Path) -> FunctionCode:
    """Read it from resolved properties; `key` is CodeUri or Code, and paths count from the folder `beside`."""
    handler, said = properties.get("Handler"), properties.get(key, "." if key == "CodeUri" else None)
    local = isinstance(said, str) and not said.startswith("s3://")
    return FunctionCode(
        handler=handler if isinstance(handler, str) else None,
        folder=(beside / said).resolve() if local else None,
        elsewhere=next(_obstacles(properties, key, said, local=local), None),
    )


def _obstacles(properties: Mapping[str, Any], key: str, said: Any, *, local: bool) -> Iterator[str]:
    handler, runtime = properties.get("Handler"), properties.get("Runtime")
    if properties.get("PackageType") == "Image" or "ImageUri" in properties:
        yield "is an image"
    if isinstance(runtime, str) and not runtime.startswith("python"):
        yield f"has the Runtime {runtime}, and only Python handlers can be run here"
    if handler is None:
        yield "has no Handler"
    elif not isinstance(handler, str) or "." not in handler:
        yield f"has the Handler {_told(handler)}"
    if "InlineCode" in properties or (isinstance(said, dict) and "ZipFile" in said):
        yield "has its code in the template itself"
    if not local:
        yield f"has no {key}" if said is None else f"has the {key} {_told(said)}"


def _told(value: Any) -> str:
    if isinstance(value, Unresolved):
        return f"{value.text}, which is only known once the stack is deployed"
    if isinstance(value, dict):
        parts = (part.text if isinstance(part, Unresolved) else str(part) for part in value.values())
        return f"{'/'.join(parts)}, in a bucket"
    return f"{value}, in a bucket" if str(value).startswith("s3://") else f"{value!r}, which is no module.function"
