"""Users who sign in: tokens that verify, and ones with exactly one fault."""

import jwt
import pytest


def verified(token, env):
    """As the application does it, with nothing but its environment."""
    key = jwt.PyJWKClient(env["AWS_COGNITO_JWKS_URL"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token, key, algorithms=["RS256"], issuer=env["AWS_COGNITO_ISSUER"], options={"verify_aud": False}
    )
    assert claims["client_id"] == env["AWS_COGNITO_USER_POOL_CLIENT_ID"]
    return claims


def test_a_token_is_of_the_user_that_the_database_has(
    harness_user_pool, harness_env, harness_dataset, harness_postgres
):
    user = harness_dataset.users[0]
    claims = verified(harness_user_pool.token_for(user), harness_env)
    row = harness_postgres.execute("SELECT handle FROM users WHERE cognito_user_id = %s", [claims["sub"]]).fetchone()
    assert row == (user.handle,)


def test_an_expired_token_is_refused(harness_user_pool, harness_env, harness_dataset):
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(harness_user_pool.token_for(harness_dataset.users[0], fault="expired"), harness_env)


@pytest.mark.harness(users=3, groups=1, messages=1)
def test_other_users_have_a_pool_of_their_own(harness_user_pool, harness_dataset):
    assert len(harness_dataset.users) == 3
    assert harness_user_pool.token_for(harness_dataset.users[2], use="id")


def test_who_needs_no_user_pool_is_told_of_none(harness_env):
    assert "AWS_COGNITO_USER_POOL_ID" not in harness_env
