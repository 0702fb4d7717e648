"""The application on stand-ins: users in a list, and a messaging that answers or raises what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.target import MessageView, Page
from scenarios.app import Services, create_app
from scenarios.app.keys import Keys
from scenarios.app.tokens import Verifier
from scenarios.messaging import People
from tests.issuer import CLIENT, ISSUER, token
from tests.unit.scenarios.small import AS_OF, group_uuid, user

if TYPE_CHECKING:
    from flask.testing import FlaskClient

ANN, BEA = user(0), user(1)
ORIGIN = "http://localhost:3000"
GROUP = group_uuid(0)


@dataclass
class Users:
    """Postgres, as far as People goes; `raises` is what it does instead."""

    rows: list[Any] = field(default_factory=lambda: [user(number) for number in range(4)])
    raises: Exception | None = None
    asked: list[Any] = field(default_factory=list)

    def execute(self, query: str, parameters: tuple[object, ...]) -> Users:
        if self.raises:
            raise self.raises
        column = query.partition("WHERE ")[2].partition(" =")[0]
        (value,) = parameters
        self.asked.append(value)
        found = [row for row in self.rows if str(getattr(row, column)) == str(value)]
        self._found = [(row.uuid, row.display_name, row.handle) for row in found[:2]]
        return self

    def fetchall(self) -> list[tuple[str, str, str]]:
        return self._found


@dataclass
class Answering:
    """The four calls; `raises` is what they do instead."""

    raises: Exception | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)

    def _call(self, **call: Any) -> MessageView:
        self.calls.append(call)
        if self.raises:
            raise self.raises
        return MessageView(
            uuid=GROUP[:-1] + "f",
            message_group_uuid=call.get("message_group_uuid", GROUP),
            display_name=ANN.display_name,
            handle=ANN.handle,
            message=call.get("message", "hello"),
            created_at=AS_OF,
        )

    create_message = create_message_group = _call

    def list_messages(self, **call: Any) -> Page[MessageView]:
        return Page(entries=(self._call(**call),), cursor="more/?&" if call["cursor"] is None else None)

    list_message_groups = list_messages


@dataclass
class Application:
    """A client of the application, and what it stands on."""

    users: Users
    messaging: Answering
    client: FlaskClient

    def ask(self, method: str, path: str, *, who: Any = ANN, **options: Any) -> Any:
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers.setdefault("Authorization", f"Bearer {token(who.cognito_user_id)}")
        return self.client.open(path, method=method, headers=headers, **options)

    def post(self, body: object, **options: Any) -> Any:
        return self.ask("POST", "/api/messages", json=body, **options)


def application(jwks_url: str) -> Application:
    users, messaging = Users(), Answering()
    services = Services(
        verifier=Verifier(keys=Keys(jwks_url), issuer=ISSUER, client_id=CLIENT),
        people=People(connection=users),
        messaging=messaging,  # type: ignore[arg-type] # a stand-in
    )
    app = create_app(services, frozenset({ORIGIN}))
    return Application(users=users, messaging=messaging, client=app.test_client())
