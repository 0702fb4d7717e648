"""What a test asks for: engine, seed, sizes, schema. Read from its markers on top of the project's settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harness.config import ENGINES, EngineName
from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NUMBERS = ("seed", "users", "groups", "messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The keywords of `@pytest.mark.harness`; None: as the project's files say. Equal wishes share a template."""

    engine: EngineName | None = None
    seed: int | None = None
    #: `now`, or an instant in ISO 8601 with its offset.
    as_of: str | None = None
    users: int | None = None
    groups: int | None = None
    messages: int | None = None
    #: Globs of schema files that take the place of the project's, of each kind that is among them.
    schema: tuple[str, ...] = ()
    #: `path/to/file.py:function`, or a function: gets the dataset, returns the one to load.
    seed_module: str | Callable[..., Any] | None = None
    #: Schema only: `@pytest.mark.harness_empty`.
    empty: bool = False


KEYWORDS = tuple(field.name for field in fields(Wish) if field.name != "empty")


def read_marks(marks: Iterable[tuple[tuple[object, ...], Mapping[str, Any]]], wish: Wish, *, empty: bool) -> Wish:
    """Lay the markers of a test, given as `(args, kwargs)` and the closest one first, over what holds for all tests."""
    keywords: dict[str, Any] = {}
    for args, kwargs in marks:
        if args:
            shown = ", ".join(map(repr, args))
            raise UsageError(f"@pytest.mark.harness({shown}) takes keywords only", hint=f"known: {', '.join(KEYWORDS)}")
        keywords = {**kwargs, **keywords}
    return replace(_checked(wish, keywords, "@pytest.mark.harness({}={!r})"), empty=empty or wish.empty)


def read_settings(settings: Mapping[str, str | None]) -> Wish:
    """Take what ini keys `harness_NAME` say, as texts; empty ones say nothing."""
    said: dict[str, Any] = {name: text for name, text in settings.items() if text}
    for name in _NUMBERS:
        if name in said and said[name].strip().isdecimal():
            said[name] = int(said[name])
    if "schema" in said:
        said["schema"] = tuple(said["schema"].split())
    return _checked(Wish(), said, "ini: harness_{} = {}")


def _checked(wish: Wish, keywords: Mapping[str, Any], shown: str) -> Wish:
    for name, value in keywords.items():
        what = shown.format(name, value)
        if name not in KEYWORDS:
            hint = did_you_mean(name, KEYWORDS, otherwise=f"known: {', '.join(KEYWORDS)}")
            raise UsageError(f"{what}: no such keyword", hint=hint)
        wish = replace(wish, **{name: _value(name, value, what)})
    return wish


def _value(name: str, value: Any, what: str) -> Any:
    if value is None:
        return () if name == "schema" else None
    if name in _NUMBERS:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise UsageError(f"{what} is not a whole number", hint=f"write {name}=3")
    if name == "schema":
        return (value,) if isinstance(value, str) else tuple(map(str, value))
    if name == "as_of" and isinstance(value, datetime):
        return value.isoformat()
    if name == "engine" and value not in ENGINES:
        otherwise = f"choose one of {', '.join(ENGINES)}"
        raise UsageError(f"{what}: no such engine", hint=did_you_mean(str(value), ENGINES, otherwise=otherwise))
    if name == "seed_module" and callable(value):
        return value
    if isinstance(value, str):
        return value
    raise UsageError(f"{what} is not a text", hint=f"see docs/testing.md, {name}")
