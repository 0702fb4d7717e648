"""The door into a guest's process: Python runs this at its start (module `site`), before the script.

Found on PYTHONPATH, which child processes inherit. HARNESS_GUEST holds the settings of `watch.py`, as JSON.
"""

# Every guest would pay 5 ms for pathlib.
# ruff: noqa: PTH100, PTH120
from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(_HERE)))


@contextmanager
def ourselves() -> Iterator[None]:
    """Make the harness importable for this block, and unknown afterwards: the guest may have modules of that name."""
    theirs = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] == "harness"}
    sys.path.insert(0, _PACKAGE)
    try:
        yield
    finally:
        sys.path.remove(_PACKAGE)
        for name in [name for name in sys.modules if name.partition(".")[0] == "harness"]:
            del sys.modules[name]
        sys.modules.update(theirs)


sys.path[:] = [entry for entry in sys.path if entry != _HERE]
if "HARNESS_GUEST" in os.environ:
    with ourselves():
        from harness.rehearsal.guest.watch import watch

        journal = watch(os.environ, ourselves)
