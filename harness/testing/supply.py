"""Where a worker's tests get their namespaces: engines that are opened once, templates made once, pools kept few."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from harness.engines.registry import wants_external
from harness.errors import EnvironmentFailure, HarnessError
from harness.namespaces.pool import Pool
from harness.namespaces.session import open_session
from harness.stack import await_services
from harness.stores.clients import Clients
from harness.testing.ahead import Ahead
from harness.testing.content import configured, make_content
from harness.testing.taken import Taken
from harness.testing.wish import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Future
    from datetime import datetime
    from typing import TypeVar

    from harness.config import Config
    from harness.endpoint import UserPool
    from harness.namespaces.maker import Maker
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.session import Session
    from harness.namespaces.template import Template
    from harness.testing.content import Content

    T = TypeVar("T")

#: How many seeds keep namespaces ready at one time; tests in random order with more of them wait now and then.
_POOLS = 4


class NoEngine(EnvironmentFailure):
    """There is nothing that tests could work on."""


@dataclass
class Supply:
    """One process's engines, templates and pools. What fails once, fails for all tests that need it, at once."""

    config: Config
    #: The same in all processes of a run, and in no other run.
    run: str
    #: What `as_of="now"` means; the same in all processes of a run, so that they share templates.
    now: datetime
    #: Seconds that services of others get to answer, where they may have been started a moment ago.
    patience: float = 0
    _known: dict[Hashable, object] = field(default_factory=dict)
    _pools: OrderedDict[tuple[str, str], tuple[Pool, Session]] = field(default_factory=OrderedDict)
    _open: ExitStack = field(default_factory=ExitStack)
    _kept: bool = False
    _clients: Future[Clients] | None = None

    def session(self, wish: Wish = Wish()) -> Session:  # noqa: B008 - frozen
        """Return where namespaces come from on the wished engine, started or attached to when first asked for."""
        config = configured(self.config, wish)
        return self._once(("session", config.engine), lambda: self._start(config))

    def content(self, wish: Wish) -> Content:
        """Return what a namespace of this wish holds."""
        return self._once(("content", wish), lambda: make_content(self.config, wish, now=self.now))

    def take(self, wish: Wish) -> Taken:
        """Return a namespace of the test's own."""
        content, session = self.content(wish), self.session(wish)
        template = self._template(content, session)
        pool = self._pool((content.config.engine, template.digest), session, template)
        return self._taken(pool.take(), content, template, session, pool)

    def make(self, wish: Wish) -> Taken:
        """Return a namespace past all pools: for one that is there as long as the run. `drop` it."""
        content, session = self.content(wish), self.session(wish)
        template = self._template(content, session)
        return self._taken(session.maker.make(template), content, template, session, None)

    def user_pool(self, wish: Wish) -> UserPool:
        """Return a user pool with the users of a namespace of this wish; tests with the same users share it."""
        from harness.identity.passing import passing_identity  # noqa: PLC0415 - 0.1 s of cryptography, for who signs in

        session, users = self.session(wish), self.content(wish).dataset.users
        serve = partial(passing_identity, session.stack)
        identity = self._once(("identity", id(session)), lambda: self._open.enter_context(serve()))
        return self._once(("user pool", id(session), users), lambda: identity.pool_of(users))

    def give_back(self, taken: Taken) -> None:
        """Let a namespace be dropped, later."""
        if taken.pool is None:
            taken.maker.drop(taken.namespace)
        else:
            taken.pool.give_back(taken.namespace)

    def keep(self, taken: Taken) -> None:
        """Leave a namespace up when the run is over."""
        if taken.pool is not None:
            taken.session.keep(taken.pool, taken.namespace)
            self._kept = True

    def close(self) -> None:
        """Drop all namespaces that are not kept; the last process of a run stops the engines, and all that is on them."""
        try:
            for pool, session in self._pools.values():
                pool.close(drop=self._kept or not session.stack.ephemeral)
            if self._pools:
                self._ahead().close()
        finally:
            self._open.close()

    def _start(self, config: Config) -> Session:
        if self._clients is None:
            self._clients = _in_background(Clients)  # boto3 takes half a second to import, and engines to start
        try:
            if self.patience and wants_external(config):
                await_services(config, self.patience)
            return self._open.enter_context(open_session(config, f"{self.run} {config.engine}"))
        except EnvironmentFailure as exc:
            raise NoEngine(exc.message, hint=exc.hint) from exc

    def _template(self, content: Content, session: Session) -> Template:
        made = partial(session.template, content.schema, None if content.empty else content.dataset)
        return self._once(("template", id(content), id(session)), made)

    def _pool(self, key: tuple[str, str], session: Session, template: Template) -> Pool:
        """Return the template's pool; of too many, the one that was not asked for longest is closed."""
        if key not in self._pools:
            if len(self._pools) == _POOLS:
                self._pools.popitem(last=False)[1][0].close()
            ahead = self._ahead()
            made, dropped = partial(_make, session.maker, template, ahead), partial(_drop, session.maker, ahead)
            self._pools[key] = Pool(made, dropped), session
        self._pools.move_to_end(key)
        return self._pools[key][0]

    def _taken(
        self, namespace: Namespace, content: Content, template: Template, session: Session, pool: Pool | None
    ) -> Taken:
        return Taken(
            namespace=namespace, content=content, template=template, session=session, ahead=self._ahead(), pool=pool
        )

    def _ahead(self) -> Ahead:
        clients = self._clients or _in_background(Clients)
        return self._once("ahead", lambda: Ahead(clients.result(), table=self.config.table))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._known:
            try:
                self._known[key] = make()
            except HarnessError as exc:
                self._known[key] = exc
        found = self._known[key]
        if isinstance(found, HarnessError):
            raise found.with_traceback(None)
        return found  # type: ignore[return-value]


def _in_background(make: Callable[[], T]) -> Future[T]:
    executor = ThreadPoolExecutor(1, thread_name_prefix="clients")
    future = executor.submit(make)
    executor.shutdown(wait=False)
    return future


def _make(maker: Maker, template: Template, ahead: Ahead) -> Namespace:
    namespace = maker.make(template)
    ahead.prepare(namespace)
    return namespace


def _drop(maker: Maker, ahead: Ahead, namespace: Namespace) -> None:
    ahead.forget(namespace)
    maker.drop(namespace)
