"""What a template says of the function itself: where its code is, its limits, its environment.

What its role may do is read by `harness.streams.permissions.sources`, from the same template and logical id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.caution import Caution
from harness.streams.mapping.function_code import FunctionCode, function_code
from harness.streams.mapping.intrinsics import Template, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SERVERLESS = "AWS::Serverless::Function"
_LIMITS = {"Timeout": (3, 1, 900), "MemorySize": (128, 128, 10_240)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """A function resource of a template. Defaults are Lambda's."""

    #: The file it stands in.
    template: Path
    logical_id: str
    #: FunctionName, or the logical id.
    name: str
    code: FunctionCode
    runtime: str | None = None
    #: Seconds.
    timeout: int = 3
    #: MB.
    memory_size: int = 128
    environment: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()


def function_settings(template: Template, logical_id: str) -> FunctionSettings:
    """Read an AWS::Serverless::Function or AWS::Lambda::Function, with the template's Globals."""
    kind, own = template.resource(logical_id)
    properties = _with_globals(template, own) if kind == _SERVERLESS else own
    resolved = template.resolve(properties)
    environment, cautions = _environment(logical_id, resolved.get("Environment"))
    return FunctionSettings(
        template=template.document.path,
        logical_id=logical_id,
        name=template.name(logical_id),
        code=function_code(
            resolved, key="CodeUri" if kind == _SERVERLESS else "Code", beside=template.document.path.parent
        ),
        runtime=_known_text(resolved.get("Runtime")),
        timeout=_limit(template, logical_id, "Timeout", resolved.get("Timeout")),
        memory_size=_limit(template, logical_id, "MemorySize", resolved.get("MemorySize")),
        environment=environment,
        cautions=cautions,
    )


def _with_globals(template: Template, own: Mapping[str, Any]) -> dict[str, Any]:
    shared = template.section("Globals").get("Function")
    return _merged(shared if isinstance(shared, dict) else {}, own)


def _merged(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as SAM puts Globals under a function: objects are merged, lists joined, the rest is the function's."""
    merged = {**shared, **own}
    for key in shared.keys() & own.keys():
        below, above = shared[key], own[key]
        if isinstance(below, dict) and isinstance(above, dict):
            merged[key] = _merged(below, above)
        elif isinstance(below, list) and isinstance(above, list):
            merged[key] = [*below, *above]
    return merged


def _known_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _limit(template: Template, logical_id: str, key: str, said: Any) -> int:
    default, low, high = _LIMITS[key]
    if said is None:
        return default
    if isinstance(said, Unresolved):
        message = f"{key} of {logical_id} is {said.text}, which is only known once the stack is deployed"
        raise template.document.wrong(message, near=key, hint="write the number itself, or a parameter's Default")
    number = int(said) if isinstance(said, str) and said.isascii() and said.isdigit() else said
    if isinstance(number, int) and not isinstance(number, bool) and low <= number <= high:
        return number
    raise template.document.wrong(
        f"{key} of {logical_id} is {said!r}", near=key, hint=f"it must be a whole number from {low} to {high}"
    )


def _environment(logical_id: str, said: Any) -> tuple[dict[str, str], tuple[Caution, ...]]:
    variables = said.get("Variables") if isinstance(said, dict) else None
    if said is not None and not isinstance(variables, dict | None):
        raise UsageError(f"Environment of {logical_id} is {said!r}", hint="write Environment: Variables: NAME: value")
    known, cautions = {}, []
    for name, value in (variables or {}).items():
        if isinstance(value, str | int | float):
            known[name] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            was = value.text if isinstance(value, Unresolved) else repr(value)
            text = f"{name} of {logical_id} is {was}, known only once the stack is deployed: it is not set here"
            cautions.append(Caution(code="variable-unknown", text=text))
    return known, tuple(cautions)
