"""Every check there is, by code: whatever the modules in `checks/` define."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from harness.diagnosis import checks as package
from harness.diagnosis.check import Check


@cache
def all_checks() -> dict[str, Check]:
    """Return the checks in the order of their codes. ValueError for a code that two have, or that nobody has."""
    found: dict[str, Check] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for each in vars(import_module(module.name)).values():
            if not isinstance(each, Check):
                continue
            if found.setdefault(each.code, each) is not each:
                raise ValueError(f"two checks have the code {each.code}")
    unknown = {code: each.requires - found.keys() for code, each in found.items() if each.requires - found.keys()}
    if unknown:
        raise ValueError(f"checks require codes that no check has: {unknown}")
    return dict(sorted(found.items()))
