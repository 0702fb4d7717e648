from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.digest import TableDigest, combine

INSTANT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
ITEMS = st.lists(st.dictionaries(st.text(max_size=3), st.fixed_dictionaries({"S": st.text(max_size=9)}), max_size=4))


def digest(items: list[dict[str, Any]]) -> TableDigest:
    table = TableDigest()
    for item in items:
        table.add_item(item)
    return table


@settings(deadline=None)
@given(ITEMS.flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_order_of_items_does_not_count(both: tuple[list[Any], list[Any]]) -> None:
    assert digest(both[0]) == digest(both[1])


def test_order_of_attributes_does_not_count() -> None:
    assert digest([{"a": {"S": "1"}, "b": {"S": "2"}}]) == digest([{"b": {"S": "2"}, "a": {"S": "1"}}])


def test_every_value_counts_and_so_does_each_copy() -> None:
    one = {"a": {"S": "1"}}
    seen = [str(digest(items)) for items in ([], [one], [one, one], [{"a": {"S": "2"}}], [{"a": {"N": "1"}}])]
    assert len(set(seen)) == len(seen)


def test_item_is_hashed_as_the_shortest_json_with_sorted_keys() -> None:
    item = {"sk": {"S": 'é"\n🙂'}, "pk": {"S": "MSG#1"}}
    text = json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest([item]).total == int(hashlib.sha256(text.encode()).hexdigest(), 16)


def test_row_counts_an_instant_whatever_its_zone() -> None:
    here, there = TableDigest(), TableDigest()
    here.add_row(("a", 1, None, INSTANT))
    there.add_row(("a", 1, None, INSTANT.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    assert here == there


def test_row_counts_the_place_of_its_values() -> None:
    one, two = TableDigest(), TableDigest()
    one.add_row(("a", "b"))
    two.add_row(("b", "a"))
    assert one != two


def test_combined_digest_counts_names_but_not_their_order() -> None:
    table, empty = digest([{"a": {"S": "1"}}]), TableDigest()
    assert combine({"x": table, "y": empty}) == combine({"y": empty, "x": table})
    assert combine({"x": table, "y": empty}) != combine({"x": empty, "y": table})
    assert len(combine({})) == 64
