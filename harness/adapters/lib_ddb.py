"""A reference application's lib/ddb.py as a Target: `target = "backend-flask/lib/ddb.py:Ddb"`.

Its functions take a client and say who acts in their own words; a service above them looks people up. This does the looking up
and nothing else: what the module doesn't check isn't checked, and what it answers wrongly is said.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from harness.adapters.answers import OWN_UUID, SHAPE, Ledger, group_view, listed, message_view, newest_first
from harness.adapters.calling import call, parameters
from harness.errors import UsageError
from harness.target import Broke, Kept, MessageGroupView, MessageView, Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.adapters.calling import Known
    from harness.target import TargetContext

T = TypeVar("T")

_CALLS = ("list_messages", "list_message_groups", "create_message", "create_message_group")
_LOCAL = {"localhost", "127.0.0.1", "0.0.0.0", "::1"}  # noqa: S104 - names of this machine, nothing is bound
_PERSON = "SELECT display_name, handle FROM public.users WHERE uuid::text = %s"


def fits(made: Any) -> bool:
    """Tell whether it has such a module's functions, or some of them: they are handed a client, or keep their own."""
    asked = [parameters(getattr(made, name)) for name in _CALLS if hasattr(made, name)]
    are_handed_one = callable(getattr(made, "client", None)) and all("client" in each for each in asked)
    return len(asked) > 1 and (are_handed_one or any("my_user_uuid" in each for each in asked))


def adapt(ddb: Any, context: TargetContext) -> LibDdb:
    """Return a target that speaks to a class `Ddb` (its functions with or without self), an instance, or a module.

    Raises UsageError where its client goes to another place than the stack, and Broke where it can't be made.
    """
    takes_self = inspect.isclass(ddb) and any("self" in parameters(getattr(ddb, name, None)) for name in _CALLS)
    functions = call(ddb, {}) if takes_self else ddb
    clients = [each for each in vars(functions).values() if _is_of_dynamodb(each)]
    if callable(getattr(functions, "client", None)):
        clients.insert(0, call(functions.client, {}))
    for client in clients:
        _refuse_elsewhere(client, context)
    return LibDdb(functions=functions, client=clients[0] if clients else None, context=context)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibDdb:
    """The four calls. An answer is handed out a page at a time; a cursor names the rest of it."""

    functions: Any
    client: Any
    context: TargetContext
    _ledger: Ledger = field(default_factory=Ledger)
    _rests: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def list_messages(
        self, *, user_uuid: str, message_group_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageView]:
        """Pattern A. The module answers oldest first."""
        if cursor is not None:
            return self._page(self._rests.get(cursor, ()), limit)
        return self._page(self._messages(user_uuid, message_group_uuid), limit)

    def list_message_groups(
        self, *, user_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageGroupView]:
        """Pattern B. The module answers newest first."""
        if cursor is not None:
            return self._page(self._rests.get(cursor, ()), limit)
        name = "list_message_groups"
        entries = listed(self._call(name, self._known(user_uuid)), name, self._ledger)
        return self._page(tuple(group_view(entry, name, self._ledger) for entry in entries), limit)

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C."""
        known = self._known(user_uuid, message_group_uuid=message_group_uuid, message=message)
        return self._acknowledged("create_message", self._call("create_message", known), user_uuid, message)

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D. The reference answers the group's uuid alone."""
        known = {**self._known(user_uuid, message=message), **self._person("other_user", other_user_uuid)}
        name = "create_message_group"
        return self._acknowledged(name, self._call(name, known), user_uuid, message)

    def kept(self) -> Iterable[Kept]:
        """Return what the answers since the last time kept and broke."""
        return self._ledger.take()

    def _messages(self, user_uuid: str, message_group_uuid: str) -> tuple[MessageView, ...]:
        name = "list_messages"
        known = self._known(user_uuid, message_group_uuid=message_group_uuid)
        entries = listed(self._call(name, known), name, self._ledger)
        views = [message_view(entry, message_group_uuid, name, self._ledger) for entry in entries]
        return newest_first(views, name, self._ledger)

    def _acknowledged(self, name: str, answer: Any, user_uuid: str, message: str) -> MessageView:
        """Read what was acknowledged; what it doesn't tell is looked up as its sender would."""
        if not isinstance(answer, dict) or not isinstance(group := answer.get("message_group_uuid"), str):
            raise Broke(f"{name} answered {answer!r}, without a message_group_uuid", hint="does it swallow an error?")
        if name == "create_message_group" and "created_at" not in answer:
            return self._written(name, user_uuid, group, message)
        view = message_view(answer, group, name, self._ledger)
        borrowed = {user_uuid: "the sender's", group: "the message group's"}.get(view.uuid)
        self._ledger.note(OWN_UUID, *([f"{name}: uuid {view.uuid} is {borrowed}"] if borrowed else []))
        return self._written(name, user_uuid, group, message) if borrowed else view

    def _written(self, name: str, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        handle = self._find(user_uuid)[1]
        for view in self._messages(user_uuid, message_group_uuid):
            if view.message == message and view.handle in {handle, ""}:
                return view
        raise Broke(
            f"{name} acknowledged a message of @{handle} to {message_group_uuid}, and list_messages does not show it",
            hint="harness conversations shows what the table holds",
        )

    def _call(self, name: str, known: Known) -> Any:
        if not hasattr(self.functions, name):
            of = getattr(self.functions, "__name__", type(self.functions).__name__)
            raise Broke(
                f"{of} has no {name}", hint="what needs it fails for that; the other scenarios run all the same"
            )
        answer = call(getattr(self.functions, name), known)
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if isinstance(errors, list | tuple) and errors:
            raise Refused(str(errors[0]))
        self._ledger.note(SHAPE)
        return answer

    def _known(self, user_uuid: str, **values: str) -> Known:
        """Return what a function may ask for: who acts, and what for."""
        plain = {name: lambda value=value: value for name, value in {"client": self.client, **values}.items()}
        return plain | self._person("my_user", user_uuid) | {"user_uuid": lambda: user_uuid}

    def _person(self, prefix: str, uuid: str) -> dict[str, Any]:
        return {
            f"{prefix}_uuid": lambda: uuid,
            f"{prefix}_display_name": lambda: self._find(uuid)[0],
            f"{prefix}_handle": lambda: self._find(uuid)[1],
        }

    def _find(self, uuid: str) -> tuple[str, str]:
        """Return a user's display name and handle, as the service above the module would."""
        row = self.context.postgres.execute(_PERSON, (uuid,)).fetchone()
        if row is None:
            raise Refused("user_unknown", f"there is no user {uuid}")
        return str(row[0]), str(row[1])

    def _page(self, entries: tuple[T, ...], limit: int) -> Page[T]:
        if len(entries) <= limit:
            return Page(entries=entries, cursor=None)
        cursor = f"rest {next(self._numbers)}"
        self._rests[cursor] = entries[limit:]
        return Page(entries=entries[:limit], cursor=cursor)


def _is_of_dynamodb(value: Any) -> bool:
    """Tell whether something that is kept is one of boto3's clients or resources for DynamoDB."""
    meta = getattr(value, "meta", None)
    model = getattr(meta, "service_model", None)
    return "dynamodb" in {getattr(meta, "service_name", None), getattr(model, "service_name", None)}


def _refuse_elsewhere(client: Any, context: TargetContext) -> None:
    """Raise UsageError for a client, or resource, that was made for another endpoint."""
    meta = getattr(getattr(client, "meta", None), "client", client)
    url = getattr(getattr(meta, "meta", None), "endpoint_url", None)
    wanted = context.environment.get("AWS_ENDPOINT_URL_DYNAMODB")
    if url is not None and wanted is not None and _place(url) != _place(wanted):
        raise UsageError(
            f"target: client() speaks to {url}, and the stack answers at {wanted}",
            hint="let it take its endpoint from AWS_ENDPOINT_URL, or let the stack listen there: --dynamodb-port",
        )


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return "this machine" if parts.hostname in _LOCAL else str(parts.hostname), parts.port
