"""A filter's pattern: from its JSON text to a value that can be matched and judged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from harness.streams.filters.rule import InvalidRule, Rule, parse_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A record is never that deep: DynamoDB nests 32 levels, each of them two of JSON's.
_DEEPEST = 100
_FEWEST_ALTERNATIVES = 2

Path = tuple[str, ...]


class InvalidPattern(ValueError):
    """A pattern that AWS refuses, in AWS's words; `reason` is in ours and says where."""

    def __init__(self, reason: str) -> None:
        super().__init__("Invalid filter pattern definition.")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object of a pattern: all of its fields must pass, and one of its alternatives where it has any."""

    #: By name: what must hold below it, or the rules of which one must hold for a value that stands there.
    fields: tuple[tuple[str, Fields | tuple[Rule, ...]], ...]
    #: Of `$or`.
    alternatives: tuple[Fields, ...] = ()

    def rules(self, path: Path = ()) -> Iterator[tuple[Path, tuple[Rule, ...]]]:
        """Go through the lists of rules, those of the alternatives too, each with its place in a record."""
        for name, inner in self.fields:
            if isinstance(inner, Fields):
                yield from inner.rules((*path, name))
            else:
                yield (*path, name), inner
        for alternative in self.alternatives:
            yield from alternative.rules(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What a record must have to pass."""

    #: As the mapping has it.
    text: str
    root: Fields
    #: Keys that the text has more than once in one object. The last one counts, as the DynamoDB page says.
    repeated: tuple[Path, ...] = ()


def parse_pattern(text: str) -> Pattern:
    """Read a pattern; `InvalidPattern` for what CreateEventSourceMapping refuses.

    An object without keys is refused, as EventBridge does; Lambda's page doesn't tell. A key that stands twice counts
    where it stands last, and what stands before isn't looked at. A dot in a key is part of the attribute's name.
    """
    try:
        value = json.loads(text, object_pairs_hook=_Object.of, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidPattern(f"it is not JSON: {error}") from error
    repeated: list[Path] = []
    root = _fields(value, (), repeated)
    return Pattern(text=text, root=root, repeated=tuple(repeated))


class _Object(dict[str, Any]):
    """A JSON object that still knows which of its keys it had twice."""

    repeated: tuple[str, ...] = ()

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Object:
        made = cls(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            made.repeated = tuple(name for name in made if names.count(name) > 1)
        return made


def _fields(value: Any, path: Path, repeated: list[Path]) -> Fields:
    if not isinstance(value, _Object):
        _refuse(path, f"an object belongs here, not {_kind(value)}")
    if not value:
        _refuse(path, "the object has no keys")
    if len(path) > _DEEPEST:
        _refuse(path[:3], f"it goes on for more than {_DEEPEST} levels; no record is that deep")
    repeated.extend((*path, name) for name in value.repeated)
    return Fields(
        fields=tuple((name, _field(inner, (*path, name), repeated)) for name, inner in value.items() if name != "$or"),
        alternatives=_alternatives(value["$or"], (*path, "$or"), repeated) if "$or" in value else (),
    )


def _field(value: Any, path: Path, repeated: list[Path]) -> Fields | tuple[Rule, ...]:
    if isinstance(value, _Object):
        return _fields(value, path, repeated)
    if not isinstance(value, list):
        _refuse(path, f"an object or a list of rules belongs here, not {_kind(value)}")
    if not value:
        _refuse(path, "the list of rules is empty")
    try:
        return tuple(map(parse_rule, value))
    except InvalidRule as error:
        _refuse(path, str(error))


def _alternatives(value: Any, path: Path, repeated: list[Path]) -> tuple[Fields, ...]:
    if not isinstance(value, list) or len(value) < _FEWEST_ALTERNATIVES:
        _refuse(path, "a list of two or more objects belongs here")
    return tuple(_fields(alternative, (*path, str(index)), repeated) for index, alternative in enumerate(value))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")


def _refuse(path: Path, reason: str) -> NoReturn:
    raise InvalidPattern(f"{'.'.join(path) or 'the whole pattern'}: {reason}")


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else json.dumps(value)
