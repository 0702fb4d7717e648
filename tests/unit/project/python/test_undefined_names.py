from __future__ import annotations

import pytest

from harness.project.python.undefined_names import undefined_names
from tests.unit.project.written import source


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("print(datetime.now())", ["datetime"]),
        ("items = []\nfor item in reversed_items:\n  print(item, items, b)", ["reversed_items", "b"]),
        ("import os.path as p, sys.x\nfrom a import b as c\np, sys, c", []),
        ("def f(a, *b, c, **d): return a, b, c, d, f, e", ["e"]),
        ("class A: pass\nA, __name__, __file__, print, ValueError", []),
        ("try: pass\nexcept E as e: e", ["E"]),
        ("match x:\n  case {'a': b, **c}: b, c\n  case [*d]: d\n  case str() as e: e", ["x"]),
        ("with open('x') as f: f\n(y := 1); y\n[z for z in f if z]", []),
        ("def f():\n  global g\n  g = 1\ng", []),
        ("lambda a: a + b", ["b"]),
        ("from a import *\nb", []),
        ("globals()['x'] = 1\nx", []),
        ("try: unicode\nexcept NameError: unicode = str", []),
        ("x = (", []),
    ],
)
def test_names_that_nothing_binds(code: str, names: list[str]) -> None:
    assert [each.id for each in undefined_names(source("a.py", code))] == names
