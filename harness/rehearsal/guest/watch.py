"""Sets up everything that watches a guest's process.

The settings:
  root       the copied project; what lies elsewhere isn't the guest's own
  own        names of the project's modules and packages
  writable   folders besides the root that may be written to
  refuse     whether the guard refuses what the kernel would let pass, because nothing but the guard stands in the way
  ports      ports of this machine that may be connected to
  postgres   host and port of the scratch server
  aws        the settings of `streams/runtime/child/clients.py`
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from harness.rehearsal.guest.guard import guard
from harness.rehearsal.guest.journal import Journal
from harness.rehearsal.guest.postgres import lead_to
from harness.rehearsal.guest.stand_ins import stand_in
from harness.rehearsal.guest.tracebacks import tell_tracebacks
from harness.streams.runtime.child.imports import after_import

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from contextlib import AbstractContextManager
    from types import ModuleType

#: What is told of an answer.
_ANSWERS = ("Count", "ScannedCount", "LastEvaluatedKey", "UnprocessedItems", "UnprocessedKeys")


def watch(environ: MutableMapping[str, str], ourselves: Callable[[], AbstractContextManager[None]]) -> Journal:
    """Watch this process from now on, and return where it is told. `ourselves` makes the harness importable for a moment."""
    settings = json.loads(environ["HARNESS_GUEST"])
    # Endpoints of the environment are for the guest to read: botocore is led by what makes its clients.
    environ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    journal = Journal(environ.get("HARNESS_JOURNAL", os.devnull), settings["root"])

    def lead(_botocore: ModuleType) -> None:
        with ourselves():  # 15 ms that only those pay who use AWS
            from harness.streams.runtime.child.clients import watch_clients  # noqa: PLC0415

            watch_clients(settings["aws"], lambda call: journal("call", **call), measure=False, answers=_ANSWERS)

    after_import("botocore.client", lead)
    if settings["refuse"]:
        lead_to(settings["postgres"])
    tell_tracebacks(journal)
    stand_in(journal, frozenset(settings["own"]))
    guard(journal, settings)
    return journal
