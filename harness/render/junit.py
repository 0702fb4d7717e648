"""Report → JUnit XML: a test suite for each scenario, a test case for each step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from harness.render import words

if TYPE_CHECKING:
    from harness.report import Report
    from harness.scenario import ScenarioResult, Step


def render_junit(report: Report) -> str:
    """Return the document that CI systems read."""
    suites = [_suite(result, report.started_at) for result in report.scenarios]
    root = ET.Element("testsuites", name="harness", time=f"{report.seconds:.3f}")
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(result: ScenarioResult, started_at: str) -> ET.Element:
    cases = [_case(result, step) for step in result.steps]
    if result.error or not result.steps:
        cases.append(_broken_off(result))
    suite = ET.Element(
        "testsuite",
        name=words.printable(f"{result.pattern} {result.title}"),
        tests=str(len(cases)),
        failures=str(sum(not step.passed for step in result.steps)),
        errors=str(len(cases) - len(result.steps)),
        skipped="0",
        time=f"{result.seconds:.3f}",
        # The format has no offset; it is UTC.
        timestamp=started_at[:19],
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="capacity", value=str(result.capacity))
    for note in result.notes:
        ET.SubElement(properties, "property", name="measured", value=words.printable(note))
    suite.extend(cases)
    return suite


def _case(result: ScenarioResult, step: Step) -> ET.Element:
    case = _element(result, step.name)
    if not step.passed:
        failure = ET.SubElement(case, "failure", message=words.printable(f"not as expected: {step.name}"))
        failure.text = words.printable(_evidence(step))
    return case


def _broken_off(result: ScenarioResult) -> ET.Element:
    case = _element(result, "runs to its end")
    error = result.error or "it has no step, so it proves nothing"
    last = error.strip().rpartition("\n")[2]
    ET.SubElement(case, "error", message=words.printable(last)).text = words.printable(error)
    return case


def _element(result: ScenarioResult, name: str) -> ET.Element:
    return ET.Element("testcase", classname=words.printable(f"harness.{result.pattern}"), name=words.printable(name))


def _evidence(step: Step) -> str:
    parts = (
        ("expected", step.expected),
        ("actual", step.actual),
        ("requests", "\n".join(words.request(call) for call in step.calls) or None),
        ("item collection", step.collection),
    )
    return "\n\n".join(f"{name}\n{value}" for name, value in parts if value is not None)
