from __future__ import annotations

from typing import Any

import pytest

from harness.streams.permissions.evaluation import Allowed, AllowedOnlyIf, Denied, evaluate
from harness.streams.permissions.policy import Policy
from tests.unit.streams.permissions.given import TABLE, allow, policy

PUT = "dynamodb:PutItem"


def deny(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(actions, resources) | {"Effect": "Deny"} | more


def decide(*statements: dict[str, Any], version: str = "2012-10-17") -> Any:
    return evaluate(PUT, TABLE, [policy(*statements, version=version)])


@pytest.mark.parametrize(
    "statement",
    [
        allow("dynamodb:putITEM", TABLE),
        allow(["s3:*", "dynamodb:*Item"], [TABLE]),
        allow("*"),
        allow("dynamodb:Pu?Item", "arn:aws:dynamodb:*:*:table/mess*"),
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": PUT, "NotResource": TABLE + "x"},
    ],
)
def test_allowed(statement: dict[str, Any]) -> None:
    assert decide(statement) == Allowed(by="inline, statement 1")


@pytest.mark.parametrize(
    "statement",
    [
        allow("dynamodb:GetItem", TABLE),
        allow(PUT, TABLE.upper().replace("ARN:AWS", "arn:aws")),
        allow(PUT, f"{TABLE}/*"),
        {"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"},
        {"Effect": "Allow", "Action": PUT, "NotResource": TABLE},
    ],
)
def test_what_nothing_allows_is_denied(statement: dict[str, Any]) -> None:
    assert decide(statement) == Denied(explicit=False)


def test_a_deny_wins_wherever_it_stands() -> None:
    denied = Denied(explicit=True, by="inline, statement 2")
    assert decide(allow("*"), deny(PUT)) == denied
    assert decide(allow("*"), deny("dynamodb:*"), allow(PUT)) == denied
    several = [policy(allow("*")), policy(deny(PUT))]
    assert evaluate(PUT, TABLE, several) == Denied(explicit=True, by="inline, statement 1")


def test_a_condition_is_told_and_not_guessed() -> None:
    leading = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a", "b"]}}
    verdict = decide(allow(PUT, TABLE, Condition=leading))
    assert verdict == AllowedOnlyIf(
        condition="ForAllValues:StringEquals dynamodb:LeadingKeys a or b (inline, statement 1)"
    )


def test_an_allow_without_condition_needs_no_other() -> None:
    assert isinstance(decide(allow(PUT, Condition={"Bool": {"aws:SecureTransport": "true"}}), allow(PUT)), Allowed)


def test_a_deny_under_a_condition_leaves_it_open() -> None:
    verdict = decide(allow("*"), deny(PUT, Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    assert isinstance(verdict, AllowedOnlyIf)
    assert verdict.condition.startswith("not StringNotEquals aws:RequestedRegion eu-west-1")


def test_a_conditional_deny_of_what_nothing_allows_is_a_denial() -> None:
    assert decide(deny(PUT, Condition={"Bool": {"aws:SecureTransport": "false"}})) == Denied(explicit=False)


def test_a_variable_is_left_open_only_if_it_could_fit() -> None:
    verdict = decide(allow(PUT, "arn:aws:dynamodb:*:*:table/${aws:username}"))
    assert isinstance(verdict, AllowedOnlyIf)
    assert "${aws:username}" in verdict.condition
    assert decide(allow(PUT, "arn:aws:dynamodb:*:*:table/users-${aws:username}")) == Denied(explicit=False)


def test_in_the_old_version_a_variable_is_plain_text() -> None:
    assert decide(allow(PUT, "arn:aws:dynamodb:*:*:table/${aws:username}"), version="2008-10-17") == Denied(
        explicit=False
    )


def test_what_a_template_leaves_open_is_open_in_any_version() -> None:
    verdict = decide(allow(PUT, "arn:aws:dynamodb:*:*:table/${template:Table}"), version="2008-10-17")
    assert isinstance(verdict, AllowedOnlyIf)
    assert "template:" not in verdict.condition


def test_a_variable_in_what_is_left_out_leaves_it_open_too() -> None:
    but = {"Effect": "Allow", "Action": PUT, "NotResource": "arn:aws:dynamodb:*:*:table/${aws:username}"}
    assert isinstance(decide(but), AllowedOnlyIf)


def test_a_policy_that_cannot_be_seen_may_allow_it_but_not_overrule_what_is_known() -> None:
    hidden = Policy(name="TheirPolicy", unexamined="elsewhere")
    assert isinstance(evaluate(PUT, TABLE, [hidden]), AllowedOnlyIf)
    assert isinstance(evaluate(PUT, TABLE, [hidden, policy(allow(PUT))]), Allowed)
    assert isinstance(evaluate(PUT, TABLE, [hidden, policy(deny(PUT))]), Denied)
