"""`users sync`: the subs of a pool go into the database, by handle."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.identity.sync import SyncPlan, plan_sync
from harness.stores.postgres_users import user_table
from harness.stores.user_pools import UserPools

if TYPE_CHECKING:
    from harness.endpoint import PostgresEndpoint, UserPool


def sync_users(pool: UserPool, postgres: PostgresEndpoint, *, dry_run: bool) -> SyncPlan:
    """Write each pool user's `sub` into `users.cognito_user_id`, all or none, and return what that came to.

    The pool is only ever read, and so is the database where it is a `dry_run`.
    """
    with closing(UserPools(pool.endpoint)) as pools:
        pool_users = tuple(pools.list_users(pool.pool_id))
    with user_table(postgres, read_only=dry_run) as table:
        plan = plan_sync(pool_users, table.rows())
        if plan.changes and not dry_run:
            table.set_cognito_ids({change.uuid: change.after for change in plan.changes})
    return plan
