"""Which pool is meant; and that no other machine is asked without leave, nor with credentials that nobody gave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import load_config
from harness.endpoint import IdentityEndpoint, UserPool
from harness.errors import EnvironmentFailure, UsageError
from harness.identity.named_pool import choose_pool

CONFIG = load_config(Path(__file__).parent, {}, {})
OWN = UserPool(
    endpoint=IdentityEndpoint(url="http://127.0.0.1:9229"), pool_id="us-east-1_OmkuMHYvh", client_id="client"
)


def test_unnamed_it_is_the_stacks_own() -> None:
    assert choose_pool(CONFIG, OWN, None, None) is OWN
    assert choose_pool(CONFIG, OWN, OWN.pool_id, None) is OWN


def test_a_stack_without_a_pool_is_told() -> None:
    with pytest.raises(EnvironmentFailure, match="no user pool yet") as failure:
        choose_pool(CONFIG, None, None, None)
    assert "harness up" in failure.value.hint


def test_a_pool_on_this_machine_needs_no_leave() -> None:
    pool = choose_pool(CONFIG, OWN, "eu-west-1_AbCdEf123", "http://localhost:9229")
    assert pool.endpoint == IdentityEndpoint(url="http://localhost:9229", region="eu-west-1")
    assert pool.keys is None
    assert pool.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"


@pytest.mark.parametrize("url", [None, "https://cognito.example.com"])
def test_another_machine_takes_leave_and_credentials(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setenv("AWS_PROFILE", "production")
    with pytest.raises(UsageError, match="is not this machine"):
        choose_pool(CONFIG, OWN, "eu-west-1_AbCdEf123", url)
    allowed = replace(CONFIG, allow_remote=True)
    with pytest.raises(EnvironmentFailure, match="no credentials"):
        choose_pool(allowed, OWN, "eu-west-1_AbCdEf123", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    pool = choose_pool(allowed, OWN, "eu-west-1_AbCdEf123", url)
    assert pool.endpoint.access_key_id == "AKIA"
    assert pool.endpoint.url == (url or "https://cognito-idp.eu-west-1.amazonaws.com")
    assert "secret" not in repr(pool)


@pytest.mark.parametrize("pool_id", ["mine", "us-east-1", "us-east-1_", "us-east-1_a/../b", "", None])
def test_what_is_no_pool(pool_id: str | None) -> None:
    with pytest.raises(UsageError) as failure:
        choose_pool(CONFIG, OWN, pool_id, "http://127.0.0.1:9229")
    assert "--pool-id us-east-1_AbCdEf123" in failure.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:9229",
        "ftp://127.0.0.1",
        "http://",
        "http://a:b@127.0.0.1",
        "http://127.0.0.1:x",
        "http://[",
        "http://h?x=1",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="not an http or https URL"):
        choose_pool(CONFIG, OWN, "us-east-1_AbCdEf123", url)
