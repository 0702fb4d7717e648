from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from harness.project.python.expressions import HOLE, UNKNOWN, YEAR, CurrentYear, Now, evaluate, text_of
from harness.project.python.scopes import Scopes


def value_of(code: str) -> Any:
    """Return the value of the last expression of some code."""
    tree = ast.parse(code)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    return evaluate(last.value, Scopes(tree))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a'", "a"),
        ("-5", -5),
        ("f'GRP#{uuid}'", f"GRP#{HOLE}"),
        ("'GRP#' + uuid", f"GRP#{HOLE}"),
        ("'GRP#%s' % uuid", f"GRP#{HOLE}"),
        ("'%s#%s' % ('GRP', uuid)", f"GRP#{HOLE}"),
        ("'GRP#{}'.format(uuid)", f"GRP#{HOLE}"),
        ("'{}#{}'.format('GRP', uuid)", f"GRP#{HOLE}"),
        ("x = 'GRP#'\nf'{x}{uuid}'", f"GRP#{HOLE}"),
        ("str(5)", "5"),
        ("{'a': 1, **{'b': x}}", {"a": 1, "b": UNKNOWN}),
        ("dict(a=1)", {"a": 1}),
        ("{'a': 1} | {'b': 2}", {"a": 1, "b": 2}),
        ("[1] + [x]", [1, UNKNOWN]),
        ("{'a': [5]}['a'][0]", 5),
        ("[1][5]", UNKNOWN),
        ("params = {}\nparams['Limit'] = 20\nparams.update({'A': 'b'})\nparams", {"Limit": 20, "A": "b"}),
        ("datetime.now().year", CurrentYear()),
        ("str(datetime.datetime.now(timezone.utc).year)", YEAR),
        ("date.today().strftime('%Y')", YEAR),
        ("time.strftime('%Y')", YEAR),
        ("datetime.now().isoformat()[:4]", YEAR),
        ("now = datetime.now()\nf'{now:%Y}'", YEAR),
        ("f'{datetime.now():%Y-%m}'", YEAR + HOLE),
        ("(datetime.now() - timedelta(days=1)).astimezone()", Now()),
        ("print(x)", UNKNOWN),
        ("lambda: 1", UNKNOWN),
    ],
)
def test_values_that_the_code_tells(code: str, value: object) -> None:
    assert value_of(code) == value


@pytest.mark.parametrize(
    "code",
    [
        "x = x\nx",
        "a = b\nb = a\nb",
        "x = [x]\nx[0][0]",
        "def f(a): return f(a)\nf(f(f))",
        "+".join(["'a'"] * 500),
        "a" + ".b" * 500,
        "(" * 80 + "1" + ")" * 80,
    ],
)
def test_circles_and_depths_end(code: str) -> None:
    value_of(code)


def test_texts_that_grow_line_by_line_do_not_fill_the_memory() -> None:
    tree = ast.parse("\n".join(["a0 = 'some text'", *(f"a{n + 1} = a{n} + a{n} + a{n}" for n in range(40))]))
    scopes = Scopes(tree)
    names = [node for node in scopes.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    assert 10 < max(len(text_of(name, scopes)) for name in names) <= 10_000


_PARTS = st.sampled_from(
    ["x", "'a'", "5", "f'{x}'", "[x]", "{'a': x}", "{**x}", "x[0]", "x['a']", "x.year", "x + x", "x % x", "x | x", "-x",
     "x()", "x.format(x)", "x.strftime(x)", "datetime.now()", "x[:4]", "dict(**x)", "str(x)", "'%s %d' % x", "x.a"]
)  # fmt: skip


@given(st.lists(_PARTS, min_size=1, max_size=6), st.lists(_PARTS, min_size=1, max_size=4))
def test_any_expression_has_a_value(nested: list[str], assigned: list[str]) -> None:
    code = "x"
    for part in nested:
        code = part.replace("x", f"({code})")
    lines = [f"x = {each}" for each in assigned]
    try:
        tree = ast.parse("\n".join([*lines, code]))
    except SyntaxError:  # quotes in quotes
        reject()
    scopes = Scopes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            evaluate(node, scopes)
            text_of(node, scopes)
