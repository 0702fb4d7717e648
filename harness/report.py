"""What a run came to: one frozen value that every renderer reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.prices import Prices
    from harness.scenario import ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the seed put into both databases."""

    seed: int
    #: ISO 8601, UTC.
    as_of: str
    #: Of the dataset, and, computed again, of what the databases hold: they are equal, or loading fails.
    digest: str
    counts: dict[str, int]
    #: False when the databases already held exactly this.
    changed: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of the main job."""

    engine: str
    #: Why the engines before it were passed over: `(name, reason)`.
    passed_over: tuple[tuple[str, str], ...]
    #: Without passwords.
    endpoints: dict[str, str]
    loaded: Loaded
    scenarios: tuple[ScenarioResult, ...]
    #: What request units cost.
    prices: Prices
    #: ISO 8601, UTC.
    started_at: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Every scenario passed, and there was at least one."""
        return bool(self.scenarios) and all(result.passed for result in self.scenarios)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self) | {
            "passed": self.passed,
            "scenarios": [
                asdict(result) | {"passed": result.passed, "a_million": self.a_million(result)}
                for result in self.scenarios
            ],
        }

    def a_million(self, result: ScenarioResult) -> dict[str, float]:
        """Return what a million of each of a scenario's priced calls cost, in US dollars."""
        priced = result.units.priced if result.units else ()
        return {each.what: self.prices.of_a_million(read=each.read, write=each.write) for each in priced}
