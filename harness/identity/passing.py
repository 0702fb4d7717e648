"""An identity service for as long as a test run: the embedded stack's own, else a process in a home of its own."""

from __future__ import annotations

import secrets
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.engines import identity_process
from harness.engines.interrupts import undisturbed
from harness.engines.lock import locked
from harness.errors import EnvironmentFailure
from harness.identity.pool import await_identity, fill, make_pool
from harness.logs import make_state_folder
from harness.stack.lifecycle import discard
from harness.state import write_intent
from harness.stores.user_pools import UserPools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from harness.config import Config
    from harness.dataset import User
    from harness.endpoint import UserPool
    from harness.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A service that answers, and makes pools that nobody else fills."""

    pools: UserPools
    keys: Path
    #: The ids of the pools that were made here.
    made: list[str] = field(default_factory=list)

    def pool_of(self, users: Iterable[User]) -> UserPool:
        """Return a new pool that holds these users."""
        pool = make_pool(self.pools, self.keys)
        self.made.append(pool.pool_id)
        fill(self.pools, pool.pool_id, users)
        return pool

    def remove_pools(self) -> None:
        """Remove the pools that were made here; with a service that is gone, they are too."""
        with suppress(EnvironmentFailure):
            for pool_id in self.made:
                self.pools.delete_pool(pool_id)


@contextmanager
def passing_identity(stack: Stack) -> Iterator[Identity]:
    """Yield a service beside a stack. One that had to be started is gone at the end, or, if we are killed, after a `down`."""
    with ExitStack() as held:
        home = stack.home if stack.engine == "embedded" else held.enter_context(_home(stack.config))
        endpoint = identity_process.serve(home, stack.engine, stack.endpoints.dynamodb, passing=True)
        pools = held.enter_context(closing(UserPools(endpoint)))
        await_identity(pools, home, stack.engine, stack.config.start_timeout)
        identity = Identity(pools=pools, keys=identity_process.key_folder(home))
        held.callback(identity.remove_pools)
        yield identity


@contextmanager
def _home(config: Config) -> Iterator[Path]:
    """Make a home as an ephemeral stack's, in which nothing but our process is: `down` knows it by its name."""
    make_state_folder(config.state_folder)
    home = config.state_folder.resolve() / f"run-{secrets.token_hex(4)}"
    with ExitStack() as held:
        try:
            with locked(config.state_folder):
                home.mkdir()
                held.enter_context(locked(home))
            write_intent(home, "external")
            yield home
        finally:
            with undisturbed():
                discard(config, home)
