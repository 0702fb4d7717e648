"""Speaking to somebody's Ddb without any database: what it is handed, what its answers are taken for, what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from harness.adapters.answers import Ledger, group_view, listed, message_view, newest_first
from harness.adapters.calling import call
from harness.adapters.lib_ddb import LibDdb, adapt, fits
from harness.errors import UsageError
from harness.target import Broke, Judged, Refused, TargetContext
from scenarios.messaging.application import Messaging

STAMP = "2026-03-02T12:00:00.000000+00:00"
ENTRY = {"uuid": "m", "display_name": "Ann", "handle": "ann", "message": "hi", "created_at": STAMP}


class People:
    """Postgres, as far as it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def execute(self, _: str, values: tuple[str]) -> Any:
        self.asked.append(values[0])
        row = {"ann-uuid": ("Ann", "ann"), "bea-uuid": ("Bea", "bea")}.get(values[0])
        return SimpleNamespace(fetchone=lambda: row)


def context(url: str = "http://127.0.0.1:8000", people: People | None = None) -> TargetContext:
    return TargetContext(
        dynamodb=None,
        postgres=people or People(),
        table="t",
        clock=lambda: datetime.now(UTC),
        environment={"AWS_ENDPOINT_URL_DYNAMODB": url},
    )


class Ddb:
    """Says what it was handed."""

    answers: dict[str, Any]

    def client() -> Any:  # type: ignore[misc]
        return "client"

    def list_messages(client: Any, message_group_uuid: str) -> Any:  # noqa: ARG002, N805
        return Ddb.answers["list_messages"]

    def list_message_groups(client: Any, my_user_uuid: str) -> Any:  # noqa: N805
        return [ENTRY | {"message": my_user_uuid}]

    def create_message(client: Any, my_user_uuid: str, my_user_handle: str, message: str = "") -> Any:  # noqa: ARG002, N805
        return {"message_group_uuid": "g", **ENTRY, "message": message, "handle": my_user_handle}

    def create_message_group(client: Any, message: str, other_user_handle: str, more: int = 3) -> Any:  # noqa: ARG002, N805
        return Ddb.answers["create_message_group"]


def target(people: People | None = None, **answers: Any) -> LibDdb:
    Ddb.answers = answers
    return adapt(Ddb, context(people=people))


def breaches(found: Judged) -> dict[str, tuple[str, ...]]:
    return {each.name: each.breaches for each in found.kept() if each.breaches}


def test_it_is_known_by_its_functions() -> None:
    assert fits(Ddb)
    assert not fits(Messaging)
    assert not fits(object())
    assert not fits(type("Half", (), {"client": lambda: None, "list_messages": lambda client: client}))


def service(name: str, url: str) -> Any:
    """Return what one of boto3's clients tells of itself."""
    return SimpleNamespace(meta=SimpleNamespace(service_model=SimpleNamespace(service_name=name), endpoint_url=url))


class KeepsItsOwn:
    """Makes its client itself, and has no `client()`; it can't open a group yet."""

    def __init__(self) -> None:
        self.db = service("dynamodb", "http://127.0.0.1:8000")
        self.files = service("s3", "https://s3.amazonaws.com")

    def list_messages(self, message_group_uuid: str) -> Any:  # noqa: ARG002
        return [ENTRY | {"message": type(self).__name__}]

    def list_message_groups(self, my_user_uuid: str) -> Any:
        return [ENTRY | {"message": my_user_uuid}]


def test_a_class_that_keeps_its_own_client_is_handed_none() -> None:
    assert fits(KeepsItsOwn)
    spoken = adapt(KeepsItsOwn, context())
    assert spoken.list_message_groups(user_uuid="ann-uuid").entries[0].message == "ann-uuid"
    assert spoken.list_messages(user_uuid="ann-uuid", message_group_uuid="g").entries[0].message == "KeepsItsOwn"
    with pytest.raises(UsageError, match="and the stack answers at"):
        adapt(KeepsItsOwn, context("http://127.0.0.1:9000"))


def test_a_function_that_is_not_there_yet_fails_what_needs_it() -> None:
    spoken = adapt(KeepsItsOwn, context())
    with pytest.raises(Broke, match="KeepsItsOwn has no create_message_group"):
        spoken.create_message_group(user_uuid="ann-uuid", other_user_uuid="bea-uuid", message="hello")


def test_functions_get_what_they_ask_for_and_nobody_is_looked_up_for_nothing() -> None:
    people = People()
    spoken = target(people)
    assert spoken.list_message_groups(user_uuid="ann-uuid").entries[0].message == "ann-uuid"
    assert people.asked == []
    made = spoken.create_message(user_uuid="ann-uuid", message_group_uuid="g", message="hello")
    assert (made.handle, made.message, made.message_group_uuid) == ("ann", "hello", "g")
    assert people.asked == ["ann-uuid"]
    with pytest.raises(Refused) as refused:
        spoken.create_message_group(user_uuid="ann-uuid", other_user_uuid="nobody", message="hello")
    assert refused.value.reason == "user_unknown"


def test_long_answer_is_handed_out_in_pages_and_asked_for_once() -> None:
    entries = [ENTRY | {"uuid": str(n), "created_at": STAMP.replace("12:00", f"12:0{n}")} for n in range(5)]
    spoken = target(list_messages=entries)
    page = spoken.list_messages(user_uuid="ann-uuid", message_group_uuid="g", limit=2)
    Ddb.answers = {}
    uuids = [view.uuid for view in page.entries]
    while page.cursor:
        page = spoken.list_messages(user_uuid="ann-uuid", message_group_uuid="g", limit=2, cursor=page.cursor)
        uuids += [view.uuid for view in page.entries]
    assert uuids == ["4", "3", "2", "1", "0"]


def test_uuid_that_is_the_senders_is_told_and_the_message_looked_up() -> None:
    spoken = target(list_messages=[ENTRY | {"uuid": "its own", "message": "hello"}])
    Ddb.answers |= {"create_message_group": {"message_group_uuid": "g", **ENTRY, "uuid": "ann-uuid"}}
    made = spoken.create_message_group(user_uuid="ann-uuid", other_user_uuid="bea-uuid", message="hello")
    assert made.uuid == "its own"
    assert breaches(spoken) == {
        "a message has a uuid of its own": ("create_message_group: uuid ann-uuid is the sender's",)
    }
    assert list(spoken.kept()) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "create_message_group answered None, without a message_group_uuid"),
        ({"message_group_uuid": None}, "without a message_group_uuid"),
        ({"message_group_uuid": "g"}, "acknowledged a message of @ann to g, and list_messages does not show it"),
    ],
)
def test_acknowledgement_that_says_nothing_is_an_error_that_says_so(answer: Any, said: str) -> None:
    spoken = target(list_messages=[], create_message_group=answer)
    with pytest.raises(Broke, match=said):
        spoken.create_message_group(user_uuid="ann-uuid", other_user_uuid="bea-uuid", message="hello")


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (PermissionError("not yours"), "not_a_member"),
        (ValueError("message_blank"), "message_blank"),
        (KeyError("same_person"), "same_person"),
        (Refused("whatever"), "whatever"),
    ],
)
def test_exceptions_that_refuse(raised: Exception, reason: str) -> None:
    def function() -> None:
        raise raised

    with pytest.raises(Refused) as refused:
        call(function, {})
    assert refused.value.reason == reason


def test_other_exceptions_are_its_own_fault() -> None:
    def function(row: Any) -> Any:
        return row["uuid"]

    with pytest.raises(Broke, match=r"function raised TypeError: .*not subscriptable \(.*test_lib_ddb.py, line \d+\)"):
        call(function, {"row": lambda: None})
    with pytest.raises(UsageError, match="asks for `row`, which the adapter has not got") as error:
        call(function, {"rows": lambda: None})
    assert error.value.hint == "did you mean `rows`?"


@pytest.mark.parametrize("errors", [{"errors": ["message_blank"], "data": None}, {"errors": ("message_blank",)}])
def test_answer_with_errors_is_a_refusal(errors: Any) -> None:
    with pytest.raises(Refused) as refused:
        target(list_messages=errors).list_messages(user_uuid="ann-uuid", message_group_uuid="g")
    assert refused.value.reason == "message_blank"


@pytest.mark.parametrize(
    ("url", "meta"),
    [
        ("http://localhost:8000", "client"),
        ("http://127.0.0.1:8000/", "resource"),
    ],
)
def test_client_of_the_same_place_is_taken(url: str, meta: str) -> None:
    client = SimpleNamespace(meta=SimpleNamespace(endpoint_url=url))
    found = client if meta == "client" else SimpleNamespace(meta=SimpleNamespace(client=client))
    functions = SimpleNamespace(
        client=lambda: found,
        **{name: getattr(Ddb, name) for name in vars(Ddb) if name.startswith(("list", "create"))},
    )
    assert adapt(functions, context()).client is found
    with pytest.raises(UsageError, match=r"and the stack answers at http://127\.0\.0\.1:9000") as error:
        adapt(functions, context("http://127.0.0.1:9000"))
    assert "AWS_ENDPOINT_URL" in error.value.hint


@pytest.mark.parametrize(
    ("entry", "clause", "said"),
    [
        ({"handle": ...}, "answers have their call's shape", "f: an entry has no `handle`"),
        ({"handle": {"S": "ann"}}, "answers have their call's shape", "as DynamoDB writes it"),
        ({"handle": None}, "answers have their call's shape", "`handle` is None, not a text"),
        (
            {"created_at": datetime(2026, 3, 2, 12, tzinfo=UTC)},
            "answers have their call's shape",
            "`created_at` is datetime",
        ),
        ({"created_at": "2026-03-02T12:00:00.000001"}, "stamps are UTC, with six digits and an offset", "it should be"),
        ({"created_at": "2026-03-02T12:00:00+00:00"}, "stamps are UTC, with six digits and an offset", "it should be"),
        (
            {"created_at": "2026-03-02T14:00:00.000001+02:00"},
            "stamps are UTC, with six digits and an offset",
            "it should be",
        ),
        ({"created_at": "yesterday"}, "stamps are UTC, with six digits and an offset", "'yesterday' is no timestamp"),
    ],
)
def test_each_oddity_of_an_entry_is_told_and_the_rest_is_read(entry: dict[str, Any], clause: str, said: str) -> None:
    spoilt = {key: value for key, value in (ENTRY | entry).items() if value is not ...}
    for read in (lambda ledger: group_view(spoilt, "f", ledger), lambda ledger: message_view(spoilt, "g", "f", ledger)):
        ledger = Ledger()
        view: Any = read(ledger)
        assert (view.uuid, view.display_name, view.message) == ("m", "Ann", "hi")
        found = {each.name: each.breaches for each in ledger.take() if each.breaches}
        assert said in " ".join(found.pop(clause))
        assert set(found) <= {"stamps are UTC, with six digits and an offset"}


def test_what_is_right_is_held_against_its_clauses_and_kept() -> None:
    ledger = Ledger()
    assert message_view(ENTRY, "g", "f", ledger).created_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert [(each.name, each.breaches) for each in ledger.take()] == [
        ("answers have their call's shape", ()),
        ("stamps are UTC, with six digits and an offset", ()),
    ]


@pytest.mark.parametrize(
    ("answer", "said"), [(None, "f answers None"), ([1, ENTRY], "an entry is 1"), ("text", "'text'")]
)
def test_what_is_no_list_of_dicts_is_told(answer: Any, said: str) -> None:
    ledger = Ledger()
    assert all(isinstance(entry, dict) for entry in listed(answer, "f", ledger))
    [kept] = ledger.take()
    assert said in kept.breaches[0]


def test_order_and_number_of_breaches() -> None:
    ledger = Ledger()
    views = [
        message_view(ENTRY | {"created_at": STAMP.replace("12", hour)}, "g", "f", ledger) for hour in ("14", "12", "13")
    ]
    assert [view.created_at.hour for view in newest_first(views, "f", ledger)] == [14, 13, 12]
    ledger.note("answers have their call's shape", *(str(number) for number in range(9)))
    found = {each.name: each.breaches for each in ledger.take()}
    assert "in no order" in found["a conversation is told oldest first"][0]
    assert found["answers have their call's shape"][-1] == "… and 4 more"
