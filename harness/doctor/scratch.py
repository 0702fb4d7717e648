"""Engines of doctor's own, away from the project that is examined and from every stack that is up."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.dataset import Progress, silent
from harness.engines.cache import cache_folder
from harness.engines.registry import open_engine
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.config import Config
    from harness.stack import Stack


def scratch_config(config: Config) -> Config:
    """Return the configuration of doctor's own stacks: one folder for this user, whatever is examined.

    `auto` prefers the embedded engine, which starts in a second. Other people's databases are never scratch.
    """
    if config.engine == "external":
        raise UsageError(
            "doctor loads a project into databases of its own, and engine external is somebody else's",
            hint="leave --engine away, or look at what those databases hold: harness doctor --data",
        )
    folder = _folder()
    folder.mkdir(exist_ok=True)
    scratch = replace(config, project=folder, dynamodb_url=None, postgres_dsn=None)
    if config.engine == "auto":
        embedded = open_engine("embedded", scratch, home=folder, ports={}, shared=False, progress=silent)
        scratch = replace(scratch, engine="embedded" if embedded.check() is None else "docker")
    return scratch


@contextmanager
def scratch_stack(config: Config, *, progress: Progress = silent) -> Iterator[Stack]:
    """Start engines for this block. What a killed doctor left goes first."""
    scratch = scratch_config(config)
    clear_scratch(config)
    with stacks.ephemeral(scratch, progress=progress) as stack:
        yield stack


def clear_scratch(config: Config) -> tuple[str, ...]:
    """Remove what a killed doctor left, and name it; one that is at work is left alone."""
    folder = _folder()
    if not folder.is_dir():
        return ()
    return stacks.down(replace(config, project=folder, engine="auto", dynamodb_url=None, postgres_dsn=None))


def _folder() -> Path:
    return cache_folder(None) / "doctor"
