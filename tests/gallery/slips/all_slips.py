"""Every slip there is: importing a kind enters its slips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery.slips import code, seed, sql
from tests.gallery.slips.slip import SLIPS

if TYPE_CHECKING:
    from tests.gallery.slips.slip import Make

KINDS = (sql, seed, code)
ALL: dict[str, Make] = SLIPS
