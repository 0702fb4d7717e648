"""Leads a guest's connections to Postgres to the scratch server, where the sandbox has no doors that would do so.

Without it a script with `localhost:5432` in it would fill the database that its people really use.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from harness.streams.runtime.child.imports import after_import

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lead_to(place: Mapping[str, Any]) -> None:
    """Have every connection that psycopg makes, version 2 or 3, go to this `host` and `port`, whatever is asked for."""

    def change_both(module: Any) -> None:
        for kind in (module.Connection, module.AsyncConnection):
            kind.connect = classmethod(_led(kind.connect.__func__, place))
        module.connect = module.Connection.connect

    def change_function(module: Any) -> None:
        module.connect = _led(module.connect, place)

    after_import("psycopg", change_both)
    after_import("psycopg2", change_function)


def _led(connect: Callable[..., Any], place: Mapping[str, Any]) -> Callable[..., Any]:
    """Keywords go before what stands in the connection string, in both versions."""

    @functools.wraps(connect)
    def led(*positional: Any, **named: Any) -> Any:
        return connect(*positional, **(named | {"hostaddr": place["host"]} | dict(place)))

    return led
