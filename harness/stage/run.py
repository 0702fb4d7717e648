"""What a scenario is given: data, a target, and words for what must be true."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from harness.capacity.account import Account
from harness.stage.observed import ObservedTarget
from harness.stage.showing import shown, shown_collection, shown_pair
from harness.stage.steps import Step, kept_steps
from harness.target import Broke, Judged, Refused, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from harness.dataset import Dataset, Item, MessageGroup, User
    from harness.stage.expectation import Expectation
    from harness.stage.setting import Setting
    from harness.stores.recorder import Call
    from harness.streams.faults import Circumstances
    from harness.streams.journal import Delivery
    from harness.target import Page

T = TypeVar("T")

#: Requests that read more than one item collection, or hide what they read.
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
#: Some applications count in milliseconds, and a taken microsecond moves an instant on.
_ROUNDING = timedelta(milliseconds=1)
_NOT_QUERIES = frozenset({"Scan", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})


class Unmet(Exception):
    """The data lack what a scenario needs; the step that says so is already noted."""


@dataclass(kw_only=True)
class Run:
    """One scenario being played."""

    setting: Setting
    steps: list[Step] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: What the calls cost by AWS's rules; None where that can't be told.
    account: Account | None = field(init=False)
    _last: tuple[Call, ...] = ()

    def __post_init__(self) -> None:
        self.account = None if self.setting.ledger is None else Account(ledger=self.setting.ledger)

    @property
    def dataset(self) -> Dataset:
        """The seed data."""
        return self.setting.dataset

    @property
    def expected(self) -> Expectation:
        """What the databases must hold by now."""
        return self.setting.expected

    @property
    def target(self) -> Target:
        """The four calls; what they acknowledge is counted into `expected`."""
        return ObservedTarget(target=self.setting.target, expected=self.expected)

    @property
    def paged(self) -> bool:
        """Whether the target has cursors; an HTTP API may have none."""
        return self.setting.http is None or self.setting.http.paged

    @property
    def over_http(self) -> bool:
        """Whether the target is an HTTP API, which only users of the pool can ask."""
        return self.setting.http is not None

    @property
    def users(self) -> tuple[User, ...]:
        """Who may act: everybody, or whom `--as` names."""
        return self.dataset.users if self.setting.me is None else (self.setting.me,)

    @property
    def groups(self) -> tuple[MessageGroup, ...]:
        """The seeded message groups to choose from: those of who may act."""
        return tuple(group for group in self.dataset.groups if self.may_act(group.participants))

    def may_act(self, people: tuple[User, User]) -> bool:
        """Tell whether one of two people may act."""
        return self.setting.me is None or self.setting.me in people

    def acting_first(self, people: tuple[User, User]) -> tuple[User, User]:
        """Return two people, whom `--as` names first."""
        one, other = people
        return (other, one) if other == self.setting.me else (one, other)

    def now(self) -> datetime:
        """Ask the target's clock."""
        return self.setting.clock()

    def items(self, pk: str) -> list[Item]:
        """Read an item collection, newest first, past the target."""
        return list(self.setting.items(pk))

    def need(self, found: T | None, what: str, *, otherwise: str) -> T:
        """Return what the scenario needs of the data, or end it with a step that says what they lack."""
        if found is None:
            if self.setting.me is not None:
                otherwise += f" (and --as {self.setting.me.handle} leaves out what is of others)"
            self.steps.append(Step(name="what must be true before", passed=False, expected=what, actual=otherwise))
            raise Unmet(what)
        return found

    def note(self, measured: str) -> None:
        """Have the report tell a figure that is neither right nor wrong."""
        self.notes.append(measured)

    def price(self, what: str, calls: Iterable[Call], *, times: int = 1) -> None:
        """Have the report tell what a million of something cost, of which `times` made exactly these requests."""
        if self.account is not None and times:
            self.account.price(what, calls, times)

    @contextmanager
    def recording(self) -> Iterator[list[Call]]:
        """Collect the requests of target and handler; the steps that follow show them."""
        heard: list[Call] = []
        self._listen()
        try:
            yield heard
        finally:
            heard += self._listen()
            self._last = tuple(heard)

    def expect(self, name: str, actual: object, expected: object, *, collection: str | None = None) -> None:
        """Note whether something is exactly as expected; `collection` (a pk) is shown where it isn't."""
        self._note(name, actual, expected, passed=actual == expected, collection=collection)

    def expect_all(self, name: str, pages: Sequence[Page[T]], expected: Sequence[T], *, collection: str) -> None:
        """Note whether pages hold every entry once, in order; and of a list that stops, that nothing leads to its rest."""
        found = tuple(entry for page in pages for entry in page.entries)
        if pages[-1].cursor is None and len(found) < len(expected) and found == expected[: len(found)]:
            way = 'no `Link: <…>; rel="next"`' if self.over_http else "no cursor"
            actual = f"the first {len(found)}, and {way} to the other {len(expected) - len(found)}"
            self._note(name, actual, f"all {len(expected)}", passed=False, collection=collection)
        else:
            self.expect(name, found, expected, collection=collection)

    def expect_refused(
        self, name: str, call: Callable[[], object], reason: str, *, collection: str | None = None
    ) -> None:
        """Note whether a call is refused, for that reason. Of an HTTP API any 4xx will do that names none."""
        with self.recording():
            try:
                answer = call()
            except Refused as refused:
                passed = refused.reason == reason or refused.reason.startswith("http_4")
                self._note(
                    name, f"refused: {refused.reason}", f"refused: {reason}", passed=passed, collection=collection
                )
                return
            except Broke as broke:
                answer = str(broke)
        self._note(name, answer, f"refused: {reason}", passed=False, collection=collection)

    def expect_query(self, name: str, calls: Sequence[Call], *, key: str, index: str | None = None) -> None:
        """Note whether a key was read by Query on the named index (None: the table itself), and nothing was scanned."""
        if self.setting.recorder is None:
            return
        where = f"index {index}" if index else "the table itself"
        queried = any(
            call.operation == "Query" and call.request.get("IndexName") == index and key in repr(call.request)
            for call in calls
        )
        passed = queried and not any(call.operation in _NOT_QUERIES for call in calls)
        asked = [f"{call.operation} on {call.request.get('IndexName') or 'the table itself'}" for call in calls]
        self._note(name, asked or "no request at all", f"Query of {key} on {where}, and no Scan", passed=passed)

    def expect_writes(self, name: str, calls: Sequence[Call], expected: dict[str, int]) -> None:
        """Note whether just these writing requests succeeded, by operation."""
        if self.setting.recorder is None:
            return
        wrote = Counter(call.operation for call in calls if call.operation in _WRITES and call.error is None)
        self._note(name, dict(wrote), expected, passed=wrote == expected)

    def expect_instant(self, name: str, actual: datetime, *, not_before: datetime) -> None:
        """Note whether an instant lies between `not_before` and now, give or take what milliseconds cut off."""
        now = self.now()
        passed = not_before - _ROUNDING <= actual <= now + _ROUNDING
        expected = f"from {shown(not_before)} to {shown(now)}"
        self._note(name, actual, expected, passed=passed)

    def expect_capacity(self, name: str, calls: Sequence[Call], *, at_most: float) -> None:
        """Note whether the requests stayed within a budget of capacity units."""
        if self.setting.recorder is None:
            return
        used = sum(call.capacity or 0.0 for call in calls)
        told = all(call.capacity is not None for call in calls if call.error is None)
        actual = f"{used} capacity units in {len(calls)} requests" if told else "a request that told no capacity"
        self._note(name, actual, f"at most {at_most} capacity units", passed=told and used <= at_most)

    def deliver(self, faced: Circumstances | None = None) -> Delivery:
        """Hand everything in the table's stream to the handler, as the mapping says or under hostile circumstances."""
        deliver = self.need(
            self.setting.deliver,
            "a handler for the table's stream",
            otherwise=self.setting.no_delivery,
        )
        delivery = deliver() if faced is None else deliver(faced)
        self.expected.delivered()
        return delivery

    def _note(
        self, name: str, actual: object, expected: object, *, passed: bool, collection: str | None = None
    ) -> None:
        if passed:
            self.steps.append(Step(name=name, passed=True, calls=self._last))
            return
        wanted, found = shown_pair(expected, actual) if not isinstance(expected, str) else (expected, shown(actual))
        items = f"{collection}\n{shown_collection(self.items(collection))}" if collection else None
        self.steps.append(
            Step(name=name, passed=False, expected=wanted, actual=found, calls=self._last, collection=items)
        )

    def _listen(self) -> list[Call]:
        """Take what was heard since the last time."""
        heard = list(self.setting.recorder.take()) if self.setting.recorder else []
        self.calls += heard
        if self.account is not None:
            for call in heard:
                self.account.add(call)
        return heard

    def finish(self) -> None:
        """Hear the last requests, and take down what the target found in its answers."""
        self._listen()
        if isinstance(self.setting.target, Judged):
            self.steps += kept_steps(self.setting.target.kept())
