from __future__ import annotations

import json
from typing import Any

import pytest

from harness.streams.permissions.check import CheckReport, check
from harness.streams.permissions.managed import managed_policy
from harness.streams.permissions.policy import Policy
from tests.unit.streams.permissions.given import (
    ACCOUNT,
    LOGS,
    ME,
    QUEUE,
    READING,
    REGION,
    STREAM,
    STREAM_ACTIONS,
    TABLE,
    allow,
    call,
    needs,
    policy,
    put,
)

WHO = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/messages-role/messages-stream is not authorized to perform:"


def checked(*statements: dict[str, Any], calls: tuple[Any, ...] = (), on_failure: str | None = None) -> CheckReport:
    return check(calls, needs(on_failure), [policy(*statements)], identity=ME)


def codes(report: CheckReport) -> list[str]:
    return [fault.code for fault in report.faults]


def test_t68_the_managed_execution_role_reads_the_stream_and_writes_no_item() -> None:
    report = check([put()], needs(), [managed_policy("AWSLambdaDynamoDBExecutionRole")], identity=ME)
    assert {permission.action for permission in report.allowed} >= set(STREAM_ACTIONS)
    assert report.creation_error is None
    [refused] = report.refused
    assert (refused.code, refused.status) == ("AccessDeniedException", 400)
    assert refused.message == (
        f"{WHO} dynamodb:PutItem on resource: {TABLE} "
        "because no identity-based policy allows the dynamodb:PutItem action"
    )
    assert codes(report) == ["stream-rights-only"]


def test_t69_stream_actions_on_the_table_make_the_creation_fail() -> None:
    report = checked(allow(STREAM_ACTIONS, TABLE), LOGS)
    assert report.creation_error == (
        f"Cannot access stream {STREAM}. Please ensure the role can perform the GetRecords, GetShardIterator, "
        "DescribeStream, and ListStreams Actions on your stream in IAM."
    )
    assert [refused.permission.action for refused in report.refused] == STREAM_ACTIONS
    [fault] = report.faults
    assert (fault.code, fault.evidence) == ("stream-actions-on-table", "inline, statement 1")
    assert len(fault.refused) == 4


def test_a_pinned_label_works_today_and_is_a_fault() -> None:
    report = checked(allow(STREAM_ACTIONS, STREAM), LOGS)
    assert report.ok
    [fault] = report.faults
    assert (fault.code, fault.refused) == ("pinned-stream-label", ())
    assert STREAM in fault.evidence


def test_a_label_of_yesterday_is_refused_for_that_reason() -> None:
    old = STREAM.replace("2026-01-02", "2025-12-31")
    report = checked(allow(STREAM_ACTIONS, old), LOGS)
    assert report.creation_error
    [fault] = report.faults
    assert (fault.code, len(fault.refused)) == ("pinned-stream-label", 4)
    assert old in fault.evidence


def test_half_a_label_is_a_label() -> None:
    report = checked(allow(STREAM_ACTIONS, f"{TABLE}/stream/2026-*"), LOGS)
    assert report.ok
    assert codes(report) == ["pinned-stream-label"]


def test_items_are_not_in_the_stream() -> None:
    report = checked(READING, LOGS, allow("dynamodb:PutItem", f"{TABLE}/stream/*"), calls=(put(),))
    assert codes(report) == ["table-actions-on-stream"]


def test_a_query_on_an_index_needs_the_index() -> None:
    by_user = call("dynamodb", "Query", TableName="messages", IndexName="by-user")
    report = checked(READING, LOGS, allow("dynamodb:Query", TABLE), calls=(by_user,))
    assert report.refused[0].permission.resource == f"{TABLE}/index/by-user"
    assert codes(report) == ["index-not-named"]


@pytest.mark.parametrize("operation", ["Query", "Scan"])
def test_the_item_wildcard_does_not_read_many(operation: str) -> None:
    item = allow("dynamodb:*Item", TABLE)
    report = checked(READING, LOGS, item, calls=(put(), call("dynamodb", operation, TableName="messages")))
    assert [refused.permission.action for refused in report.refused] == [f"dynamodb:{operation}"]
    assert codes(report) == ["item-wildcard"]
    assert "dynamodb:*Item" in report.faults[0].evidence


@pytest.mark.parametrize("destination", [QUEUE, f"arn:aws:sns:{REGION}:{ACCOUNT}:discarded", "arn:aws:s3:::discarded"])
def test_a_destination_without_rights_is_noticed_before_the_first_discard(destination: str) -> None:
    report = checked(READING, LOGS, on_failure=destination)
    assert not report.ok
    assert codes(report) == ["destination-rights"]
    assert report.creation_error is None


def test_list_streams_missing_or_of_another_table() -> None:
    three = allow(STREAM_ACTIONS[:3], f"{TABLE}/stream/*")
    other = allow("dynamodb:ListStreams", f"{TABLE.replace('messages', 'users')}/stream/*")
    for statements in ([three], [three, other]):
        report = checked(*statements, LOGS)
        assert [refused.permission.action for refused in report.refused] == ["dynamodb:ListStreams"]
        assert codes(report) == ["list-streams"]
        assert report.creation_error


@pytest.mark.parametrize("resource", ["*", f"{TABLE}/stream/*", STREAM])
def test_list_streams_on_everything_or_on_the_table_is_fine(resource: str) -> None:
    report = checked(allow(STREAM_ACTIONS[:3], f"{TABLE}/stream/*"), allow("dynamodb:ListStreams", resource), LOGS)
    assert report.ok


def test_a_policy_for_another_account_is_told_apart_from_a_missing_right() -> None:
    theirs = TABLE.replace(ACCOUNT, "999988887777")
    report = checked(READING, LOGS, allow("dynamodb:PutItem", theirs), calls=(put(),))
    assert codes(report) == ["other-place"]
    assert "999988887777" in report.faults[0].evidence
    assert ACCOUNT in report.faults[0].evidence


def test_a_call_to_a_region_written_into_the_handler_is_checked_there() -> None:
    hard_coded = call("dynamodb", "PutItem", region="ca-central-1", TableName="messages")
    report = checked(READING, LOGS, allow("dynamodb:PutItem", TABLE), calls=(hard_coded,))
    assert codes(report) == ["other-place"]


@pytest.mark.parametrize(
    ("made", "code", "action", "resource"),
    [
        (
            call("sqs", "SendMessage", QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"),
            "AccessDenied",
            "sqs:sendmessage",
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        ),
        (
            call("sns", "Publish", TopicArn="arn:aws:sns:eu-west-1:1:t"),
            "AuthorizationError",
            "SNS:Publish",
            "arn:aws:sns:eu-west-1:1:t",
        ),
        (call("s3", "PutObject", Bucket="b", Key="k"), "AccessDenied", "s3:PutObject", '"arn:aws:s3:::b/k"'),
    ],
)
def test_each_service_refuses_in_its_own_words(made: Any, code: str, action: str, resource: str) -> None:
    [refused] = checked(READING, LOGS, calls=(made,)).refused
    assert (refused.code, refused.status) == (code, 403)
    assert refused.message == (
        f"{WHO} {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )


def test_an_explicit_deny_says_so_and_is_no_fault() -> None:
    deny = allow("dynamodb:PutItem", TABLE) | {"Effect": "Deny"}
    report = checked(READING, LOGS, allow("dynamodb:*", TABLE), deny, calls=(put(),))
    [refused] = report.refused
    assert (
        refused.message
        == f"{WHO} dynamodb:PutItem on resource: {TABLE} with an explicit deny in an identity-based policy"
    )
    assert refused.denied_by == "inline, statement 4"
    assert report.faults == ()


def test_what_depends_is_neither_allowed_nor_refused() -> None:
    keys = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "a"}}
    report = checked(READING, LOGS, allow("dynamodb:PutItem", TABLE, Condition=keys), calls=(put(),))
    assert report.ok
    [conditional] = report.conditional
    assert "dynamodb:LeadingKeys a" in conditional.condition


def test_an_unknown_policy_is_named_and_not_taken_for_an_allowance() -> None:
    hidden = managed_policy("arn:aws:iam::aws:policy/SomethingNew")
    report = check([put()], needs(), [policy(READING, LOGS), hidden], identity=ME)
    assert [entry.permission.action for entry in report.conditional] == ["dynamodb:PutItem"]
    assert "SomethingNew" in report.unexamined[0]


def test_what_was_not_asked_for_is_remarked() -> None:
    report = checked(READING, LOGS, allow(["dynamodb:*", "dynamodb:DeleteItem", "ses:SendEmail"]), calls=(put(),))
    remarks = [remark for remark in report.unneeded if "statement 3" in remark]
    assert any("dynamodb:* allows more" in remark and "dynamodb:PutItem" in remark for remark in remarks)
    assert any("dynamodb:DeleteItem was not asked for" in remark for remark in remarks)
    assert any("ses:SendEmail was not asked for" in remark for remark in remarks)
    assert any("on every resource" in remark and TABLE in remark for remark in remarks)


def test_a_policy_of_aws_is_remarked_on_as_a_whole() -> None:
    used, unused = managed_policy("AWSLambdaDynamoDBExecutionRole"), managed_policy("AWSXRayDaemonWriteAccess")
    report = check([], needs(), [used, unused], identity=ME)
    assert report.unneeded == ("AWSXRayDaemonWriteAccess: nothing that it allows was asked for",)


def test_not_action_is_remarked() -> None:
    report = checked({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, calls=(put(),))
    assert report.ok
    assert "everything but" in report.unneeded[0]


def test_a_report_is_json() -> None:
    report = check([put()], needs(), [policy(READING), Policy(name="x", unexamined="y")], identity=ME)
    assert json.loads(json.dumps(report.to_dict()))["creation_error"] is None


def test_no_policy_at_all_refuses_everything() -> None:
    report = check([put()], needs(), [], identity=ME)
    assert len(report.refused) == len(needs()) + 1
    assert report.creation_error
