from __future__ import annotations

import pytest

from harness.project.settings.yaml_nodes import entry, line_of, pairs, parsed, scalars


def test_entries_have_lines_and_unknown_tags_do_no_harm() -> None:
    root = parsed("a: 1\nb: !GetAtt x.Arn\nc: [d, e]\n--- \nsecond: document\n")
    assert [(name.value, line_of(name)) for name, _ in pairs(root)] == [("a", 1), ("b", 2), ("c", 3)]
    assert [each.value for each in scalars(entry(root, "c"))] == ["d", "e"]
    assert entry(root, "gone") is None
    assert entry(None, "a") is None


@pytest.mark.parametrize("text", ["", "a: [", "\t", "a: *b", "%", "\x00", "[" * 50_000, "- " * 50_000, "{" * 50_000])
def test_what_is_no_yaml_or_too_deep_is_nothing(text: str) -> None:
    assert parsed(text) is None
