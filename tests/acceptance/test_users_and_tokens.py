"""Users who sign in: the pool that `up` fills, `users sync`, and every kind of token, on each engine."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import psutil
import psycopg
import pytest

from harness.engines.processes import recorded
from tests.acceptance.conftest import ENGINES, Project, Result, new_project, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What PyJWT says of each token, which knows nothing of the harness.
BAD = {
    "expired": jwt.ExpiredSignatureError,
    "not-yet-valid": jwt.ImmatureSignatureError,
    "wrong-audience": jwt.InvalidAudienceError,
    "other-pool": jwt.InvalidIssuerError,
    "wrong-key": jwt.InvalidSignatureError,
    "unknown-kid": jwt.PyJWKClientError,
    "alg-none": jwt.InvalidAlgorithmError,
}
#: What `token inspect` calls it.
CODES = {"wrong-audience": "audience", "wrong-key": "signature"}


#: What `harness env` said, by project: it says the same until a pool is made anew.
KNOWN: dict[Path, dict[str, str]] = {}


def variables(stack: Project) -> dict[str, str]:
    if stack.folder not in KNOWN:
        KNOWN[stack.folder] = stack.ok("env", "--json").json
    return KNOWN[stack.folder]


def sql(stack: Project, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(variables(stack)["DATABASE_URL"]) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def verified(stack: Project, token: str) -> dict[str, Any]:
    """Verify a token as a careful application does, with what `harness env` tells it."""
    env = variables(stack)
    key = jwt.PyJWKClient(env["AWS_COGNITO_JWKS_URL"]).get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["RS256"], issuer=env["AWS_COGNITO_ISSUER"], options={"verify_aud": False}
    )
    if claims.get("aud", claims.get("client_id")) != env["AWS_COGNITO_USER_POOL_CLIENT_ID"]:
        raise jwt.InvalidAudienceError
    return claims


def inspected(stack: Project, text: str) -> Result:
    """`harness token inspect`, with the text on stdin."""
    process = stack.start("token", "inspect", "-", "--json")
    out, err = process.communicate(text)
    assert "Traceback" not in err
    return Result(code=process.returncode, out=out, err=err)


def codes(result: Result) -> list[str]:
    return [flaw["code"] for flaw in result.json["flaws"]]


@pytest.fixture
def cognito(stack: Project) -> Any:
    """boto3's client, as an application makes it from `harness env`."""
    env = variables(stack)
    return boto3.client(
        "cognito-idp",
        endpoint_url=env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"],
        region_name=env["AWS_REGION"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def test_up_fills_a_pool_that_agrees_with_the_database(stack: Project, cognito: Any) -> None:
    plan = stack.ok("users", "sync", "--json").json
    assert plan["changes"] == []
    assert plan["agreeing"] == 14
    pool = variables(stack)["AWS_COGNITO_USER_POOL_ID"]
    found = [
        {each["Name"]: each["Value"] for each in user["Attributes"]}
        for user in cognito.list_users(UserPoolId=pool)["Users"]
    ]
    rows = dict(sql(stack, "SELECT handle, cognito_user_id FROM users"))
    assert {user["preferred_username"]: user["sub"] for user in found} == rows


def test_sync_mends_what_is_still_mock_and_finds_nothing_to_do_after_it(stack: Project) -> None:
    before = sql(stack, "SELECT handle, cognito_user_id FROM users ORDER BY 1")
    sql(stack, "UPDATE users SET cognito_user_id = 'MOCK'")
    dry = stack.ok("users", "sync", "--dry-run", "--json").json
    assert len(dry["changes"]) == 14
    assert sql(stack, "SELECT DISTINCT cognito_user_id FROM users") == [("MOCK",)]
    assert "14 written, 0 agreed already" in stack.ok("users", "sync").out
    assert sql(stack, "SELECT handle, cognito_user_id FROM users ORDER BY 1") == before
    assert "0 written, 14 agreed already" in stack.ok("users", "sync").out


def test_sync_names_who_has_no_partner_and_the_nearest_handle(stack: Project) -> None:
    sql(stack, "UPDATE users SET handle = 'baykoo', cognito_user_id = 'MOCK' WHERE handle = 'bayko'")
    try:
        result = stack("users", "sync")
        assert result.code == 1
        assert "@bayko is in the pool, and in no row of users (@baykoo, perhaps?)" in result.out
        assert "@baykoo is in users, and can't sign in" in result.out
    finally:
        sql(stack, "UPDATE users SET handle = 'bayko' WHERE handle = 'baykoo'")
        stack.ok("users", "sync")


def test_sync_reads_any_pool_page_by_page_and_touches_nobody_whose_handle_is_unclear(
    stack: Project, cognito: Any
) -> None:
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]

    def add(username: str, handle: str | None = None) -> str:
        attributes = [{"Name": "preferred_username", "Value": handle}] if handle else []
        made = cognito.admin_create_user(
            UserPoolId=pool, Username=username, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        return str(next(each["Value"] for each in made["User"]["Attributes"] if each["Name"] == "sub"))

    for number in range(125):  # more than two pages
        add(f"filler-{number}", f"nobody{number}")
    sub = add("the-last", "londo")
    add("nameless")
    add("first-noor", "noor")
    add("second-noor", "noor")
    named = (
        "users",
        "sync",
        "--pool-id",
        pool,
        "--pool-url",
        variables(stack)["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"],
    )
    before = sql(stack, "SELECT handle, cognito_user_id FROM users WHERE handle <> 'londo' ORDER BY 1")
    try:
        result = stack(*named, "--json")
        assert result.code == 1
        plan = result.json
        assert [(change["handle"], change["after"]) for change in plan["changes"]] == [("londo", sub)]
        assert len(plan["without_row"]) == 125
        assert plan["nameless"] == ["nameless"]
        assert plan["doubled"] == [{"handle": "noor", "side": "pool", "whose": ["first-noor", "second-noor"]}]
        assert "pool user nameless has no preferred_username" in stack(*named).out
        assert sql(stack, "SELECT cognito_user_id FROM users WHERE handle = 'londo'") == [(sub,)]
        assert sql(stack, "SELECT handle, cognito_user_id FROM users WHERE handle <> 'londo' ORDER BY 1") == before
    finally:
        stack.ok("users", "sync")
        cognito.delete_user_pool(UserPoolId=pool)


def test_sync_goes_to_no_other_machine_unasked(stack: Project) -> None:
    said = stack.refused(2, "users", "sync", "--pool-id", "us-east-1_AbCdEf123")
    assert "https://cognito-idp.us-east-1.amazonaws.com is not this machine" in said
    assert "--allow-remote" in said
    without = stack.refused(3, "users", "sync", "--pool-id", "us-east-1_AbCdEf123", "--allow-remote")
    assert "AWS_ACCESS_KEY_ID" in without
    assert "is not the id of a user pool" in stack.refused(2, "users", "sync", "--pool-id", "mine")
    url = variables(stack)["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]
    said = stack.refused(2, "users", "sync", "--pool-id", "us-east-1_AbCdEf123", "--pool-url", url)
    assert "us-east-1_AbCdEf123" in said


@pytest.mark.parametrize(("flags", "use"), [((), "access"), (("--id",), "id"), (("--expires-in", "30s"), "access")])
def test_good_tokens_are_good_to_whoever_verifies_them(stack: Project, flags: tuple[str, ...], use: str) -> None:
    token = stack.ok("token", "bayko", *flags).out.strip()
    claims = verified(stack, token)
    assert claims["token_use"] == use
    assert sql(stack, "SELECT cognito_user_id FROM users WHERE handle = 'bayko'") == [(claims["sub"],)]
    if flags == ("--expires-in", "30s"):
        assert claims["exp"] - claims["iat"] <= 31
    found = inspected(stack, f"Bearer {token}")
    assert found.code == 0
    assert found.json["good"] is True
    assert found.json["signature_checked"] is True
    assert found.json["handles"] == ["bayko"]
    assert token not in found.out


@pytest.mark.parametrize("use", ["access", "id"])
@pytest.mark.parametrize("fault", BAD)
def test_bad_tokens_are_bad_in_the_one_way_they_say(stack: Project, fault: str, use: str) -> None:
    token = stack.ok("token", "@bayko", f"--{fault}", *(["--id"] if use == "id" else [])).out.strip()
    with pytest.raises(BAD[fault]):
        verified(stack, token)
    found = inspected(stack, token)
    assert found.code == 1
    assert codes(found) == [CODES.get(fault, fault)]


def test_inspect_says_what_clients_do_to_a_header(stack: Project) -> None:
    token = stack.ok("token", "bayko").out.strip()
    for text, expected in (
        (f"Bearer Bearer {token}", ["doubled-bearer"]),
        (f"Bearer {token} x", ["words"]),
        ("Bearer null", ["null"]),
        ("null", ["null"]),
        ("", ["missing"]),
        ("Bearer", ["missing"]),
        ("abc", ["not-a-jwt"]),
        (token[: len(token) // 2], ["not-a-jwt"]),
        (f'"{token}"', ["quoted"]),
    ):
        found = inspected(stack, text)
        assert found.code == 1, text
        assert codes(found) == expected, text


def test_inspect_tells_in_words_since_when_and_leaves_no_token_in_the_log(stack: Project) -> None:
    token = stack.ok("token", "bayko", "--expired").out.strip()
    result = stack("token", "inspect", f"Bearer {token}", "-vv")
    assert result.code == 1
    assert "it expired 1 h ago, at 20" in result.out
    log = (stack.folder / ".harness" / "harness.log").read_text(encoding="utf-8")
    assert "token inspect" in log
    assert token not in log + result.err


def test_unknown_handle_is_told_with_the_nearest(stack: Project) -> None:
    assert "did you mean `bayko`?" in stack.refused(2, "token", "byako")
    assert "is not a time" in stack.refused(2, "token", "bayko", "--expires-in", "soon")


def test_an_application_signs_in_with_the_handle_the_mail_or_the_name(stack: Project, cognito: Any) -> None:
    env = variables(stack)
    for name in ("bayko", "bayko@example.com"):
        answer = cognito.initiate_auth(
            ClientId=env["AWS_COGNITO_USER_POOL_CLIENT_ID"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": "Testing-1234"},
        )
        assert verified(stack, answer["AuthenticationResult"]["AccessToken"])["token_use"] == "access"


@pytest.fixture(params=ENGINES)
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A project of the test's own that is up, on each engine."""
    require(request.param, tmp_path / "check")
    made = new_project(tmp_path / "app", request.param)
    made.ok("up")
    yield made
    made("down")


def test_reset_gives_the_pool_back_what_it_held(own: Project) -> None:
    env = variables(own)
    client = boto3.client(
        "cognito-idp",
        endpoint_url=env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    pool = env["AWS_COGNITO_USER_POOL_ID"]
    client.admin_delete_user(UserPoolId=pool, Username="bayko")
    client.admin_create_user(UserPoolId=pool, Username="stranger", MessageAction="SUPPRESS")
    assert own("users", "sync").code == 1
    own.ok("reset")
    assert own.ok("env", "--json").json["AWS_COGNITO_USER_POOL_ID"] == pool
    assert "0 written, 14 agreed already" in own.ok("users", "sync").out
    assert verified(own, own.ok("token", "bayko").out.strip())


def test_killed_identity_service_is_noticed_mended_and_gone_without_a_trace(own: Project) -> None:
    home = own.folder / ".harness" / "stack"
    child = recorded(home, "identity")
    if child is None:
        assert own.environ["HARNESS_ENGINE"] == "embedded"  # there it is a part of DynamoDB's process
        return
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    status = own("status")
    assert status.code == 3
    assert "identity" in status.out
    assert "(answers)" in status.out
    assert "does not answer" in own.refused(3, "token", "bayko")
    own.ok("up")
    KNOWN.clear()
    assert verified(own, own.ok("token", "bayko").out.strip())
    again = recorded(home, "identity")
    assert again is not None
    assert again.pid is not None
    own.ok("down")
    assert not psutil.pid_exists(again.pid) or psutil.Process(again.pid).status() == psutil.STATUS_ZOMBIE
    assert not home.exists()
