from __future__ import annotations

import ast

import pytest

from harness.project.python.expressions import UNKNOWN
from harness.project.python.scopes import Scopes


def value_at(code: str) -> object:
    """Return the value of the name that is handed to `use(…)`."""
    scopes = Scopes(ast.parse(code))
    [name] = [
        node.args[0]
        for node in scopes.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "use"
    ]
    assert isinstance(name, ast.Name)
    return scopes.value_of(name)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("a = 1\nuse(a)", 1),
        ("a = 1\na = 2\nuse(a)\na = 3", 2),
        ("a = 1\nif x:\n  a = 2\nuse(a)", UNKNOWN),
        ("if x:\n  a = 2\nelse:\n  a = 2\nuse(a)", 2),
        ("a = 1\ndef f():\n  use(a)", 1),
        ("a = 1\na = 2\ndef f():\n  use(a)", UNKNOWN),
        ("a = 1\ndef f(a):\n  use(a)\nf(5)", 5),
        ("def f(b, a=3):\n  use(a)\nf(0, a=5)", 5),
        ("def f(a):\n  use(a)\nf(5)\nf(6)", UNKNOWN),
        ("class A:\n  def f(self, a):\n    use(a)\nA().f(7)", 7),
        ("def f(*a):\n  use(a)\nf(5)", UNKNOWN),
        ("def f(a):\n  use(a)\n  f(5)", UNKNOWN),
        ("a, b = 1, 2\nuse(b)", 2),
        ("a, b = f()\nuse(b)", UNKNOWN),
        ("for a in x:\n  use(a)", UNKNOWN),
        ("with f() as a:\n  use(a)", UNKNOWN),
        ("(a := 4)\nuse(a)", 4),
        ("a: int = 4\nuse(a)", 4),
        ("a = 1\na += 1\nuse(a)", UNKNOWN),
        ("import a\nuse(a)", UNKNOWN),
        ("use(a)", UNKNOWN),
    ],
)
def test_a_name_has_the_value_it_was_last_given(code: str, value: object) -> None:
    assert value_at(code) == value


def test_an_attribute_that_is_set_once_is_known() -> None:
    tree = ast.parse("class T:\n  table = 'x'\n  def f(self):\n    return self.table\nT.table")
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Attribute)
    assert Scopes(tree).value_of_attribute(last.value) == "x"


def test_where_a_node_stands() -> None:
    scopes = Scopes(ast.parse("class A:\n  def f(self):\n    return [x for x in y]\nz"))
    inner = next(node for node in scopes.nodes if isinstance(node, ast.ListComp))
    outer = next(node for node in scopes.nodes if isinstance(node, ast.Name) and node.id == "z")
    function = scopes.function_of(inner)
    assert function is not None
    assert function.name == "f"
    assert scopes.function_of(outer) is None
    assert scopes.scope_of(outer) is scopes.tree
    assert isinstance(scopes.scope_of(function), ast.ClassDef)


def test_a_sum_of_a_thousand_parts_is_left_alone() -> None:
    long = "+".join(["'a'"] * 900)
    assert value_at(f"if x:\n  a = {long}\nelse:\n  a = 'b'\ndef f():\n  use(a)") == UNKNOWN
