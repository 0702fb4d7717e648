"""Runs code that isn't ours (scenarios, targets, handlers) and gives its failure as data."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """What a guest returned, or what it raised; `error` tells which."""

    value: T | None = None
    error: BaseException | None = None


def attempt(function: Callable[[], T]) -> Outcome[T]:
    """Call a guest; what it prints goes to stderr, because stdout is for results."""
    try:
        with redirect_stdout(sys.stderr):
            return Outcome(value=function())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a guest may raise anything, also call sys.exit
        return Outcome(error=error)
