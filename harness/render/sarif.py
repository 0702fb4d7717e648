"""Diagnosis → SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.diagnosis.check import Check
    from harness.diagnosis.diagnosis import Diagnosis
    from harness.diagnosis.finding import Finding
    from harness.project.place import Place


def render_sarif(diagnosis: Diagnosis, checks: Mapping[str, Check], *, version: str) -> str:
    """Return one run with a rule for each code that was found."""
    codes = sorted({finding.code for finding in diagnosis.findings})
    run = {
        "tool": {"driver": {"name": "harness doctor", "version": version, "rules": _rules(checks, codes)}},
        "results": [_result(finding, codes.index(finding.code)) for finding in diagnosis.findings],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _rules(checks: Mapping[str, Check], codes: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": code,
            "shortDescription": {"text": checks[code].title},
            "help": {"text": checks[code].advice},
            "defaultConfiguration": {"level": checks[code].severity},
        }
        for code in codes
    ]


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": f"{finding.cause}\n{finding.advice}"},
        "locations": [_location(finding.place)] if finding.place else [],
    }
    related = [
        {"id": number, **_location(seen.place), "message": {"text": seen.text}}
        for number, seen in enumerate(finding.evidence)
        if seen.place
    ]
    return result | ({"relatedLocations": related} if related else {})


def _location(place: Place) -> dict[str, Any]:
    region = {"region": {"startLine": place.line}} if place.line else {}
    return {"physicalLocation": {"artifactLocation": {"uri": place.path}, **region}}
