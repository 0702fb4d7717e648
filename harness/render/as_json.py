"""Report → JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.report import Report


def render_json(report: Report) -> str:
    """Return the whole report as one JSON object, in ASCII, so that it survives any locale."""
    return json.dumps(report.to_dict(), indent=2, default=str) + "\n"
