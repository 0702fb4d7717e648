"""Calls are bound as Python itself binds them."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from harness.project.python.binding import bind, first_is_given

DEFINITIONS = (
    "def f(): pass",
    "def f(a): pass",
    "def f(a, b): pass",
    "def f(a, b=1): pass",
    "def f(a, b=1, *, c): pass",
    "def f(a, *rest, c=1): pass",
    "def f(a, /, b, **more): pass",
    "def f(*rest, **more): pass",
)
CALLS = (
    "f()",
    "f(1)",
    "f(1, 2)",
    "f(1, 2, 3)",
    "f(b=1)",
    "f(1, b=2)",
    "f(1, 2, b=3)",
    "f(a=1, b=2)",
    "f(1, c=2)",
    "f(1, 2, c=3)",
    "f(1, 2, d=3)",
)


def defined(text: str) -> ast.FunctionDef:
    [function] = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return function


def called(text: str) -> ast.Call:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    return call


def as_python_binds(definition: str, call: str) -> dict[str, Any] | None:
    """Return the named parameters as `inspect` has them; None where the call is a TypeError."""
    space: dict[str, Any] = {}
    exec(definition, space)
    signature = inspect.signature(space["f"])
    node = called(call)
    given = [ast.literal_eval(each) for each in node.args]
    named = {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
    try:
        bound = signature.bind(*given, **named).arguments
    except TypeError:
        return None
    return {name: value for name, value in bound.items() if name not in {"rest", "more"}}


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("call", CALLS)
def test_as_python_binds(definition: str, call: str) -> None:
    bound = bind(defined(definition), called(call), first_given=False)
    assert bound is not None
    wanted = as_python_binds(definition, call)
    assert bool(bound.refusal) == (wanted is None)
    if wanted is not None:
        assert {name: ast.literal_eval(value) for name, value in bound.values.items()} == wanted


@pytest.mark.parametrize("call", ["f(*items)", "f(1, **more)"])
def test_what_cannot_be_told(call: str) -> None:
    assert bind(defined("def f(a): pass"), called(call), first_given=False) is None


def test_a_method_is_given_its_object() -> None:
    method = defined("def f(self, a): pass")
    bound = bind(method, called("f(1)"), first_given=True)
    assert bound is not None
    assert (list(bound.values), bound.refusal) == (["a"], "")
    twice = bind(method, called("f(1, self=2)"), first_given=True)
    assert twice is not None
    assert twice.refusal == "is given self twice, by its place and by its name"
    lacking = bind(method, called("f(1)"), first_given=False)
    assert lacking is not None
    assert lacking.refusal == "is not given a"
    none = bind(defined("def f(): pass"), called("f()"), first_given=True)
    assert none is not None
    assert "is given its object" in none.refusal


@pytest.mark.parametrize(
    ("decorator", "on_class", "on_instance"),
    [
        ("", False, True),
        ("@staticmethod\n", False, False),
        ("@classmethod\n", True, True),
        ("@cache\n", None, None),
        ("@xray.capture('x')\n", None, None),
        ("@staticmethod\n@cache\n", None, None),
    ],
)
def test_who_gives_the_first(decorator: str, *, on_class: bool | None, on_instance: bool | None) -> None:
    function = defined(f"{decorator}def f(a): pass")
    assert first_is_given(function, on_instance=False) is on_class
    assert first_is_given(function, on_instance=True) is on_instance
