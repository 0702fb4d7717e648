"""Finds a project's scenarios."""

from __future__ import annotations

from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.http_scenario import answers_over_http
from harness.loading import load_module
from harness.scenario import Scenario
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.config import Config


def collect_scenarios(config: Config, patterns: Sequence[str] = ()) -> tuple[Scenario, ...]:
    """Return the scenarios of the project in file name order, or those named, in the order named.

    Those that want to be named are left out where none is.
    """
    found: dict[str, tuple[Scenario, Path]] = {}
    for path in scenario_files(config):
        for value in vars(load_module(path, what="scenario", project=config.project)).values():
            if not isinstance(value, Scenario):
                continue
            earlier, other = found.setdefault(value.pattern, (value, path))
            if earlier != value:
                raise UsageError(
                    f"two scenarios for pattern {value.pattern!r}: {earlier.title!r} in {other} and {value.title!r} in {path}",
                    hint="give one of them another pattern name in its @scenario(…)",
                )
    if found and config.over_http:
        # No user's ground: what an HTTP API promises beside A to E is the same for every project.
        found.setdefault(answers_over_http.pattern, (answers_over_http, Path()))
    if not found:
        raise UsageError(
            f"no scenarios: no function with @scenario(…) in {', '.join(config.scenarios) or 'an empty list'}"
            f" (looked in {config.project})",
            hint="name the folder under `scenarios` in harness.toml, or write a start with `harness init`",
        )
    known = {name: each for name, (each, _) in found.items()}
    return tuple(
        _named(pattern, known) for pattern in patterns or (name for name, each in known.items() if not each.when_named)
    )


def scenario_files(config: Config) -> list[Path]:
    """Return the files that scenarios are collected from: of a folder, its own *.py files that don't begin with `_`."""
    files: dict[Path, None] = {}
    for pattern in config.scenarios:
        for match in sorted(glob(str(config.project / pattern), recursive=True)):  # noqa: PTH207 - pattern may be absolute
            path = Path(match)
            inside = sorted(path.glob("*.py")) if path.is_dir() else [path]
            files |= dict.fromkeys(file for file in inside if file.suffix == ".py" and not file.name.startswith("_"))
    return list(files)


def _named(pattern: str, found: dict[str, Scenario]) -> Scenario:
    """Return a scenario by its name, whichever case it was typed in."""
    for name, each in found.items():
        if pattern.casefold() == name.casefold():
            return each
    known = ", ".join(f"{name} ({each.title})" for name, each in found.items())
    raise UsageError(
        f"no scenario for pattern {pattern!r}; there are: {known}",
        hint=did_you_mean(pattern, found, otherwise=f"try `harness run {next(iter(found))}`, or `harness run` for all"),
    )
