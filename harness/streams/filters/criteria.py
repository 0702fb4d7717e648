"""A mapping's FilterCriteria: several patterns, of which a record must match one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.streams.filters.match import Test, compile_fields
from harness.streams.filters.pattern import InvalidPattern, Pattern, parse_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterCriteria:
    """Patterns, compiled once. Make it with `of`."""

    patterns: tuple[Pattern, ...]
    tests: tuple[Test, ...] = field(repr=False, compare=False)

    @staticmethod
    def of(patterns: Sequence[str]) -> FilterCriteria:
        """Read patterns, as they stand in a mapping. `InvalidPattern` for the first that AWS would refuse."""
        parsed = tuple(_parse(text, number, len(patterns)) for number, text in enumerate(patterns, 1))
        return FilterCriteria(patterns=parsed, tests=tuple(compile_fields(pattern.root) for pattern in parsed))

    def matches(self, data: Mapping[str, Any]) -> bool:
        """Tell whether a record in the event's shape passes: it matches a pattern, or there is none to match."""
        record = data if isinstance(data, dict) else dict(data)
        return not self.tests or any(test(record) for test in self.tests)


def _parse(text: str, number: int, count: int) -> Pattern:
    try:
        return parse_pattern(text)
    except InvalidPattern as invalid:
        if count == 1:
            raise
        raise InvalidPattern(f"filter {number}: {invalid.reason}") from invalid
