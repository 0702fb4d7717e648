"""Readers and writers go on while Postgres crashes, DynamoDB dies, and both are killed and come back empty.

What an engine loses with its process is lost: after a restart both are empty, and are seeded anew. What counts is that
nobody is ever told what was before an acknowledged change, and that nobody is ever told that a user is not there.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import psycopg
import pytest

from harness.collect import collect_scenarios
from harness.dataset import silent
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.engines import docker_client
from harness.engines.ports import free_port
from harness.engines.readiness import wait_until
from harness.engines.registry import open_engine
from harness.scenario import run_scenario
from harness.schema_files import read_schema
from harness.service import Service, ServiceName
from harness.setting import open_setting
from harness.stack.running import probe
from harness.stores.clients import make_client
from harness.stores.registry import open_stores
from scenarios.cache import CacheTable, DatabaseDown, Terms, User, UserCache, UsersInPostgres, by_cognito_id, by_handle
from scenarios.cache import make_table as make_cache_table
from scenarios.cache.laboratory import QUICK
from tests.integration.conftest import config_for, missing
from tests.integration.scenarios.conftest import config
from tests.unit.scenarios.small import dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.engines.base import Engine

TERMS = Terms(fresh=0.6, fresh_absence=0.3, stale=3.0, lease=0.5, patience=0.3, pause=0.02, skew=0.05)
READERS, PEOPLE = 3, 2
TABLE = "cache-storm"
#: What has to be told, and be told while nothing answers, before something else may go wrong.
ENOUGH, ENOUGH_OF_NOTHING = 80, 6


class Ground:
    """Both services on ports that stay, however often they are killed."""

    def __init__(self, engine: str, home: Path) -> None:
        self.engine, self.home, self.lives = engine, home, 0
        first = free_port()
        self.ports: dict[ServiceName, int] = {"dynamodb": first, "postgres": free_port(besides=[first])}
        self.running: Engine | None = None

    def start(self) -> Endpoints:
        self.lives += 1
        home = self.home / str(self.lives)
        home.mkdir()
        self.running = open_engine(
            self.engine, config_for(home), home=home, ports=self.ports, shared=True, progress=silent
        )
        if (reason := self.running.check()) is not None:
            missing(self.engine, reason)
        found: dict[str, Any] = {
            name: self.running.start(Service(name=name, port=port)) for name, port in self.ports.items()
        }
        dynamodb, postgres = found["dynamodb"], found["postgres"]
        assert isinstance(dynamodb, DynamoDBEndpoint)
        assert isinstance(postgres, PostgresEndpoint)
        for endpoint in (dynamodb, postgres):
            wait_until("both", partial(probe, endpoint), timeout=120, alive=lambda: None, logs=str)
        return Endpoints(dynamodb=dynamodb, postgres=postgres)

    def kill(self) -> None:
        if self.running is not None:
            self.running.stop()

    def crash_postgres(self, dsn: str) -> None:
        """Kill a server process the hard way: the others follow it, and what was not in the log is gone."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            pid = connection.info.backend_pid
            if self.engine == "docker":
                with docker_client.connected() as client:
                    (container,) = client.containers.list(filters={"publish": str(self.ports["postgres"])})
                    container.exec_run(["kill", "-9", str(pid)])
            else:
                os.kill(pid, signal.SIGKILL)


@dataclass
class Storm:
    """Threads that look up and change, and note what they are told."""

    endpoints: Endpoints
    people: list[User] = field(default_factory=list)
    #: By uuid: the newest change that was begun, the newest that was acknowledged, and when each was.
    begun: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    since: dict[tuple[str, int], float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def users(self) -> UserCache:
        table = CacheTable(client=quick_client(self.endpoints.dynamodb), name=TABLE, terms=TERMS)
        return UserCache(
            cache=table, database=UsersInPostgres(lend=self.connect), clock=time.time, wait=time.sleep, terms=TERMS
        )

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.endpoints.postgres.dsn, connect_timeout=2)

    @contextmanager
    def raging(self) -> Iterator[None]:
        users = self.users()
        work = [partial(self.read, users, number) for number in range(READERS)]
        work += [partial(self.write, users, user) for user in self.people]
        threads = [threading.Thread(target=self.until_over, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def until_over(self, work: Callable[[], None]) -> None:
        while not self.over.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - a thread's error is the test's
                self.wrong.append(repr(error))
                return

    def read(self, users: UserCache, number: int) -> None:
        self.over.wait(0.005)
        user = self.people[(len(self.told) + number) % PEOPLE]
        key = by_handle(user.handle) if len(self.told) % 2 else by_cognito_id(user.cognito_user_id)
        floor = self.acknowledged[user.uuid]
        try:
            found = users.look_up(key)
        except DatabaseDown:
            self.told.append("nothing")
            return
        self.told.append(found.how)
        if found.user is None:
            self.wrong.append(f"{key} is nobody, {found.how}")
            return
        version = int(found.user.display_name)
        age = time.time() - self.since.get((user.uuid, version + 1), time.time())
        old_but_told_so = found.how == "stale" and age < TERMS.fresh + TERMS.stale + TERMS.skew
        if not floor <= version <= self.begun[user.uuid] and not old_but_told_so:
            self.wrong.append(f"{key} was told {version}, {found.how}; {floor} was acknowledged before")

    def write(self, users: UserCache, user: User) -> None:
        version = self.begun[user.uuid] + 1
        self.begun[user.uuid] = version
        with suppress(DatabaseDown):
            users.change(user.uuid, display_name=str(version))
            self.since[user.uuid, version] = time.time()
            self.acknowledged[user.uuid] = version
            self.changed.append(user.handle)
        self.over.wait(0.02)

    def more(self, *kinds: str) -> None:
        """Wait until enough has been told and changed, and something told in each of these ways."""
        told, changed = len(self.told), len(self.changed)

        def enough() -> None:
            if self.wrong:
                return
            if len(self.told) < told + (ENOUGH_OF_NOTHING if "nothing" in kinds else ENOUGH) or not set(kinds) <= set(
                self.told[told:]
            ):
                raise ConnectionError(f"told so far: {self.told[told:][-20:]}")
            if "nothing" not in kinds and len(self.changed) < changed + PEOPLE:
                raise ConnectionError("too little was changed")

        wait_until("the storm", enough, timeout=150, alive=lambda: None, logs=str)


def quick_client(endpoint: DynamoDBEndpoint) -> Any:
    """Return a client that gives up soon."""
    return boto3.client(
        "dynamodb",
        region_name=endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        config=QUICK,
    )


def seeded(endpoints: Endpoints) -> Storm:
    """Return a storm over a database that was just loaded, with an empty cache."""
    project = config()
    schema = read_schema(project)
    with open_stores(endpoints) as stores:
        stores.apply_schema(schema)
        stores.load(dataset(), schema)
    make_cache_table(make_client(endpoints.dynamodb), TABLE)
    storm = Storm(endpoints)
    users = storm.users()
    for number in range(PEOPLE):
        name = f"storm-{number}"
        user = User(uuid=str(uuid4()), handle=name, display_name="0", cognito_user_id=f"sub-{number}")
        users.add(user)
        storm.people.append(user)
        storm.begun[user.uuid] = storm.acknowledged[user.uuid] = 0
    return storm


def plays_the_scenario(endpoints: Endpoints) -> None:
    (scenario,) = collect_scenarios(config(scenarios=("scenarios/read_aside_cache.py",)), ("cache",))
    with open_setting(config(), dataset(), endpoints) as setting:
        result = run_scenario(scenario, setting)
    assert [step for step in result.steps if not step.passed] == []
    assert result.error is None


@pytest.mark.parametrize("engine", ["docker", "embedded"])
def test_nobody_is_told_wrong_while_both_are_killed_and_restarted(engine: str, tmp_path: Path) -> None:
    ground = Ground(engine, tmp_path)
    try:
        endpoints = ground.start()
        storm = seeded(endpoints)
        plays_the_scenario(endpoints)
        with storm.raging():
            storm.more("hit", "loaded")
            ground.crash_postgres(endpoints.postgres.dsn)
            storm.more("hit", "loaded")
            make_client(endpoints.dynamodb).delete_table(TableName=TABLE)
            storm.more("around")
            make_cache_table(make_client(endpoints.dynamodb), TABLE)
            storm.more("hit", "loaded")
            ground.kill()
            storm.more("nothing")
            endpoints = ground.start()
            storm.more("nothing")  # the server is back, its data are not: that makes nobody of no one
        assert storm.wrong == []
        storm = seeded(endpoints)
        with storm.raging():
            storm.more("hit", "loaded")
        assert storm.wrong == []
        plays_the_scenario(endpoints)
    finally:
        ground.kill()
