"""What crashed workers left running is removed by their controller."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.errors import HarnessError
from harness.testing.settings import project_config

if TYPE_CHECKING:
    import pytest

log = logging.getLogger(__name__)


def sweep_up(config: pytest.Config) -> None:
    """Remove stacks that no process of a run holds any more."""
    try:
        project = project_config(config, None)
        if project.state_folder.is_dir():
            stacks.sweep_runs(project)
    except HarnessError as exc:
        log.warning("what crashed workers left is left to the next start: %s", exc.message)
