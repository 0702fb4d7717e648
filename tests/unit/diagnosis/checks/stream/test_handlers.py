"""Stream handlers: what their text tells, and what trying them tells; behaviour beats reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.streams.facts import Reason
from tests.unit.diagnosis.checks.conversations_project import (
    HANDLER,
    NAIVE_HANDLER,
    OTHER_ROOM,
    ROOM,
    SCHEMA,
    WORKING,
    called,
    codes,
    crash,
    facts,
    found,
    ran,
    record,
    rows,
    trial,
)

NAIVE = {"schema.py": SCHEMA, "stream.py": NAIVE_HANDLER}
GOOD = {"schema.py": SCHEMA, "stream.py": HANDLER}


def test_a_handler_that_copes_with_everything() -> None:
    assert codes(facts(GOOD)) == []


def test_the_text_of_the_usual_handler() -> None:
    assert codes(facts(NAIVE)) == ["STR102", "STR101", "STR103", "STR104", "STR106", "STR107"]


def test_two_copies_are_one_problem() -> None:
    both = found(facts({**NAIVE, "copy/stream.py": NAIVE_HANDLER}), "STR101")
    assert [each.code for each in both] == ["STR101"]
    assert "stream.py:8" in both[0].cause or "copy/stream.py:8" in both[0].cause
    assert {str(each.place) for each in both[0].evidence} == {"stream.py:8", "copy/stream.py:8"}


@pytest.mark.parametrize(
    "loop",
    [
        "    records = event['Records']\n    for record in records:\n        handle(record)\n",
        "    for i, record in enumerate(event.get('Records', [])):\n        print(event['Records'][0])\n        handle(record)\n",
        "    [handle(r) for r in event['Records']]\n",
        "    for i in range(len(event['Records'])):\n        handle(event['Records'][i])\n",
        "    list(map(handle, event['Records']))\n",
    ],
)
def test_ways_to_go_through_the_records(loop: str) -> None:
    handler = f"def handle(record): pass\ndef lambda_handler(event, context):\n{loop}"
    assert codes(facts({"stream.py": handler}), "STR101") == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("if record['eventName'] == 'REMOVE':\n      return", ["STR101"]),
        ("if record['eventName'] == 'REMOVE':\n      print('skip')\n      return 'skipped'", ["STR101"]),
        ("if record['eventName'] == 'REMOVE':\n      continue", []),
        ("if failed(record):\n      return {'batchItemFailures': [record]}", []),
        ("if record['eventName'] == 'REMOVE':\n      pass\n    else:\n      print(record)", []),
    ],
)
def test_a_return_that_ends_the_loop(body: str, told: list[str]) -> None:
    handler = f"def lambda_handler(event, context):\n  for record in event['Records']:\n    {body}\n    print(record)\n"
    assert codes(facts({"stream.py": handler}), "STR101") == told


def test_records_by_another_name() -> None:
    handler = "def lambda_handler(event, context):\n    records = event['Records']\n    first = records[0]\n"
    assert codes(facts({"stream.py": handler}), "STR101") == ["STR101"]


@pytest.mark.parametrize(
    "guard",
    [
        "if record['eventName'] == 'REMOVE':\n        return",
        "if record['eventName'] not in ('INSERT',):\n        return",
        "if 'NewImage' not in record['dynamodb']:\n        return",
        "if not record['dynamodb'].get('NewImage'):\n        return",
    ],
)
def test_ways_to_pass_a_removal_over(guard: str) -> None:
    handler = (
        "def lambda_handler(event, context):\n  for record in event['Records']:\n"
        f"    {guard}\n    print(record['dynamodb']['NewImage'])\n"
    )
    assert codes(facts({"stream.py": handler}), "STR102") == []


def test_behaviour_beats_reading() -> None:
    """The text of the usual handler, and trials that all went well: nothing that trials tell is found."""
    trials = [
        WORKING,
        trial(
            "batch-of-two",
            [record(ROOM, "2026-01-03"), record(OTHER_ROOM, "2026-01-03")],
            before=rows(first="2026-01-02", second="2026-01-02"),
            after=rows(first="2026-01-03", second="2026-01-03"),
        ),
        trial("late-record", [record(ROOM, "2026-01-01")]),
        trial("remove", [record(ROOM, "2026-01-01", "REMOVE")]),
    ]
    assert codes(facts(NAIVE, rehearsal=ran(trials=trials)), "STR") == ["STR103", "STR106"]


def test_the_second_of_two_records_is_lost() -> None:
    lost = trial(
        "batch-of-two",
        [record(ROOM, "2026-01-03"), record(OTHER_ROOM, "2026-01-03")],
        before=rows(first="2026-01-02", second="2026-01-02"),
        after=rows(first="2026-01-03", second="2026-01-02"),
    )
    [only] = found(facts(NAIVE, rehearsal=ran(trials=[WORKING, lost])), "STR101")
    assert OTHER_ROOM in only.evidence[-1].text
    assert str(only.place) == "stream.py:8"


def test_two_messages_of_one_group() -> None:
    """The rows stand at the newer one, as they must."""
    both = trial(
        "batch-of-two", [record(ROOM, "2026-01-03"), record(ROOM, "2026-01-04")], after=rows(first="2026-01-04")
    )
    assert codes(facts(GOOD, rehearsal=ran(trials=[WORKING, both])), "STR") == []


def test_a_removal_that_raises() -> None:
    raised = trial(
        "remove",
        [record(ROOM, "2026-01-01", "REMOVE")],
        traceback=crash("stream.py", 12, "KeyError", "'NewImage'"),
    )
    [only] = found(facts(NAIVE, rehearsal=ran(trials=[WORKING, raised])), "STR102")
    assert str(only.place) == "stream.py:12"
    assert "KeyError: 'NewImage'" in only.cause


def test_a_late_record_that_moves_the_group_back() -> None:
    late = trial("late-record", [record(ROOM, "2026-01-01")], after=rows(first="2026-01-01"))
    [only] = found(facts(NAIVE, rehearsal=ran(trials=[WORKING, late])), "STR104")
    assert "2026-01-02 became 2026-01-01" in only.evidence[-1].text


def test_a_summary_that_outlives_its_message() -> None:
    removed = trial("remove", [record(ROOM, "2026-01-02", "REMOVE")])
    assert codes(facts(NAIVE, rehearsal=ran(trials=[WORKING, removed])), "STR110") == ["STR110"]


def test_a_handler_that_fails_on_everything_is_one_cause() -> None:
    raised = crash("stream.py", 12, "KeyError", "'mesage'")
    broken = [
        replace(WORKING, traceback=raised),
        trial("remove", [record(ROOM, "2026-01-02", "REMOVE")], traceback=raised),
    ]
    assert codes(facts(GOOD, rehearsal=ran(trials=broken)), "STR") == ["STR112"]


def test_a_handler_that_moves_nothing() -> None:
    assert codes(facts(GOOD, rehearsal=ran(trials=[replace(WORKING, after=WORKING.before)])), "STR") == ["STR113"]


def test_a_missing_index_is_one_cause() -> None:
    bare = SCHEMA.replace(SCHEMA[SCHEMA.index("    GlobalSec") : SCHEMA.index("    BillingMode")], "").replace(
        "        {'AttributeName': 'message_group_uuid', 'AttributeType': 'S'},\n", ""
    )
    failing = replace(
        WORKING,
        traceback=crash(
            "stream.py", 15, "botocore.exceptions.ClientError", "An error occurred (ValidationException) …"
        ),
        calls=(called("Query", "ValidationException"),),
    )
    [only] = found(facts({"schema.py": bare, "stream.py": HANDLER}, rehearsal=ran(trials=[failing])))
    assert only.code == "ACC201"
    assert str(only.place) == "schema.py:4"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def lambda_handler(event, context):\n  return (\n", 2),
        ("def lambda_handler(event):\n  return 1\n", 1),
        ("def helper():\n  return 1\n", 0),
        ("def lambda_handler(event, context):\n  return jsn.dumps(event)\n", 2),
    ],
)
def test_what_lambda_can_not_call(text: str, line: int) -> None:
    [only] = found(facts({"stream.py": text}), "STR")
    assert only.code == "STR109"
    assert only.place is not None
    assert only.place.line == line or "(" in text


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, _context=None):\n  pass\n",
        "async def x(): pass\ndef lambda_handler(*args):\n  pass\n",
        "from app import lambda_handler\n",
        "class A:\n  def handler(self, event, context): pass\nhandler = A().handler\n",
        "def process(event, ctx):\n  pass\n",
    ],
)
def test_what_lambda_can_call(text: str) -> None:
    assert codes(facts({"stream.py": text}), "STR") == []


def test_a_handler_that_answers_to_its_own_rows() -> None:
    handler = (
        HANDLER.replace("        if not pk.startswith('MSG#'):\n            continue\n", "")
        .replace("group = pk[4:]", "group = record['dynamodb']['NewImage']['message_group_uuid']['S']")
        .replace("client.transact_write_items(TransactItems=move(row, newest[0]))", "table.put_item(Item=row)")
    )
    assert "STR108" in codes(facts({"schema.py": SCHEMA, "stream.py": handler}))


def test_a_renamed_index() -> None:
    [only] = found(facts({**GOOD, "stream.py": HANDLER.replace("message-group-sk-index", "message-group-index")}))
    assert only.code == "STR105"
    assert "message-group-index" in only.cause
    assert "message-group-sk-index" in only.cause


def test_reasons_of_a_running_stack() -> None:
    off = Reason(
        code="stream-off", title="chat has no stream", evidence="DescribeTable shows none", advice="turn it on"
    )
    quiet = replace(off, code="nothing-written")
    late = replace(off, code="latest-after-write")
    note = replace(off, code="view-type", stops=False)
    assert codes(facts(GOOD, reasons=(off, quiet, note, late))) == ["STR301", "STR302"]
    [only] = found(facts(GOOD, reasons=(off,)))
    assert only.advice == "turn it on"
    assert codes(facts(GOOD, reasons=(quiet, note))) == []


def test_a_table_that_is_not_known_refuses_for_nobody() -> None:
    raised = crash("stream.py", 15, "botocore.exceptions.ClientError", "An error occurred (ValidationException) …")
    refused = replace(WORKING, traceback=raised, calls=(called("Query", "ValidationException"),))
    assert codes(facts({"stream.py": HANDLER}, rehearsal=ran(trials=[refused]))) == []


def test_a_policy_says_whose_name_of_the_index_is_right() -> None:
    handler = HANDLER.replace("message-group-sk-index", "message-group-index")
    policy = '{"Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:*:table/chat/index/message-group-sk-index"}]}'
    [only] = found(facts({**GOOD, "stream.py": handler, "policy.json": policy}), "STR105")
    assert only.place is not None
    assert only.place.path == "stream.py"
