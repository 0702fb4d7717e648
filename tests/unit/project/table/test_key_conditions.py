from __future__ import annotations

from typing import Any

import pytest

from harness.project.python.expressions import UNKNOWN
from harness.project.table.key_conditions import Condition, key_conditions, plain

VALUES = {":pk": {"S": "MSG#1"}, ":from": "a", ":to": "b", ":n": {"N": "5"}}


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("pk = :pk", [("pk", "=", "MSG#1")]),
        ("#p=:pk and begins_with( #s , :from )", [("pk", "=", "MSG#1"), ("sk", "begins_with", "a")]),
        ("pk = :pk AND sk BETWEEN :from AND :to", [("pk", "=", "MSG#1"), ("sk", "between", "a")]),
        ("pk = :pk AND n >= :n", [("pk", "=", "MSG#1"), ("n", ">=", "5")]),
        ("pk = :gone", [("pk", "=", None)]),
        ("", []),
        (UNKNOWN, []),
        (5, []),
        ([Condition("pk", "=", "x"), "odd"], [("pk", "=", "x")]),
    ],
)
def test_conditions_are_read_however_they_are_spelled(expression: Any, wanted: list[tuple[str, str, Any]]) -> None:
    parameters = {
        "KeyConditionExpression": expression,
        "ExpressionAttributeNames": {"#p": "pk", "#s": "sk"},
        "ExpressionAttributeValues": VALUES,
    }
    assert [(each.attribute, each.operator, each.value) for each in key_conditions(parameters)] == wanted


@pytest.mark.parametrize("odd", [None, 5, [], UNKNOWN, "x"])
def test_odd_parameters_are_no_conditions(odd: Any) -> None:
    parameters = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeNames": odd,
        "ExpressionAttributeValues": odd,
    }
    assert key_conditions(parameters) == (Condition("pk", "=", None),)
    assert key_conditions({}) == ()


def test_plain_values_stay() -> None:
    assert (plain({"S": "a"}), plain({"L": []}), plain("a"), plain({})) == ("a", {"L": []}, "a", {})
