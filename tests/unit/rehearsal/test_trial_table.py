from __future__ import annotations

from typing import Any

from harness.held import Held, Table
from harness.rehearsal.trial_table import shape_of
from tests.unit.rehearsal.sources import project, source

KEYS = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]


def table(name: str, *attributes: str, sk: str | None = None, **more: Any) -> Table:
    definitions = [{"AttributeName": each, "AttributeType": "S"} for each in attributes]
    items = ({"p": {"S": "MSG#1"}, "s": {"S": sk}},) if sk else ()
    description = {"KeySchema": KEYS, "AttributeDefinitions": definitions, **more}
    return Table(name=name, description=description, items=items, count=len(items))


def held(*tables: Table) -> Held:
    return Held(tables={each.name: each for each in tables})


def test_without_a_table_it_is_the_familys() -> None:
    shape, description = shape_of(project(), Held())
    assert (shape.table, shape.pk, shape.view_type) == ("cruddur-messages", "pk", "NEW_IMAGE")
    assert description["GlobalSecondaryIndexes"][0]["IndexName"] == "message-group-sk-index"


def test_the_table_that_has_groups_is_taken() -> None:
    shape, description = shape_of(project(), held(table("a", "p"), table("b", "p", "message_group_uuid"), table("c")))
    assert (shape.table, shape.pk, shape.sk) == ("b", "p", "s")
    assert description["KeySchema"] == KEYS


def test_instants_look_as_the_items_do() -> None:
    assert shape_of(project(), held(table("a", sk="2026-03-02T10:00:00+00:00")))[0].aware
    assert not shape_of(project(), held(table("a", sk="2026-03-02T10:00:00")))[0].aware


def test_images_are_what_the_stream_or_a_template_says() -> None:
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    template = source("template.yaml", "StreamSpecification:\n  StreamViewType: NEW_AND_OLD_IMAGES\n", "template")
    assert shape_of(project(template), held(table("a", StreamSpecification=stream)))[0].view_type == "KEYS_ONLY"
    assert shape_of(project(template), held(table("a")))[0].view_type == "NEW_AND_OLD_IMAGES"
    assert shape_of(project(), held(table("a")))[0].view_type == "NEW_IMAGE"
