from __future__ import annotations

import pytest

from harness.project.seed.handles import handles_asked
from harness.project.source import Source
from tests.gallery import seeds


@pytest.mark.parametrize("text", [seeds.FLAT, seeds.RESOURCE, seeds.OF_A_CLASS], ids=["flat", "class", "functions"])
def test_handles_are_found_however_they_are_handed_on(text: str) -> None:
    found = handles_asked(Source(path="seed", text=text, language="python"))
    assert {each.handle for each in found} == {"idalind", "ottoberg"}
    lines = text.splitlines()
    assert all(each.handle in lines[each.place.line - 1] for each in found)
