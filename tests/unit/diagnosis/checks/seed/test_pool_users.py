"""Scripts that list the users of the pool, one of whom has no preferred_username."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.seed.pool_users import pool_users_may_have_no_handle
from tests.unit.diagnosis.checks.loaded_project import facts, only, problems, project, source

if TYPE_CHECKING:
    from harness.diagnosis.finding import Problem

HEAD = """\
#!/usr/bin/env python3
import os
import boto3

pool = boto3.client("cognito-idp")
found = pool.list_users(UserPoolId=os.environ["AWS_COGNITO_USER_POOL_ID"], AttributesToGet=["preferred_username", "sub"])
by_handle = {}
for person in found["Users"]:
    given = person["Attributes"]
"""
SUB = """\
    sub = next((one for one in given if one["Name"] == "sub"), None)
"""
HANDLE = """\
    handle = next((one for one in given if one["Name"] == "preferred_username"), None)
"""
KEPT = """\
    by_handle[handle["Value"]] = sub["Value"]
"""
NONE = "TypeError: 'NoneType' object is not subscriptable"
MISSING = "KeyError: 'preferred_username'"


def told(text: str) -> list[Problem]:
    script = source("bin/cognito/list-users", HEAD + text, "users-tool")
    return problems(pool_users_may_have_no_handle, facts(project(script)))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (HANDLE + SUB + KEPT, NONE),
        (HANDLE.replace("None)", "{})") + SUB + KEPT, "KeyError: 'Value'"),
        (HANDLE.replace(", None)", ")") + SUB + KEPT, "StopIteration"),
        (HANDLE + "    print(handle.get('Value'))\n", "AttributeError: 'NoneType' object has no attribute 'get'"),
        ("    print(next(filter(lambda one: one['Name'] == 'preferred_username', given), None)['Value'])\n", NONE),
        ("    print([one['Value'] for one in given if 'preferred_username' == one['Name']][0])\n", "IndexError"),
        ("    some = list(filter(lambda a: a['Name'] == 'preferred_username', given))\n    print(some[0])\n", "IndexError"),
        ("    its = {one['Name']: one['Value'] for one in given}\n    print(its['preferred_username'])\n", MISSING),
        ("    its = dict((a['Name'], a['Value']) for a in given)\n    print(its['preferred_username'])\n", MISSING),
        ("    its = {}\n    for a in given:\n        its[a['Name']] = a['Value']\n    print(its['preferred_username'])\n", MISSING),
        ("    try:\n        pass\n    finally:\n        print({a['Name']: 1 for a in given}['preferred_username'])\n", MISSING),
    ],
)  # fmt: skip
def test_a_user_without_a_handle_would_end_it(text: str, error: str) -> None:
    [problem] = told(text)
    assert f"with {error}" in problem.cause
    assert "every user of the pool has a preferred_username" in problem.cause
    assert problem.place is not None
    assert problem.place.path == "bin/cognito/list-users"


@pytest.mark.parametrize(
    "text",
    [
        HANDLE + SUB + "    if handle is None:\n        continue\n" + KEPT,
        HANDLE + SUB + "    if handle and sub:\n    " + KEPT,
        HANDLE + SUB + "    print(handle['Value'] if handle else person['Username'])\n",
        HANDLE + "    print(handle and handle['Value'])\n",
        HANDLE.replace("None)", '{"Value": "nobody"})') + SUB + KEPT,
        HANDLE + SUB + "    try:\n    " + KEPT + "    except TypeError:\n        print('no handle')\n",
        HANDLE.replace("(one for", '(one["Value"] for') + "    print(handle)\n",
        SUB + '    print(sub["Value"])\n',
        "    its = {one['Name']: one['Value'] for one in given}\n    print(its.get('preferred_username'))\n",
        "    its = {a['Name']: a['Value'] for a in given}\n    if 'preferred_username' in its:\n        print(its['preferred_username'])\n",
        "    its = {'preferred_username': 'x'}\n    print(its['preferred_username'])\n",
        "    from contextlib import suppress\n    with suppress(StopIteration):\n        print(next(a for a in given if a['Name'] == 'preferred_username'))\n",
        "    for one in given:\n        if one['Name'] == 'preferred_username':\n            print(one['Value'])\n",
    ],
)
def test_a_script_that_copes_with_one(text: str) -> None:
    assert told(text) == []


def test_only_users_with_a_handle_are_asked_for() -> None:
    text = (HEAD + HANDLE + SUB + KEPT).replace(
        "AttributesToGet=", "Filter='preferred_username ^= \"a\"', AttributesToGet="
    )
    script = source("bin/cognito/list-users", text, "users-tool")
    assert problems(pool_users_may_have_no_handle, facts(project(script))) == []


def test_the_line_is_named_with_the_command() -> None:
    script = source("bin/cognito/list-users", HEAD + HANDLE + SUB + KEPT, "users-tool")
    problem = only(pool_users_may_have_no_handle, facts(project(script)))
    assert str(problem.place) == "bin/cognito/list-users:12"
    assert "at handle['Value'] with" in problem.cause
    assert [each.text for each in problem.evidence] == ['by_handle[handle["Value"]] = sub["Value"]']
    assert "aws cognito-idp admin-update-user-attributes" in pool_users_may_have_no_handle.advice


def test_one_finding_for_all_scripts() -> None:
    text = HEAD + HANDLE + SUB + KEPT
    scripts = (source(path, text, "users-tool") for path in ("bin/cognito/list-users", "bin/db/update_ids"))
    problem = only(pool_users_may_have_no_handle, facts(project(*scripts)))
    assert problem.cause.endswith("; the same in bin/db/update_ids")
    assert len(problem.evidence) == 2


def test_other_files_are_not_looked_at() -> None:
    handler = source("aws/lambdas/confirm.py", HEAD + HANDLE + SUB + KEPT, "lambda")
    assert problems(pool_users_may_have_no_handle, facts(project(handler))) == []
    assert problems(pool_users_may_have_no_handle, facts()) == []
