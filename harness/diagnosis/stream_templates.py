"""What templates say of the mapping between the table's stream and its handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.diagnosis.template_files import line_of, templates_of
from harness.streams.mapping.templates import mappings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.place import Place
    from harness.project.source import Source
    from harness.streams.mapping.intrinsics import Template
    from harness.streams.mapping.templates import Found


def stream_mappings(facts: Facts) -> Iterator[tuple[Source, Template, Found]]:
    """Yield the mappings of DynamoDB streams in the project's templates."""
    for source, template in templates_of(facts.project) if facts.project else ():
        for found in mappings_of(template):
            yield source, template, found


def batch_sizes(facts: Facts) -> list[tuple[Place, Any]]:
    """Return what templates set as BatchSize, with the mapping's place."""
    return [
        (line_of(source, found.event or found.reference), template.resolve(found.properties["BatchSize"]))
        for source, template, found in stream_mappings(facts)
        if "BatchSize" in found.properties
    ]


def filters_events(facts: Facts) -> bool:
    """Tell whether each mapping filters on eventName, so that the handler need not."""
    mappings = [found.properties.get("FilterCriteria") for _, _, found in stream_mappings(facts)]
    return bool(mappings) and all("eventName" in json.dumps(criteria, default=str) for criteria in mappings)
