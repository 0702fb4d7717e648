"""Where scenarios are played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from harness.capacity.cost import Ledger
    from harness.dataset import Dataset, Item, User
    from harness.http_target.target import HttpTarget
    from harness.stage.expectation import Expectation
    from harness.stores.recorder import Recorder
    from harness.streams.journal import Delivery
    from harness.streams.permissions.recorded import Recorded
    from harness.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where scenarios are played, one after another."""

    dataset: Dataset
    target: Target
    expected: Expectation
    #: Hears the DynamoDB requests of target and handler; None where they can't be heard (an HTTP API).
    recorder: Recorder | None
    #: Knows what requests cost; None where they can't be heard, or the tables are too large to be kept in mind.
    ledger: Ledger | None = None
    #: Reads an item collection, newest first, for the reader of a failure and for exact comparisons.
    items: Callable[[str], Iterable[Item]]
    #: Drains the table's stream through the handler, under given Circumstances; None where no handler is configured.
    deliver: Callable[..., Delivery] | None
    #: Why there is no delivery, where there is none.
    no_delivery: str = "no handler is configured"
    #: The target's clock.
    clock: Callable[[], datetime]
    #: The target once more, where it is an HTTP API: what it answered is held to its contract.
    http: HttpTarget | None = None
    #: Who acts where a scenario has a choice (`harness run --as`).
    me: User | None = None
    #: The permissions that handlers were seen to need until now, by name.
    needs: Callable[[], Mapping[str, Recorded]] = dict
