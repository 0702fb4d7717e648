"""A pair for tests that only read: made once for a session; a write is refused, and named."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.stores.connections import make_read_only, reading_connection
from harness.testing.pair import Pair
from harness.testing.showing import shown_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.stores.recorder import Recorder
    from harness.testing.taken import Taken

_READING = ("Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List")
_HINT = "take harness_namespace: it is the test's own"


class SharedPair(Pair):
    """What `harness_shared` is."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(taken)
        self._refused: list[str] = []
        self.listener = _Guard(self.recorder, self._refused.append)
        make_read_only(self.endpoints.postgres)

    @cached_property
    def postgres(self) -> Any:
        """A psycopg connection in autocommit mode, on which the server refuses writes."""
        return self._open.enter_context(reading_connection(self.endpoints.postgres, self._refused.append))

    def take_refused(self) -> str | None:
        """Return, once, what to say of writes that were refused; None when there were none."""
        refused, self._refused[:] = list(self._refused), []
        return _message("\n".join(f"  {each}" for each in refused)) if refused else None

    def check_unchanged(self) -> None:
        """Raise UsageError when somebody wrote past the clients and the connection that it gives out."""
        changed = self.changes()
        if changed:
            raise UsageError(
                f"harness_shared was written to, past its clients and its connection\n{shown_changes(changed)}",
                hint=f"find the test that did it; {_HINT}",
            )


class _Guard:
    """Hears requests, and refuses those that write."""

    def __init__(self, recorder: Recorder, tell: Callable[[str], object]) -> None:
        self._recorder, self._tell = recorder, tell

    def attach(self, events: Any) -> None:
        """Listen on a client's events, or a session's."""
        self._recorder.attach(events)
        events.register("before-call.dynamodb", self._look)

    def _look(self, *, model: Any, params: dict[str, Any], **_: Any) -> None:
        __tracebackhide__ = True
        body = json.loads(params["body"])
        if model.name.startswith(_READING) or str(body.get("Statement", "")).lstrip()[:6].upper() == "SELECT":
            return
        body.pop("ReturnConsumedCapacity", None)
        write = f"{model.name} {json.dumps(body, ensure_ascii=False)}"
        self._tell(write)
        raise UsageError(_message(f"  {write}"), hint=_HINT)


def _message(writes: str) -> str:
    return f"harness_shared is for reading, and this would have changed it for all other tests:\n{writes}"
