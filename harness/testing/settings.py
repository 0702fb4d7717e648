"""What a pytest run says: options, ini keys, markers, and which run it is part of."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.config import load_config
from harness.errors import UsageError
from harness.spelling import did_you_mean
from harness.testing.supply import Supply
from harness.testing.wish import KEYWORDS, Wish, read_marks, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from harness.config import Config

_ENDPOINTS = ("dynamodb_url", "postgres_dsn")
#: Key of what a controller tells its workers.
NOW = "harness_now"


def project_config(config: pytest.Config, endpoints: Mapping[str, Any] | None) -> Config:
    """Read the project that the tests are of: --harness-project, the ini key, else where pytest's rootdir is."""
    named = config.getoption("harness_project") or config.getini("harness_project")
    folder = config.rootpath / (named or "")
    if not folder.is_dir():
        raise UsageError(f"the harness project {folder} is not a folder", hint="--harness-project FOLDER")
    engine = config.getoption("harness_engine") or config.getini("harness_engine") or None
    found = load_config(folder, os.environ, {"engine": engine})
    return found if endpoints is None else _on(found, endpoints)


def _on(config: Config, endpoints: Mapping[str, Any]) -> Config:
    for name in endpoints:
        if name not in _ENDPOINTS:
            hint = did_you_mean(name, _ENDPOINTS, otherwise=f"known: {', '.join(_ENDPOINTS)}")
            raise UsageError(f"harness_endpoints gives {name!r}", hint=hint)
    if missing := [name for name in _ENDPOINTS if not endpoints.get(name)]:
        raise UsageError(f"harness_endpoints gives no {' and no '.join(missing)}", hint="return both")
    return replace(config, engine="external", **endpoints)


def open_supply(config: pytest.Config, project: Config, *, patience: float) -> Supply:
    """Return where this process's namespaces come from; xdist's workers belong to one run."""
    told: Mapping[str, Any] = getattr(config, "workerinput", {})
    now = told.get(NOW)
    return Supply(
        config=project,
        run=told.get("testrunuid") or secrets.token_hex(8),
        now=datetime.fromisoformat(now) if now else datetime.now(UTC),
        patience=patience,
    )


def general_wish(config: pytest.Config) -> Wish:
    """Return what the ini keys say for all tests; the engine is part of the configuration."""
    return read_settings({name: config.getini(f"harness_{name}") for name in KEYWORDS if name != "engine"})


def wish_of(node: pytest.Item) -> Wish:
    """Return what a test asks for: its markers on top of the ini keys."""
    marks = [(mark.args, mark.kwargs) for mark in node.iter_markers("harness")]
    empty = node.get_closest_marker("harness_empty") is not None
    return read_marks(marks, general_wish(node.config), empty=empty)
