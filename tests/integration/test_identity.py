"""The identity service beside services that do not have one: started, killed at any moment, and gone without a trace."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING

import jwt
import pytest

from harness import stack
from harness.dataset import User
from harness.endpoint import IdentityEndpoint, UserPool
from harness.errors import UsageError
from harness.identity import tokens
from harness.identity.faults import Fault
from harness.identity.keys import public_keys
from harness.identity.passing import passing_identity
from harness.identity.pool import fill, fill_pool, make_pool, mend_pool, refill_pool, subject, with_recorded_pool
from harness.stores.user_pools import UserPools
from tests.integration.leftovers import FILLED, Before, drive, processes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.endpoint import Endpoints

#: Where the harness is killed: before the process is recorded to have started, after it, and before the pool is remembered.
MOMENTS = [
    ("harness.engines.ministack_process:processes.spawn", 1),
    ("harness.engines.processes:_write", 2),
    ("harness.identity.pool:remember_identity", 1),
]


def user(handle: str, cognito_user_id: str, email: str | None = None) -> User:
    return User(
        uuid=f"uuid-of-{handle}",
        display_name=handle.title(),
        handle=handle,
        email=email or f"{handle}@example.com",
        cognito_user_id=cognito_user_id,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


ANA = user("ana", "3846e279-a068-5a49-aa79-09eb6f2ba3d6")
BEN = user("ben", "c7b9bb31-2896-570d-a84d-0a08f82156ce")
MOCK = user("cleo", "MOCK")


@pytest.fixture
def before() -> Before:
    return Before.now()


@pytest.fixture(autouse=True)
def tidy(project: Config) -> Iterator[None]:
    """Whatever a failing test left is removed all the same."""
    yield
    stack.down(project)


@pytest.mark.docker
@pytest.mark.parametrize(("deadly", "count"), MOMENTS, ids=lambda part: str(part).rpartition(":")[2])
@pytest.mark.usefixtures("needs_docker")
def test_harness_killed_while_it_fills_leaves_nothing_that_down_cannot_clean(
    project: Config, before: Before, deadly: str, count: int
) -> None:
    config = replace(project, engine="docker")
    with drive(FILLED, config, deadly=deadly, count=count) as harness:
        _, complaint = harness.communicate(timeout=120)
    assert harness.returncode == -signal.SIGKILL, complaint
    found, started = stack.up(config)
    assert not started
    mended = mend_pool(found, lambda: [ANA])
    assert mended.identity is not None
    assert len(processes_of(config.project)) == 1
    stack.down(config)
    before.nothing_new(config)


def external_to(pair: Endpoints, project: Config) -> Config:
    return replace(project, engine="external", dynamodb_url=pair.dynamodb.url, postgres_dsn=pair.postgres.dsn)


@pytest.mark.embedded
def test_beside_services_of_others_ours_goes_and_theirs_stay(
    project: Config, before: Before, embedded_pair: Endpoints
) -> None:
    config = external_to(embedded_pair, project)
    found, _ = stack.up(config)
    filled = fill_pool(found, [ANA])
    assert filled.identity is not None
    assert filled.identity.endpoint.url != embedded_pair.dynamodb.url
    attached = stack.attach(config)
    assert attached is not None
    assert attached.identity == filled.identity
    assert attached.status() == {"dynamodb": None, "postgres": None, "identity": None}
    assert attached.logs("identity", 5)
    stack.down(config)
    before.nothing_new(config)
    again = stack.attach(config)  # theirs
    assert again is not None
    assert again.identity is None


@pytest.mark.embedded
def test_seeding_services_of_others_starts_nothing_that_up_did_not_start(
    project: Config, embedded_pair: Endpoints
) -> None:
    found = stack.attach(external_to(embedded_pair, project))
    assert found is not None
    refill_pool(found, [ANA])
    assert processes_of(project.project) == []


@pytest.mark.embedded
def test_a_passing_service_leaves_no_pool_in_a_stack_that_is_up(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    found, _ = stack.up(project)
    with passing_identity(found) as identity:
        pool = identity.pool_of([ANA])
        assert tokens.access_token(pool, ANA)
        assert identity.pools.has_pool(pool.pool_id)
        endpoint = pool.endpoint
    with closing(UserPools(endpoint)) as opened:
        assert not opened.has_pool(pool.pool_id)


@pytest.mark.embedded
def test_two_passing_services_begun_in_one_moment_are_two(project: Config, embedded_pair: Endpoints) -> None:
    """Both see the usual port free, and one would answer for the other, until it ends."""
    found = stack.attach(external_to(embedded_pair, project))
    assert found is not None
    together = Barrier(2)

    def served(_: int) -> tuple[str, bool]:
        together.wait(60)
        with passing_identity(found) as identity:
            pool = identity.pool_of([ANA])
            together.wait(60)
            return pool.endpoint.url, bool(tokens.access_token(pool, ANA))

    with ThreadPoolExecutor(2) as threads:
        (one, _), (other, _) = threads.map(served, range(2))
    assert one != other


@pytest.mark.embedded
def test_a_pool_that_another_up_filled_meanwhile_is_taken(project: Config, needs_embedded: None) -> None:  # noqa: ARG001
    found, _ = stack.up(project)
    filled = fill_pool(found, [ANA])
    assert found.identity is None  # what the other one saw
    assert with_recorded_pool(found).identity == filled.identity


@pytest.fixture
def pools(embedded_pair: Endpoints) -> Iterator[UserPools]:
    endpoint = embedded_pair.dynamodb
    with closing(UserPools(IdentityEndpoint(url=endpoint.url, region=endpoint.region))) as opened:
        yield opened


@pytest.fixture
def pool(pools: UserPools) -> UserPool:
    return make_pool(pools)


@pytest.mark.embedded
class TestFilling:
    def test_subs_are_those_of_the_seed_and_a_mock_gets_one(self, pools: UserPools, pool: UserPool) -> None:
        assert fill(pools, pool.pool_id, [ANA, MOCK])
        found = {each.handle: each for each in pools.list_users(pool.pool_id)}
        assert found["ana"].sub == found["ana"].username == ANA.cognito_user_id
        assert subject(MOCK) is None
        assert len(found["cleo"].sub) == 36

    def test_twice_changes_nothing(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA, MOCK])
        held = list(pools.list_users(pool.pool_id))
        assert not fill(pools, pool.pool_id, [MOCK, ANA])
        assert list(pools.list_users(pool.pool_id)) == held

    def test_it_holds_exactly_who_is_wanted(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA, BEN, MOCK])
        pools.create_user(pool.pool_id, "nameless", {})
        changed = user("ben", BEN.cognito_user_id, email="new@example.com")
        assert fill(pools, pool.pool_id, [changed, ANA])
        found = {each.handle: each.email for each in pools.list_users(pool.pool_id)}
        assert found == {"ana": "ana@example.com", "ben": "new@example.com"}

    def test_many_are_listed_page_by_page(self, pools: UserPools, pool: UserPool) -> None:
        many = [user(f"u{number}", f"00000000-0000-4000-8000-{number:012}") for number in range(130)]
        fill(pools, pool.pool_id, many)
        assert {each.handle for each in pools.list_users(pool.pool_id)} == {each.handle for each in many}


@pytest.mark.embedded
class TestTokens:
    def test_a_source_asks_once_in_its_time(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA, BEN])
        clock = datetime(2026, 11, 28, tzinfo=UTC)
        source = tokens.TokenSource(pool, now=lambda: clock)
        first = source.token_for(ANA)
        assert source.token_for(ANA) == first
        assert source.token_for(BEN) != first
        clock = datetime(2026, 11, 28, 1, tzinfo=UTC)
        assert source.token_for(ANA) != first

    def test_tokens_are_signed_with_published_keys(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA])
        keys = public_keys(pool)
        for token in (tokens.access_token(pool, ANA), tokens.id_token(pool, ANA)):
            key = keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(token, key, algorithms=["RS256"], issuer=pool.issuer, options={"verify_aud": False})
            assert claims["sub"] == ANA.cognito_user_id

    def test_nobody_signs_for_a_pool_whose_keys_are_its_own(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA])
        with pytest.raises(UsageError, match="its own"):
            tokens.bad_token(pool, ANA, Fault.EXPIRED, now=datetime.now(UTC))

    def test_somebody_unknown_is_told_with_the_nearest(self, pools: UserPools, pool: UserPool) -> None:
        fill(pools, pool.pool_id, [ANA, BEN])
        with pytest.raises(UsageError, match="'bem'") as failure:
            tokens.sign_in(pool, "bem")
        assert "`ben`" in failure.value.hint
