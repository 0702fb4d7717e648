"""Groups, keys, attributes and people of a seed's items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.diagnosis.facts import Facts
from harness.held import Held
from harness.project.place import Place
from harness.project.source import Source
from harness.rehearsal.results import SqlError, SqlRun
from tests.unit.diagnosis.checks.played_seed import (
    GROUP,
    LIBRARY,
    SEED_PATH,
    SQL_PATH,
    changed,
    codes,
    found,
    mended,
    only,
    played,
    uuid_of,
)
from tests.unit.diagnosis.checks.seed_scripts import BY_BATCH, BY_FUNCTIONS, BY_MAIN, BY_RESOURCE

_ROWS = tuple(line for line in BY_FUNCTIONS.splitlines(keepends=True) if line.startswith("create_message_group("))
_GROUP_HERE = "    'message_group_uuid': {'S': message_group_uuid},\n"
_UUID_HERE = "'message_uuid': {'S': str(uuid.uuid4())}"
_ROW_OF_RESOURCE = '"message_group_uuid": room, **columns(other)'
_AT = "(start + timedelta(minutes=i)).isoformat()"
_STRANGER = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("code", "seed", "changes", "words"),
    [
        # one person's row only
        ("SEED301", BY_FUNCTIONS, ((_ROWS[1], ""),), f"has a group row of {uuid_of('annika')} and none of {uuid_of('bo')}"),
        ("SEED301", BY_RESOURCE, (("((a, b), (b, a))", "((b, a),)"),), f"of {uuid_of('bo')} and none of {uuid_of('annika')}"),
        ("SEED301", BY_MAIN, (("(both, both[::-1])", "(both,)"),), "(and 1 more)"),
        # another uuid in each
        ("SEED302", BY_FUNCTIONS, ((_ROWS[1], _ROWS[1].replace("message_group_uuid", f"'{_STRANGER}'")),), f"{_STRANGER} and {GROUP}"),
        ("SEED302", BY_RESOURCE, (('"message_group_uuid": room', '"message_group_uuid": mine["uuid"][::-1]'),), "with different uuids"),
        # not the last message's instant or text
        ("SEED303", BY_FUNCTIONS, tuple((row, row.replace("created_at", "start.isoformat()")) for row in _ROWS), "5 minutes earlier"),
        ("SEED303", BY_FUNCTIONS, tuple((row, row.replace("created_at, message", "(start + timedelta(days=3)).isoformat(), 'Filler text'")) for row in _ROWS),
         "3 days later; 2 don't have its text either"),
        ("SEED303", BY_RESOURCE, (('"sk": stamps[-1]', '"sk": stamps[0]'),), "8 minutes earlier"),
        ("SEED304", BY_FUNCTIONS, tuple((row, row.replace("created_at, message", "created_at, 'Filler text'")) for row in _ROWS), "'Filler text' instead of 'You said so last time.'"),
        ("SEED304", BY_MAIN, (("last, texts[-1], theirs", "last, texts[0], theirs"),), "'Hei' instead of 'Too long.'"),
        # of two with one key, one stays
        ("SEED305", BY_FUNCTIONS, (("  created_at = (start + timedelta(minutes=i))", "  created_at = start"),), "5 messages are overwritten: 6 are put with the key"),
        ("SEED305", BY_MAIN, (("(END - timedelta(days=number)).isoformat()", "END.isoformat()"),), "1 group rows are overwritten"),
        ("SEED305", BY_FUNCTIONS, ((_ROWS[1], _ROWS[1].replace("users['other_user']['uuid']", "users['my_user']['uuid']")),), "1 group rows are overwritten"),
        # of two with one key in a batch, none is written
        ("SEED305", BY_BATCH, (("\tat = at + timedelta(minutes=1)\n", ""),), f"3 messages in it have the key pk=MSG#{GROUP} sk=2024-03-01T12:00"),
        ("SEED305", BY_BATCH, (('found[one]["uuid"]', 'found["bo"]["uuid"]'),), "2 group rows in it have the key"),
        ("SEED305", BY_RESOURCE, (("batch_writer()", "batch_writer(overwrite_by_pkeys=['pk', 'sk'])"), ('"sk": stamp,', '"sk": stamps[-1],')),
         f"of 6 messages one is written: all have the key pk=MSG#{GROUP} sk=2024-03-01T00:07:30+00:00"),
        # messages here, group rows there
        ("SEED306", BY_FUNCTIONS, (("MSG#{message_group_uuid}", f"MSG#{_STRANGER}"),), f"6 messages are filed under MSG#{_STRANGER}, and group rows lead to {GROUP}"),
        ("SEED306", BY_FUNCTIONS, (("MSG#{message_group_uuid}", "MSG#{user['uuid']}"),), "that is the uuid of a user, not of a message group"),
        ("SEED306", BY_FUNCTIONS, (("MSG#{message_group_uuid}", "MSG#{dict(room=message_group_uuid)}"),), "that is all that a function returned, and not the uuid in it"),
        ("SEED306", BY_RESOURCE, (('"pk": "MSG#" + room', '"pk": "MSG#"'),), "6 messages are filed under MSG#, and group rows lead to"),
        # sender and counterpart
        ("SEED307", BY_FUNCTIONS, ((_ROWS[0], _ROWS[0].replace("other_user", "my_user")),), "1 of 2 group rows show their own owner"),
        ("SEED307", BY_RESOURCE, (("**columns(other)", "**columns(mine)"),), "2 of 2 group rows show their own owner"),
        ("SEED307", BY_MAIN, (("texts[-1], theirs", "texts[-1], mine"),), "4 of 4 group rows show their own owner"),
        # names of others
        ("SEED308", BY_FUNCTIONS, (("{'S': other['handle']}", "{'S': 'cleo'}"),), f"user_handle is 'cleo', which is another user's ({uuid_of('cleo')})"),
        ("SEED308", BY_RESOURCE, (('user_display_name=person["display_name"]', 'user_display_name="Somebody"'),), "user_display_name is 'Somebody'"),
        # who is no user
        ("SEED309", BY_RESOURCE, (('user_uuid=str(person["uuid"])', f'user_uuid="{_STRANGER}"'),), f"a user '{_STRANGER}' that users does not have; it is written out in bin/ddb/seed:23"),
        ("SEED309", BY_FUNCTIONS, (("GRP#{my_user_uuid}", "GRP#{None}"),), "a user 'None' that users does not have; it is no uuid at all"),
        ("SEED309", BY_FUNCTIONS, (("GRP#{my_user_uuid}", "GRP#{message_group_uuid}"),), "it is the uuid of a message group"),
        ("SEED309", BY_BATCH, (('"%s" % row["uuid"]', '"%s" % row["handle"]'),), "it stands in the column handle of users, not in uuid"),
        # keys
        ("SEED310", BY_FUNCTIONS, (("MSG#", "MSG-"),), "of 6 messages begins with 'MSG-', and they are read by 'MSG#'"),
        ("SEED310", BY_FUNCTIONS, (("MSG#", "msg#"),), "'msg#'"),
        ("SEED310", BY_FUNCTIONS, (("MSG#", "MSG# "),), "'MSG# '"),
        ("SEED310", BY_FUNCTIONS, (("MSG#", ""),), "has no prefix"),
        ("SEED310", BY_RESOURCE, (("GRP#", "GROUP#"),), "of 2 group rows begins with 'GROUP#', and they are read by 'GRP#'"),
        ("SEED310", BY_RESOURCE, (("GRP#", "MSG#"),), "begins with 'MSG#', and they are read by 'GRP#'"),
        ("SEED310", BY_BATCH, (("GRP#", "CONV#"),), "begins with 'CONV#'"),
        # attributes
        ("SEED311", BY_FUNCTIONS, ((_UUID_HERE, "'message_uuid': {'N': str(i)}"),), "message_uuid of 6 items is of type N"),
        ("SEED311", BY_RESOURCE, (('user_handle=person["handle"]', "user_handle=None"),), "None was given"),
        ("SEED312", BY_FUNCTIONS, ((_GROUP_HERE, ""),), "2 of 2 group rows have no message_group_uuid, and so are not in the index by-group"),
        ("SEED312", BY_RESOURCE, (('user_handle=person["handle"]', "user_handle=str(None)"),), "8 of 8 items have 'None' as user_handle"),
        ("SEED312", BY_FUNCTIONS, (("    'user_display_name': {'S': user['display_name']},\n    'user_handle': {'S': user['handle']},\n", ""),),
         "6 of 6 messages have no user_display_name, user_handle"),
        ("SEED313", BY_FUNCTIONS, ((_UUID_HERE, f"'message_group_uuid': {{'S': message_group_uuid}}, {_UUID_HERE}"),), "6 of 6 messages carry message_group_uuid, so the index by-group"),
        # who speaks
        ("SEED314", BY_FUNCTIONS, (("user=users[key]", "user=users['my_user']"),), "all 6 messages of"),
        ("SEED314", BY_RESOURCE, (('who.endswith("1")', 'who.endswith("one")'),), "are sent by 'bo', though Person 1 and Person 2 speak"),
    ],
)  # fmt: skip
def test_one_thing_is_wrong(code: str, seed: str, changes: tuple[tuple[str, str], ...], words: str) -> None:
    broken = changed(seed, *changes)
    finding = only(played(broken))
    assert finding.code == code
    assert words in finding.cause
    assert finding.advice
    assert finding.place is not None
    assert finding.place.path == SEED_PATH
    if finding.edits:
        assert codes(played(mended(finding, broken))) == []


@pytest.mark.parametrize(
    ("code", "seed", "changes"),
    [
        ("SEED301", BY_FUNCTIONS, ((_ROWS[1], ""),)),
        ("SEED302", BY_RESOURCE, (('"message_group_uuid": room', '"message_group_uuid": mine["uuid"][::-1]'),)),
        ("SEED310", BY_FUNCTIONS, (("MSG#", "MSG-"),)),
        ("SEED312", BY_FUNCTIONS, ((_GROUP_HERE, ""),)),
    ],
)
def test_data_alone_tells_as_much(code: str, seed: str, changes: tuple[tuple[str, str], ...]) -> None:
    facts = played(changed(seed, *changes))
    finding = only(Facts(now=facts.now, held=facts.held))
    assert finding.code == code
    assert finding.place is None
    beside = replace(facts, rehearsal=None)
    assert only(beside).place is not None


def test_the_library_reads_another_prefix_than_all_others() -> None:
    facts = played(BY_FUNCTIONS)
    assert facts.project is not None
    library = Source(
        path="lib/ddb.py",
        language="python",
        roles=frozenset({"table-library"}),
        text="def f(me):\n    return f'GROUP#{me}'\n",
    )
    pattern = replace(library, path="bin/list", roles=frozenset({"pattern-groups"}), text="pk = f'GRP#{me}'\n")
    more = replace(facts.project, sources={**facts.project.sources, library.path: library, pattern.path: pattern})
    [finding] = [each for each in found(replace(facts, project=more)) if each.code == "SEED310"]
    assert str(finding.place) == "lib/ddb.py:2"
    assert "'GROUP#'" in finding.cause
    assert finding.edits[0].new == "    return f'GRP#{me}'\n"


def test_another_prefix_is_seen_where_nothing_was_written() -> None:
    stopped = ('message_group_uuid = "', 'raise SystemExit(0)\nmessage_group_uuid = "')
    prefix = ('f"GRP#{my_user_uuid}"', 'f"GROUP#{my_user_uuid}"')
    told = found(played(changed(BY_FUNCTIONS, stopped, prefix)))
    [finding] = [each for each in told if each.code == "SEED310"]
    assert "the partition keys of group rows will begin with 'GROUP#', and they are read by 'GRP#'" in finding.cause
    assert "SEED310" not in codes(played(changed(BY_FUNCTIONS, stopped)))
    assert "GRP#{my_user_uuid}" in finding.edits[0].new


@pytest.mark.parametrize(
    "changes",
    [
        # a preview of a long text
        tuple((row, row.replace("created_at, message", "created_at, message[:12] + '…'")) for row in _ROWS),
        # a group row that says when its last message was, beside a key that gives way
        ((_ROWS[0], _ROWS[0].replace("created_at", "(start + timedelta(minutes=5, microseconds=1)).isoformat()")),
         ("    'message': {'S': message},\n    'user_uuid': {'S': other",
          "    'last_message_at': {'S': created_at},\n    'message': {'S': message},\n    'user_uuid': {'S': other")),
        # uuids in capitals
        (("GRP#{my_user_uuid}", "GRP#{my_user_uuid.upper()}"), ("'user_uuid': {'S': other['uuid']}", "'user_uuid': {'S': other['uuid'].upper()}")),
        # the same item once more
        ((_ROWS[0], _ROWS[0] * 2),),
        # an attribute of their own, and another kind of item
        ((_UUID_HERE, f"'read': {{'BOOL': False}}, 'likes': {{'N': '3'}}, {_UUID_HERE}"),
         (_ROWS[0], _ROWS[0] + "ddb.put_item(TableName='chat', Item={'pk': {'S': 'USER#1'}, 'sk': {'S': 'PROFILE'}, 'message': {'S': 'hello'}})\n")),
    ],
)  # fmt: skip
def test_variations_that_are_right(changes: tuple[tuple[str, str], ...]) -> None:
    assert codes(played(changed(BY_FUNCTIONS, *changes))) == [], found(played(changed(BY_FUNCTIONS, *changes)))


_AGAIN = ("for one, other in", "requests.append(requests[-1])\nfor one, other in")


def test_one_item_twice_in_a_batch_is_no_other_item() -> None:
    finding = only(played(changed(BY_BATCH, _AGAIN)))
    assert finding.code == "SEED106"
    assert "two items of one batch have the same key" in finding.cause


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        (BY_BATCH, (_AGAIN, ("requests[:25]", "[*{r['PutRequest']['Item']['sk']['S'] + r['PutRequest']['Item']['pk']['S']: r for r in requests}.values()]"))),
        (BY_RESOURCE, (("batch_writer()", "batch_writer(overwrite_by_pkeys=['pk', 'sk'])"),)),
    ],
)  # fmt: skip
def test_batches_of_different_keys(seed: str, changes: tuple[tuple[str, str], ...]) -> None:
    assert codes(played(changed(seed, *changes))) == []


def test_a_batch_refused_for_another_reason() -> None:
    """Two items have one key, and the database speaks of something else: that is told."""
    facts = played(changed(BY_BATCH, ("\tat = at + timedelta(minutes=1)\n", "")))
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    assert first.traceback is not None
    other = replace(first, traceback=replace(first.traceback, message="Type mismatch for key sk expected: S actual: N"))
    finding = only(replace(facts, rehearsal=replace(facts.rehearsal, scripts=(other, second))))
    assert finding.code == "SEED106"


def test_a_transaction_refused_for_one_key() -> None:
    facts = played(changed(BY_BATCH, ("\tat = at + timedelta(minutes=1)\n", "")))
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    assert first.traceback is not None
    [call] = first.calls
    puts = [{"Put": {"TableName": "chat", **each["PutRequest"]}} for each in call.parameters["RequestItems"]["chat"]]
    written = replace(call, operation="TransactWriteItems", parameters={"TransactItems": puts})
    message = "Transaction request cannot include multiple operations on one item"
    run = replace(first, calls=(written,), traceback=replace(first.traceback, message=message))
    finding = only(replace(facts, rehearsal=replace(facts.rehearsal, scripts=(run, second))))
    assert (finding.code, "3 messages in it have the key" in finding.cause) == ("SEED305", True)


def test_another_prefix_on_both_sides() -> None:
    for mine in ("ROOM#", "msg_", "Message:"):
        library = LIBRARY.replace("MSG#", mine)
        assert codes(played(BY_FUNCTIONS.replace("MSG#", mine), library=library)) == [], mine
    silent = "def nothing():\n    return 'message_uuid'\n"
    assert codes(played(BY_FUNCTIONS.replace("GRP#", "GROUP#"), library=silent)) == []


def test_attributes_that_nobody_reads() -> None:
    library = LIBRARY.replace("'name': item['user_display_name']['S'], ", "")
    seed = BY_FUNCTIONS.replace("    'user_display_name': {'S': user['display_name']},\n", "")
    assert codes(played(seed, library=library)) == []
    assert codes(played(seed)) == ["SEED312"]


def test_a_display_name_that_was_changed_later_on() -> None:
    facts = played(BY_FUNCTIONS)
    users = facts.held.relations["users"]
    renamed = ({**users.rows[0], "display_name": "Annika Berg"}, *users.rows[1:])
    held = replace(facts.held, relations={"users": replace(users, rows=renamed)})
    assert codes(Facts(now=facts.now, held=held)) == []
    theirs = ({**users.rows[0], "display_name": "Bo Ek"}, {**users.rows[1], "display_name": "Annika Ek"})
    swapped = replace(facts.held, relations={"users": replace(users, rows=theirs, count=2)})
    assert codes(Facts(now=facts.now, held=swapped)) == ["SEED308"]


def test_users_lost_to_failing_sql_are_no_strangers() -> None:
    seed = changed(BY_RESOURCE, ('user_uuid=str(person["uuid"])', f'user_uuid="{_STRANGER}"'))
    statement = f"INSERT INTO users (uuid, handle) VALUES ('{_STRANGER}', 'dag');"
    error = SqlError(
        place=Place(path=SQL_PATH, line=1), severity="ERROR", sqlstate="42601", message="", statement=statement
    )
    run = SqlRun(path=SQL_PATH, pass_=1, command="psql", exit_code=0, stdout="", stderr="", errors=(error,))
    assert "SEED309" not in codes(played(seed, sql=[run]))


def test_an_empty_group_is_told_of_a_fresh_seed_only() -> None:
    more = "create_message_group(ddb, str(uuid.uuid5(uuid.NAMESPACE_DNS, 'x')), users['{}']['uuid'], start.isoformat(), 'x', users['{}'])\n"
    seed = BY_FUNCTIONS + more.format("my_user", "other_user") + more.format("other_user", "my_user")
    facts = played(seed)
    finding = only(facts)
    assert finding.code == "SEED306"
    assert "which has no message" in finding.cause
    assert codes(Facts(now=facts.now, held=facts.held)) == []


def test_what_was_not_read_whole_is_not_judged_as_a_whole() -> None:
    facts = played(changed(BY_FUNCTIONS, (_ROWS[1], "")))
    table = facts.held.tables["chat"]
    held = replace(facts.held, tables={"chat": replace(table, count=99_999)})
    assert codes(Facts(now=facts.now, held=held)) == []


def test_odd_items_are_survived() -> None:
    facts = played(BY_FUNCTIONS)
    table = facts.held.tables["chat"]
    odd: tuple[dict[str, Any], ...] = (
        {},
        {"pk": {"S": "MSG#"}},
        {"pk": {"S": ""}, "sk": {"S": ""}},
        {"pk": {"N": "1"}, "sk": {"N": "2"}},
        {"pk": {"S": "MSG#x"}, "sk": {"B": b"1"}},
        {"pk": {"S": "GRP#\n"}, "sk": {"S": "\x00"}, "message": {"L": []}},
        {"pk": {"S": "message"}, "sk": {"S": "9999-99-99T99:99"}, "message": {}},
        {"pk": {"S": "GRP#" + "é" * 500}, "sk": {"S": "0001-01-01T00:00:00-14:00"}, "message_group_uuid": {"NULL": True}},
        {"pk": {"S": f"X#{GROUP}"}, "sk": {"S": "2024"}, "message": {"S": "a"}, "user_uuid": {"M": {}}, "user_handle": {"N": "1"}},
    )  # fmt: skip
    held = Held(relations=facts.held.relations, tables={"chat": replace(table, items=(*table.items, *odd), count=0)})
    for project in (None, facts.project):
        assert found(replace(facts, held=held, project=project))
    assert codes(Facts(now=facts.now, held=replace(facts.held, relations={}))) == []
    only_odd = Held(tables={"chat": replace(table, items=odd, description={})})
    found(Facts(now=facts.now, held=only_odd))


def test_dynamodb_json_that_was_wrapped_once_more() -> None:
    facts = played(BY_FUNCTIONS)
    table = facts.held.tables["chat"]
    wrapped = tuple(
        {**item, "message_uuid": {"M": {"S": {"S": "x"}}}} if "message_uuid" in item else item for item in table.items
    )
    finding = only(Facts(now=facts.now, held=replace(facts.held, tables={"chat": replace(table, items=wrapped)})))
    assert finding.code == "SEED311"
    assert "DynamoDB JSON was given to the resource API" in finding.cause
