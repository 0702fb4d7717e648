from __future__ import annotations

import json
import subprocess
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness import environment
from harness.endpoint import DynamoDBEndpoint, Endpoints, IdentityEndpoint, PostgresEndpoint, UserPool

AWKWARD = 'it\'s $HOME `x` "q" \\ # é & 100%'


def endpoints(password: str = AWKWARD) -> Endpoints:
    return Endpoints(
        dynamodb=DynamoDBEndpoint(url="http://127.0.0.1:8000", region="eu-west-1"),
        postgres=PostgresEndpoint(
            host="127.0.0.1",
            port=5432,
            user="postgres",
            password=password,
            database="cruddur",
            parameters=(("sslmode", "disable"), ("keepalives", "1")),
        ),
    )


def test_everything_an_application_asks_for_is_there() -> None:
    found = environment.variables(endpoints("password"), "cruddur-messages")
    assert found == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:8000",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000",
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": "http://127.0.0.1:8000",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "DDB_MESSAGE_TABLE": "cruddur-messages",
        "CONNECTION_URL": "postgresql://postgres:password@127.0.0.1:5432/cruddur?sslmode=disable&keepalives=1",
        "DATABASE_URL": "postgresql://postgres:password@127.0.0.1:5432/cruddur?sslmode=disable&keepalives=1",
        "PGHOST": "127.0.0.1",
        "PGPORT": "5432",
        "PGUSER": "postgres",
        "PGPASSWORD": "password",
        "PGDATABASE": "cruddur",
        "PGSSLMODE": "disable",
    }


def test_whoever_verifies_tokens_is_told_where_the_pool_is_and_what_it_says_of_itself() -> None:
    pool = UserPool(
        endpoint=IdentityEndpoint(url="http://127.0.0.1:9229", region="eu-west-1"),
        pool_id="eu-west-1_AbCdEf123",
        client_id="client",
    )
    found = environment.variables(endpoints(), "t", pool)
    assert {name: value for name, value in found.items() if "COGNITO" in name} == {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://127.0.0.1:9229",
        "AWS_COGNITO_USER_POOL_ID": "eu-west-1_AbCdEf123",
        "AWS_COGNITO_USER_POOL_CLIENT_ID": "client",
        "AWS_COGNITO_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "AWS_COGNITO_JWKS_URL": "http://127.0.0.1:9229/eu-west-1_AbCdEf123/.well-known/jwks.json",
    }


def shell(script: str, **environ: str) -> str:
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, env=environ)
    return done.stdout.decode()


def test_a_shell_reads_back_what_export_lines_say() -> None:
    lines = environment.as_export(environment.variables(endpoints(), "t"))
    assert shell(f'{lines}printf %s "$PGPASSWORD"') == AWKWARD
    assert shell(f'{lines}printf %s "${{AWS_PROFILE-gone}}"', AWS_PROFILE="work") == "gone"


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20))
def test_a_shell_reads_back_any_dotenv_value(value: str) -> None:
    line = environment.as_dotenv({"X": value})
    assert shell(f'{line}printf %s "$X"') == value


def test_a_plain_dotenv_value_is_bare_for_readers_that_keep_quotes() -> None:
    plain = endpoints("password")
    plain = replace(plain, postgres=replace(plain.postgres, parameters=(("sslmode", "disable"),)))
    written = environment.as_dotenv(environment.variables(plain, "t"))
    assert "'" not in written
    assert "CONNECTION_URL=postgresql://postgres:password@127.0.0.1:5432/cruddur?sslmode=disable\n" in written


def test_json_is_one_object() -> None:
    found = environment.variables(endpoints(), "t")
    assert json.loads(environment.as_json(found)) == found


def test_leftovers_of_another_account_do_not_reach_the_command() -> None:
    found = environment.variables(endpoints(), "t")
    merged = environment.merged(
        {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "x", "HOME": "/root", "PGHOST": "h"}, found
    )
    assert "AWS_PROFILE" not in merged
    assert "AWS_SESSION_TOKEN" not in merged
    assert (merged["HOME"], merged["PGHOST"]) == ("/root", "127.0.0.1")
