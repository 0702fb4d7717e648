from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from harness.errors import UsageError
from harness.streams.permissions.policy import parse_policy
from tests.unit.streams.permissions.given import allow


def read(document: Any) -> Any:
    return parse_policy(document, name="inline", where="role.json")


def test_one_statement_and_one_text_are_lists_of_one() -> None:
    [statement] = read({"Version": "2012-10-17", "Statement": allow("dynamodb:GetItem")}).statements
    assert (statement.actions, statement.resources) == (("dynamodb:GetItem",), ("*",))


def test_yaml_takes_the_version_for_a_date() -> None:
    assert read({"Version": date(2012, 10, 17), "Statement": []}).statements == ()


def test_a_sid_is_shown() -> None:
    [statement] = read({"Statement": allow("s3:*", Sid="Objects")}).statements
    assert statement.label == "statement 1 (Objects)"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "has no Statement"),
        ({"Version": "2012-10-17"}, "has no Statement"),
        ({"Version": "2020-01-01", "Statement": []}, "Version '2020-01-01'"),
        ({"Statement": ["x"]}, "statement 1: 'x' is no object"),
        ({"Statement": [allow("s3:*"), {"Effect": "Maybe", "Action": "s3:*", "Resource": "*"}]}, "statement 2: Effect"),
        ({"Statement": {"Effect": ["Allow"], "Action": "s3:*", "Resource": "*"}}, "Effect"),
        ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "neither Action nor NotAction"),
        ({"Statement": allow("s3:*", NotAction="s3:*")}, "Action and NotAction"),
        ({"Statement": {"Effect": "Allow", "Action": "s3:*"}}, "neither Resource nor NotResource"),
        ({"Statement": allow([])}, "a text or a list of texts"),
        ({"Statement": allow(["s3:*", 3])}, "a text or a list of texts"),
        ({"Statement": allow("PutItem")}, "no service before it, as in dynamodb:PutItem"),
        ({"Statement": allow("dynamodb:PutItem", "messages")}, "neither an ARN nor"),
        ({"Statement": allow("s3:*", Conditions={})}, "unknown key 'Conditions'"),
        ({"Statement": allow("s3:*", Condition=["x"])}, "operators, and under each"),
        ({"Statement": allow("s3:*", Principal="*")}, "trust policy"),
    ],
)
def test_malformed_documents_say_where(document: Any, said: str) -> None:
    with pytest.raises(UsageError, match=r"role\.json") as raised:
        read(document)
    assert said in raised.value.message
    assert raised.value.hint
