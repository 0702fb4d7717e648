"""What becomes of a unit after a call: done, carried on in part, halved, tried again, or given up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.streams.delivery import traps
from harness.streams.delivery.decision import Settled

if TYPE_CHECKING:
    from harness.streams.caution import Caution
    from harness.streams.delivery.limits import Limits
    from harness.streams.delivery.unit import Call, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What to tell, and what to go on with."""

    settled: Settled
    #: They take the unit's place, in this order.
    units: tuple[Unit, ...] = ()
    #: Its records are to be discarded, RetryAttemptsExhausted; a final invocation's state goes with it.
    given_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Outcomes under one mapping's rules."""

    limits: Limits
    #: BisectBatchOnFunctionError.
    bisect: bool
    time_scale: float

    def of(self, unit: Unit, call: Call, now: float) -> Outcome:
        """Decide on a unit by its latest call, which it has counted already."""
        match call.judgement.verdict:
            case "success" | "partial":
                outcome = _advance(unit, call.judgement.handled, now)
            case "function_error" if self.bisect and len(unit.records) > 1:
                outcome = _halve(unit, now)
            case "failure" | "function_error" if self.limits.exhausted(unit):
                outcome = _give_up(unit)
            case _:
                outcome = self._try_again(unit, call, now)
        cautions = (*call.judgement.cautions, *outcome.settled.cautions)
        return replace(outcome, settled=replace(outcome.settled, verdict=call.judgement.verdict, cautions=cautions))

    def _try_again(self, unit: Unit, call: Call, now: float) -> Outcome:
        stuck = self.limits.stuck(unit)
        cautions = (_stuck(unit, call),) if stuck and unit.failures == self.limits.cap else ()
        settled = Settled(verdict="failure", stuck=stuck, cautions=cautions)
        return Outcome(settled=settled, units=(unit.again(now, self.time_scale),))


def _advance(unit: Unit, handled: int, now: float) -> Outcome:
    """Pass what is handled; the rest begins with a fresh budget (as a failure record of AWS's shows)."""
    done, rest = unit.records[:handled], unit.records[handled:]
    units = (unit.part(rest, now),) if rest else ()
    return Outcome(settled=Settled(verdict="success", handled=done, remainder=rest), units=units)


def _halve(unit: Unit, now: float) -> Outcome:
    """Go on with two halves, for which no retry is charged. Where AWS cuts an odd number is not documented."""
    middle = len(unit.records) // 2
    halves = unit.records[:middle], unit.records[middle:]
    units = tuple(unit.part(half, now) for half in halves)
    return Outcome(settled=Settled(verdict="function_error", halves=halves), units=units)


def _give_up(unit: Unit) -> Outcome:
    cautions = lost(unit)
    return Outcome(settled=Settled(verdict="failure", cautions=cautions), given_up=True)


def lost(unit: Unit) -> tuple[Caution, ...]:
    """Warn of what goes with a unit that is given up and never failed itself."""
    if unit.window is not None and unit.final:
        return (traps.window_state_dropped(unit.window),)
    bystanders = unit.never_reported()
    return (traps.lost_behind_reported(bystanders),) if bystanders else ()


def _stuck(unit: Unit, call: Call) -> Caution:
    if unit.waits:
        return traps.not_reached(unit.records, unit.waits, call.result.reason)
    return traps.poison_blocks_shard(unit.records, unit.attempts)
