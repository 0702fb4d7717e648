"""Pattern scripts: what they crash of, and why they show nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.diagnosis.checks.conversations_project import (
    OTHER_ROOM,
    ROOM,
    codes,
    conversation,
    crash,
    facts,
    found,
    held,
    query,
    ran,
    run,
)

GET = f"""\
#!/usr/bin/env python3
import json, boto3
from datetime import datetime
dynamodb = boto3.client('dynamodb', endpoint_url='http://localhost:8000')
message_group_uuid = '{ROOM}'
response = dynamodb.query(
    TableName='chat',
    ScanIndexForward=False,
    KeyConditionExpression='pk = :pk',
    ExpressionAttributeValues={{':pk': {{'S': f'MSG#{{message_group_uuid}}'}}}},
)
items = response['Items']
items.reverse()
for item in items:
    created_at = datetime.strptime(item['sk']['S'], '%Y-%m-%dT%H:%M:%S.%f%z')
    print(created_at, item['message']['S'])
"""
FINE = ran(run("get.py", stdout="hi", calls=(query(f"MSG#{ROOM}", count=3),)))


def test_a_script_that_works() -> None:
    assert codes(facts({"get.py": GET}, held=held(), rehearsal=FINE)) == []
    assert codes(facts({"get.py": GET}, held=held())) == []
    assert codes(facts({"get.py": GET})) == []


def test_a_name_that_nothing_assigns() -> None:
    broken = GET.replace("items.reverse()\n", "").replace("for item in items:", "for item in reversed_array:")
    raised = run("get.py", traceback=crash("get.py", 13, "NameError", "name 'reversed_array' is not defined"))
    for rehearsal in (None, ran(raised)):
        [only] = found(facts({"get.py": broken}, held=held(), rehearsal=rehearsal))
        assert only.code == "ACC101"
        assert str(only.place) == "get.py:13"
        assert only.edits[0].new == "for item in reversed(items):\n"


@pytest.mark.parametrize(
    ("line", "used", "expected"),
    [
        ("from datetime import datetime\n", "datetime.now()", "from datetime import datetime\n"),
        ("from datetime import datetime\n", "datetime.datetime.now()", "import datetime\n"),
        ("import json, boto3\n", "json.dumps(1)", "import json\n"),
    ],
)
def test_an_import_that_is_missing(line: str, used: str, expected: str) -> None:
    broken = "import boto3\n" + GET.replace(line, "").replace("created_at = ", f"now = {used}\n    created_at = ")
    broken = broken.replace("datetime.strptime(item['sk']['S'], '%Y-%m-%dT%H:%M:%S.%f%z')", "item['sk']['S']")
    [only] = found(facts({"get.py": broken}, held=held()))
    assert only.code == "ACC101"
    assert only.edits[0].new == expected


@pytest.mark.parametrize(
    "text",
    [
        "from x import *\nprint(whatever)\n",
        "try:\n  import a\nexcept ImportError as error:\n  print(error)\n",
        "def f(a, *b, **c): return [x for x in a], b, c, __file__\n",
        "if (n := 3): print(n)\nmatch n:\n  case {'a': z, **rest}: print(z, rest)\n  case [q, *w]: print(q, w)\n",
        "for i, (j, k) in []: print(i, j, k)\nwith open('x') as f: print(f)\nlambda y: y\n",
        "global g\ndel g\nclass A(object):\n  b = 1\n  def c(self): return A, self\n",
        "import os.path as p, os.sep\nprint(p, os)\n",
        "\tbad indentation",
        "",
        "exec('x = 1')\nprint(x)\n",
    ],
)
def test_names_that_are_there(text: str) -> None:
    assert codes(facts({"get.py": text}), "ACC101") == []


NAIVE = [dict(each, sk={"S": each["sk"]["S"][:26]}) for each in conversation()]


def test_a_format_that_does_not_fit() -> None:
    message = "time data '2026-11-26T12:00:00.000000' does not match format '%Y-%m-%dT%H:%M:%S.%f%z'"
    raised = run("get.py", traceback=crash("get.py", 15, "ValueError", message), calls=(query(f"MSG#{ROOM}", count=3),))
    for rehearsal in (None, ran(raised)):
        [only] = found(facts({"get.py": GET}, held=held(NAIVE), rehearsal=rehearsal))
        assert only.code == "ACC102"
        assert str(only.place) == "get.py:15"
        assert "%Y-%m-%dT%H:%M:%S.%f%z" in only.cause
        assert "2026-11-26T12:00:00.000000" in only.cause
        assert "no offset" in only.cause
        assert only.edits[0].new == "    created_at = datetime.fromisoformat(item['sk']['S'])\n"


def test_an_offset_that_the_format_lacks() -> None:
    broken = GET.replace("%f%z", "%f")
    [only] = found(facts({"get.py": broken}, held=held()))
    assert only.code == "ACC102"
    assert "+00:00" in only.cause


def test_a_format_for_something_else() -> None:
    other = GET.replace("item['sk']['S'], '%Y-%m-%dT%H:%M:%S.%f%z'", "sys.argv[1], '%Y-%m-%d'").replace(
        "import json", "import sys, json"
    )
    assert codes(facts({"get.py": other}, held=held())) == []


def test_two_causes_are_two_findings() -> None:
    broken = GET.replace("for item in items:", "for item in reversed_array:")
    raised = run("get.py", traceback=crash("get.py", 14, "NameError", "name 'reversed_array' is not defined"))
    assert codes(facts({"get.py": broken}, held=held(NAIVE), rehearsal=ran(raised))) == ["ACC101", "ACC102"]


def test_any_other_crash() -> None:
    raised = run("get.py", traceback=crash("get.py", 16, "KeyError", "'mesage'", "print(item['mesage'])"))
    [only] = found(facts({"get.py": GET}, held=held(), rehearsal=ran(raised)))
    assert only.code == "ACC103"
    assert "line 16" in only.cause


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("ModuleNotFoundError", "No module named 'lib'"),
        ("psycopg.OperationalError", "connection refused"),
        ("psycopg_pool.PoolTimeout", "couldn't get a connection"),
        ("botocore.exceptions.NoRegionError", "You must specify a region."),
        ("botocore.errorfactory.ResourceNotFoundException", "An error occurred (ResourceNotFoundException)"),
        ("TypeError", "'NoneType' object is not subscriptable"),
        ("SystemExit", "1"),
    ],
)
def test_crashes_whose_cause_lies_elsewhere(kind: str, message: str) -> None:
    raised = run("get.py", traceback=crash("get.py", 12, kind, message))
    assert codes(facts({"get.py": GET}, held=held(), rehearsal=ran(raised))) == []


def test_a_crash_for_want_of_data_is_no_fault_of_the_script() -> None:
    raised = run("get.py", traceback=crash("get.py", 12, "IndexError", "list index out of range"))
    assert codes(facts({"get.py": GET}, held=held([]), rehearsal=ran(raised))) == []


def test_another_message_group() -> None:
    wrong = GET.replace(ROOM, OTHER_ROOM)
    empty = run("get.py", stdout="[]", calls=(query(f"MSG#{OTHER_ROOM}"),))
    [only] = found(facts({"get.py": wrong}, held=held(), rehearsal=ran(empty)))
    assert only.code == "ACC104"
    assert str(only.place) == "get.py:5"
    assert OTHER_ROOM in only.cause
    assert ROOM in only.cause
    assert only.edits[0].new == f"message_group_uuid = '{ROOM}'\n"


@pytest.mark.parametrize("asked", [f"GRP#{ROOM}", f"msg#{ROOM}", f"MESSAGE#{ROOM}"])
def test_another_beginning(asked: str) -> None:
    empty = run("get.py", stdout="[]", calls=(query(asked),))
    [only] = found(facts({"get.py": GET}, held=held(), rehearsal=ran(empty)))
    assert only.code == "ACC104"
    assert f"MSG#{ROOM}" in only.cause


def test_a_user_without_message_groups() -> None:
    lonely = "c3c3c3c3-0000-4000-8000-000000000003"
    text = "handle = 'carl'\n"
    base = held()
    users = base.relations["users"]
    more = replace(base, relations={"users": replace(users, rows=(*users.rows, {"uuid": lonely, "handle": "carl"}))})
    empty = run("list.py", stdout="[]", calls=(query(f"GRP#{lonely}"),))
    [only] = found(facts({"list.py": text}, held=more, rehearsal=ran(empty)))
    assert only.code == "ACC104"
    assert "carl" in only.cause
    assert "anna, ben" in only.cause
    assert str(only.place) == "list.py:1"


def test_a_script_that_does_nothing() -> None:
    [only] = found(facts({"get.py": "def main():\n    print(1)\n"}, held=held(), rehearsal=ran(run("get.py"))))
    assert only.code == "ACC104"
    assert "asks the table for nothing" in only.cause


def test_a_script_that_prints_nothing() -> None:
    silent = run("get.py", calls=(query(f"MSG#{ROOM}", count=3),))
    [only] = found(facts({"get.py": GET}, held=held(), rehearsal=ran(silent)))
    assert "finds 3 items and prints none" in only.cause


def test_nothing_is_stored() -> None:
    empty = run("get.py", stdout="[]", calls=(query(f"MSG#{ROOM}"),))
    assert codes(facts({"get.py": GET}, held=held([]), rehearsal=ran(empty))) == []
    assert codes(facts({"get.py": GET}, held=held([]), rehearsal=ran(run("get.py")))) == []


def by_year(year: str) -> str:
    return GET.replace("'pk = :pk'", "'pk = :pk AND begins_with(sk,:year)'").replace(
        "{':pk':", f"{{':year': {{'S': {year}}}, ':pk':"
    )


@pytest.mark.parametrize("year", ["'2023'", '"2023"', "'20' + '23'", "year"])
def test_a_year_that_hides_everything(year: str) -> None:
    text = by_year(year).replace("response =", "year = '2023'\nresponse =")
    empty = run("get.py", stdout="[]", calls=(query(f"MSG#{ROOM}", year="2023"),))
    for rehearsal in (None, ran(empty)):
        [only] = found(facts({"get.py": text}, held=held(), rehearsal=rehearsal))
        assert only.code == "ACC105"
        assert "2023" in only.cause
        assert "2026" in only.cause


@pytest.mark.parametrize(
    "year",
    [
        "str(datetime.now().year)",
        "f'{datetime.now().year}'",
        "datetime.now(timezone.utc).astimezone().isoformat()[:4]",
        "datetime.today().strftime('%Y')",
        "'%s' % datetime.utcnow().year",
        "f'{datetime.now():%Y}'",
        "str(datetime.date.today().year)",
        "'{}'.format(datetime.now().year)",
    ],
)
def test_the_current_year(year: str) -> None:
    text = "from datetime import timezone\n" + by_year(year)
    [only] = found(facts({"get.py": text}, held=held(), rehearsal=FINE))
    assert only.code == "ACC110"
    assert only.severity == "warning"
    assert "1 January" in only.cause
    old = held(conversation(begin=datetime(2023, 4, 5, tzinfo=UTC)))
    assert codes(facts({"get.py": text}, held=old)) == ["ACC105"]


def test_a_fixed_year_that_still_fits() -> None:
    [only] = found(facts({"get.py": by_year("'2026'")}, held=held(), rehearsal=FINE))
    assert only.code == "ACC110"
    assert "2026 only" in only.cause


def test_a_year_as_a_number() -> None:
    text = by_year("datetime.now().year")
    refused = "Parameter validation failed:\nInvalid type for parameter ExpressionAttributeValues.:year.S, value: 2026, type: <class 'int'>"
    raised = run("get.py", traceback=crash("get.py", 6, "botocore.exceptions.ParamValidationError", refused))
    assert "ACC106" in codes(facts({"get.py": text}, held=held(), rehearsal=ran(raised)))
    assert "ACC103" not in codes(facts({"get.py": text}, held=held(), rehearsal=ran(raised)))


def test_the_resource_api() -> None:
    text = """
    import boto3
    from datetime import datetime
    from boto3.dynamodb.conditions import Key
    table = boto3.resource('dynamodb').Table('chat')
    condition = Key('pk').eq('MSG#' + room) & Key('sk').begins_with('2023')
    print(table.query(KeyConditionExpression=condition))
    """
    assert codes(facts({"get.py": text.replace("room", repr(ROOM))}, held=held())) == ["ACC105"]


def test_another_condition_lets_nothing_through() -> None:
    empty = run("get.py", stdout="[]", calls=(query(f"MSG#{ROOM}", year="12"),))
    [only] = found(facts({"get.py": GET}, held=held(), rehearsal=ran(empty)))
    assert only.code == "ACC104"
    assert "begins_with 12" in only.cause


def test_a_user_whom_nobody_is_called() -> None:
    text = "db.query_value('SELECT uuid FROM users WHERE handle = %(handle)s', {'handle': 'Anna'})\n"
    empty = run("list.py", stdout="[]", calls=(query("GRP#None"),))
    given = facts({"list.py": text}, held=held(), rehearsal=ran(empty))
    assert codes(given) == []


def test_a_look_up_that_returns_nothing() -> None:
    text = "def mine():\n    uuid = db.query_value(SQL)\n\nme = mine()\nprint(me)\n"
    empty = run("list.py", stdout="[]", calls=(query("GRP#None"),))
    [only] = found(facts({"list.py": text}, held=held(), rehearsal=ran(empty)), "ACC104")
    assert str(only.place) == "list.py:1"
    assert "mine() in list.py:1 looks the user up and returns nothing" in only.cause
    returning = text.replace("SQL)\n", "SQL)\n    return uuid\n")
    [only] = found(facts({"list.py": returning}, held=held(), rehearsal=ran(empty)), "ACC104")
    assert "the user None, whom the table users does not have" in only.cause


@pytest.mark.parametrize(
    ("kind", "message", "line", "advice"),
    [
        ("KeyError", "'items'", "for item in response['items']:", "Write 'Items' in place of 'items' in get.py:16"),
        ("KeyError", "'mesage'", "print(item['mesage'])", "Write 'message' in place of 'mesage' in get.py:16"),
        ("KeyError", "'Items'", "print(response['Items'])", "Mend the line"),
        ("KeyError", "'colour'", "print(item['colour'])", "Mend the line"),
        ("AttributeError", "'Db' object has no attribute 'query_value'", "me = db.query_value(sql)",
         "Define query_value in the class Db of lib/db.py:1, or call what it has: query_all."),
        ("TypeError", "show() missing 1 required positional argument: 'at'", "show(item)",
         "Hand at over in get.py:16: get.py:1 defines show(item, at)."),
        ("TypeError", "show() takes 2 positional arguments but 3 were given", "show(1, 2, 3)",
         "Let the call in get.py:16 fit get.py:1, which defines show(item, at)."),
        ("TypeError", "unhide() takes no arguments", "unhide(1)", "Mend the line"),
    ],
)  # fmt: skip
def test_what_the_error_says_of_the_edit(kind: str, message: str, line: str, advice: str) -> None:
    raised = run("get.py", traceback=crash("get.py", 16, kind, message, line))
    files = {
        "get.py": f"def show(item, at): pass\n{GET}",
        "lib/db.py": "class Db:\n    def query_all(self): pass\n    def _own(self): pass\n",
    }
    [only] = [each for each in found(facts(files, held=held(), rehearsal=ran(raised))) if each.code == "ACC103"]
    assert only.advice.startswith(advice)
