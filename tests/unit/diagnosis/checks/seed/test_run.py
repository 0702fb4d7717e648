"""How the seed runs: to its end, once for each line, into a table that takes what it writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis.checks.seed.loop import write_stands_in_the_loop
from harness.diagnosis.checks.seed.writes import unprocessed_items_are_sent_again, writes_are_accepted
from harness.project.seed.item_writes import message_writes, writes_what_loop_sets
from harness.rehearsal.results import AwsCall
from tests.unit.diagnosis.checks.played_seed import (
    SEED_PATH,
    changed,
    codes,
    found,
    mended,
    only,
    played,
    source,
)
from tests.unit.diagnosis.checks.seed_scripts import BY_BATCH, BY_FUNCTIONS, BY_MAIN, BY_RESOURCE, TALK

_WRITE = "  create_message(client=ddb, message_group_uuid=message_group_uuid, created_at=created_at, message=message, user=users[key])\n"
_RAISES = "raise ValueError('invalid line: ' + lines[i])"
_ROWS = tuple(line for line in BY_FUNCTIONS.splitlines(keepends=True) if line.startswith("create_message_group("))


def line_of(text: str, seed: str) -> int:
    return next(number for number, line in enumerate(seed.splitlines(), 1) if text in line)


# SEED102


@pytest.mark.parametrize("raises", [_RAISES, "raise 'invalid line'", "print(lines[i])\n    raise 'invalid line'"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Person 2: Mind the", "Person2: Mind the"),
        ("Person 2: Mind the", "person 2:  Mind the"),
        ("Person 2: Mind the", "\nPerson 2: Mind the"),
    ],
)
def test_a_line_of_nobody(raises: str, old: str, new: str) -> None:
    seed = changed(BY_FUNCTIONS, (old, new), (_RAISES, raises))
    finding = only(played(seed))
    assert finding.code == "SEED102"
    assert finding.place is not None
    assert finding.place.line == line_of(new.strip("\n"), seed) - new.startswith("\n")
    assert "begins neither with 'Person 1: ' nor 'Person 2: '" in finding.cause
    assert ("raise of a text is itself an error" in finding.cause) == ("raise '" in raises)
    assert finding.fixable
    assert codes(played(mended(finding, seed))) == []


_BY_NAME = (
    (_RAISES, "pass"),
    ("  if lines[i].startswith('Person 1: '):", "  who, _, message = lines[i].partition(': ')\n  key = {'Person 1': 'my_user', 'Person 2': 'other_user'}[who]\n  if False:"),
    ("  elif lines[i].startswith('Person 2: '):", "  elif False:"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("new", "said_by", "fixable"),
    [("Person2: Mind the", "'Person2'", True), ("person 2: Mind the", "'person 2'", True), ("Persson: Mind the", "'Persson'", False)],
)  # fmt: skip
def test_a_line_of_a_name_that_no_dictionary_has(new: str, said_by: str, *, fixable: bool) -> None:
    seed = changed(BY_FUNCTIONS, ("Person 2: Mind the", new), *_BY_NAME)
    finding = only(played(seed))
    assert finding.code == "SEED102"
    assert finding.place is not None
    assert finding.place.line == line_of(new, seed)
    assert f"is said by {said_by}; the other lines are said by 'Person 1' and 'Person 2'" in finding.cause
    assert finding.fixable == fixable
    if fixable:
        assert codes(played(mended(finding, seed))) == []


def test_a_dictionary_that_lacks_one_of_the_people() -> None:
    seed = changed(changed(BY_FUNCTIONS, *_BY_NAME), (", 'Person 2': 'other_user'}", "}"))
    finding = only(played(seed))
    assert finding.code == "SEED102"
    assert "KeyError: 'Person 2'" in finding.cause


def test_no_line_begins_as_it_is_tested() -> None:
    seed = BY_FUNCTIONS.replace("startswith('Person 1: ')", "startswith('Person A: ')").replace(
        "startswith('Person 2: ')", "startswith('Person B: ')"
    )
    finding = only(played(seed))
    assert finding.code == "SEED102"
    assert "No line of the conversation begins with 'Person A: ' nor 'Person B: '" in finding.cause
    assert finding.place is not None
    assert finding.place.line == line_of("Person A", seed)


@pytest.mark.parametrize(
    ("seed", "old", "new", "words"),
    [
        (BY_FUNCTIONS, ", timedelta, timezone", ", timezone", "NameError: name 'timedelta' is not defined"),
        (BY_FUNCTIONS, "users['my_user']['uuid'], created", "users['me']['uuid'], created", "KeyError: 'me'"),
        (BY_FUNCTIONS, "  users = db", "  return None\n  users = db", "because a look-up found nothing or a function returns"),
        (BY_MAIN, "sender = both[(len", "sender = both[2 + (len", "IndexError"),
        (BY_RESOURCE, 'last = talk[-1].split(": ", 1)[1]', 'last = talk[-1].split(";", 1)[1]', "IndexError"),
        (BY_FUNCTIONS, "for i in range(len(lines)):", "for i in range(len(lines))", "Python can't read bin/ddb/seed"),
        (BY_FUNCTIONS, "    key = 'my_user'", "   key = 'my_user'", "Python can't read bin/ddb/seed"),
    ],
)  # fmt: skip
def test_an_error_of_its_own(seed: str, old: str, new: str, words: str) -> None:
    finding = only(played(changed(seed, (old, new))))
    assert finding.code == "SEED102"
    assert words in finding.cause
    assert finding.place is not None
    assert finding.place.path == SEED_PATH
    assert finding.place.line > 1


def test_an_argument_that_is_not_handed_over() -> None:
    finding = only(played(changed(BY_FUNCTIONS, (", user=users[key])", ")"))))
    assert "create_message() missing 1 required positional argument: 'user'" in finding.cause
    assert finding.advice.startswith("Hand user over in bin/ddb/seed:")
    assert "create_message(client, message_group_uuid, created_at, message, user)" in finding.advice


@pytest.mark.parametrize("raises", ["raise 'invalid line'", _RAISES])
def test_an_empty_line_at_both_ends(raises: str) -> None:
    seed = changed(BY_FUNCTIONS, (".lstrip('\\n').rstrip('\\n')", ""), (_RAISES, raises))
    finding = only(played(seed))
    assert finding.code == "SEED102"
    assert finding.place is not None
    assert finding.place.line == line_of("lines = conversation", seed)
    assert codes(played(mended(finding, seed))) == []


def test_only_the_first_line_of_an_error_is_told() -> None:
    said = "Working outside of application context.\\n\\nThis typically means that you"
    finding = only(played(changed(BY_FUNCTIONS, ("  users = db", f"  raise RuntimeError('{said}')\n  users = db"))))
    assert "RuntimeError: Working outside of application context in bin/ddb/seed:" in finding.cause
    assert "\n" not in finding.cause
    assert "logging.getLogger(__name__)" in finding.advice


def test_one_that_never_ends() -> None:
    facts = played(BY_FUNCTIONS)
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    stopped = replace(first, stopped="time", exit_code=None, seconds=20.0, stdout="waiting\n")
    finding = only(replace(facts, rehearsal=replace(facts.rehearsal, scripts=(stopped, second))))
    assert finding.code == "SEED102"
    assert "still running after 20 s" in finding.cause
    assert "waiting" in finding.evidence[0].text


# SEED103


@pytest.mark.parametrize(
    ("seed", "changes", "words"),
    [
        (BY_FUNCTIONS, ((_WRITE, _WRITE.lstrip()),), "it stands outside of `for i in range(len(lines)):`"),
        (BY_FUNCTIONS, ((_WRITE, "  continue\n" + _WRITE),), "it stands behind `continue` and is never reached"),
        (BY_FUNCTIONS, ((_WRITE, _WRITE + "  break\n"),), "`break` ends its loop in the first round"),
        (BY_FUNCTIONS, ((_WRITE, "  if key == 'my_user':\n  " + _WRITE),), "in the branch of `if key == 'my_user':`"),
        (BY_FUNCTIONS, ((_WRITE, "  if i == 0:\n  " + _WRITE),), "in the branch of `if i == 0:`"),
    ],
)  # fmt: skip
def test_the_write_is_not_reached_for_each_line(seed: str, changes: tuple[tuple[str, str], ...], words: str) -> None:
    told = found(played(changed(seed, *changes)))
    assert [each.code for each in told if not each.code.startswith("SEED3")] == ["SEED103"], told
    finding = next(each for each in told if each.code == "SEED103")
    assert words in finding.cause
    assert "of the 6 lines of the conversation" in finding.cause
    assert any("create_message(client=ddb" in each.text for each in finding.evidence)


def test_lines_that_are_passed_over() -> None:
    seed = changed(BY_FUNCTIONS, ("startswith('Person 2: ')", "startswith('Person B: ')"), (_RAISES, "continue"))
    finding = only(played(seed))
    assert finding.code == "SEED103"
    assert "3 messages are written of the 6 lines" in finding.cause
    assert "not all begin with 'Person 1: ' or 'Person B: ': 'Person 2: Since Monday" in finding.cause


def test_behind_the_raise_of_the_else_branch() -> None:
    seed = changed(BY_FUNCTIONS, (_WRITE, ""), ("    " + _RAISES, "    " + _RAISES + "\n  " + _WRITE))
    assert [each.code for each in found(played(seed))] == ["SEED103"]


def test_prefixes_that_no_line_has_and_no_error() -> None:
    seed = changed(
        BY_FUNCTIONS,
        ("  else:\n    " + _RAISES, "  else:\n    continue"),
        ("startswith('Person 1: ')", "startswith('person 1: ')"),
        ("startswith('Person 2: ')", "startswith('person 2: ')"),
        ("create_message_group(ddb", "created_at, message = start.isoformat(), ''\ncreate_message_group(ddb"),
    )
    finding = only(played(seed))
    assert finding.code == "SEED103"
    assert "no line begins with 'person 1: ' or 'person 2: '; the first is 'Person 1: Is the bridge" in finding.cause


# SEED104


@pytest.mark.parametrize(
    ("seed", "changes", "words"),
    [
        (BY_FUNCTIONS, tuple((row, "") for row in _ROWS), "6 messages and no group row"),
        (BY_FUNCTIONS, ((_WRITE, ""),), "2 group rows and no message"),
        (BY_MAIN, (("    main()\n", "    pass\n"),), "nothing calls the function of bin/ddb/seed:"),
        (BY_MAIN, (('if __name__ == "__main__":\n    main()', "def again():\n    main()"),), "nothing calls the function"),
        (BY_MAIN, (('"__main__":', "'main':"),), "`if __name__ == 'main':` in bin/ddb/seed:"),
        (BY_MAIN, (('__name__ == "__main__"', '"main" == __name__'),), "is never true"),
        (BY_MAIN, (('\n\nif __name__ == "__main__":', '\n    if __name__ == "__main__":'), ("\n    main()\n", "\n        main()\n"),
                   ("def unused():", "def unused():")), "nothing calls the function of"),
    ],
)  # fmt: skip
def test_a_kind_is_lacking(seed: str, changes: tuple[tuple[str, str], ...], words: str) -> None:
    finding = only(played(changed(seed, *changes)))
    assert finding.code == "SEED104"
    assert words in finding.cause
    assert finding.place is not None
    assert finding.place.path == SEED_PATH


# SEED105


def test_unprocessed_items_are_forgotten() -> None:
    tail = BY_BATCH[BY_BATCH.index("while requests:") :]
    seed = changed(BY_BATCH, (tail, 'client.batch_write_item(RequestItems={"chat": requests})\n'))
    finding = only(played(seed))
    assert finding.code == "SEED105"
    assert finding.place is not None
    assert finding.place.line == line_of("client.batch_write_item", seed)
    facts = played(seed)
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    lost = replace(first.calls[0], answer={"UnprocessedItems": {"chat": [{}]}})
    again = replace(facts, rehearsal=replace(facts.rehearsal, scripts=(replace(first, calls=(lost,)), second)))
    (problem,) = unprocessed_items_are_sent_again.look(again)
    assert "1 answers had some, which are lost" in problem.cause


# SEED106


@pytest.mark.parametrize(
    ("seed", "changes", "words"),
    [
        (BY_FUNCTIONS, (("created_at = (start + timedelta(minutes=i)).isoformat()", "created_at = print(start)"),), "Item.sk.S is None"),
        (BY_RESOURCE, (('"sk": stamp, "message"', '"sk": 12, "message"'),), "sk is of type N, and the table's key wants S"),
    ],
)  # fmt: skip
def test_the_table_refuses_what_is_written(seed: str, changes: tuple[tuple[str, str], ...], words: str) -> None:
    finding = only(played(changed(seed, *changes)))
    assert finding.code == "SEED106"
    assert words in finding.cause
    assert finding.place is not None
    assert finding.place.path == SEED_PATH


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("One or more parameter values were invalid: Missing the key pk in the item", "has no pk"),
        ("One or more parameter values were invalid: Type mismatch for key pk expected: S actual: M", "is a map"),
        (("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
         "AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-group, IndexKey: "
         "message_group_uuid"), "message_group_uuid is empty"),
        (("One or more parameter values were invalid: Type mismatch for Index Key message_group_uuid Expected: S Actual: N "
         "IndexName: by-group"), "message_group_uuid is of type N"),
        ("Item size has exceeded the maximum allowed size", "larger than the 400 KB"),
        ("Too many items requested for the BatchWriteItem call", "BatchWriteItem takes 25 items at most"),
        ("Provided list of item keys contains duplicates", "two items of one batch have the same key"),
        ("Transaction request cannot include multiple operations on one item", "two writes of one transaction are of the same"),
        ("Something that nobody has seen", "Something that nobody has seen"),
    ],
)  # fmt: skip
def test_what_dynamodb_says_is_explained(message: str, words: str) -> None:
    facts = played(BY_FUNCTIONS)
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    text = f"An error occurred (ValidationException) when calling the PutItem operation: {message}"
    refused = replace(first.calls[0], error="ValidationException")
    run = replace(first, exit_code=0, stdout=f"failed\n{text}\n", calls=(refused, *first.calls[1:]))
    (problem,) = writes_are_accepted.look(replace(facts, rehearsal=replace(facts.rehearsal, scripts=(run, second))))
    assert words in problem.cause


IN_ONE = """
import boto3
client = boto3.client('dynamodb')
conversation = \'\'\'
Person 1: Is it you?
Person 2: Who else?
Person 1: Good.
\'\'\'
def fill():
    items = []
    for line in conversation.strip().splitlines():
        key, text = ('a', line.replace('Person 1: ', '')) if line.startswith('Person 1: ') else ('b', line)
        items.append({'PutRequest': {'Item': {'pk': {'S': f'MSG#{room}'}, 'message': {'S': text}}}})
    client.batch_write_item(RequestItems={'chat': items})
fill()
"""


def test_a_batch_of_more_than_25_is_told_in_a_line_and_not_by_its_count() -> None:
    """The answer quotes the request; nothing was written, which says nothing about the loop that gathered it."""
    facts = played(IN_ONE)
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    items = [{"PutRequest": {"Item": {"pk": {"S": f"MSG#{n}"}}}} for n in range(30)]
    text = (
        "An error occurred (ValidationException) when calling the BatchWriteItem operation: 1 validation error detected: "
        f"Value '{items}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
        "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
    )
    batch = AwsCall(
        service="dynamodb",
        operation="BatchWriteItem",
        parameters={"RequestItems": {"chat": items}},
        error="ValidationException",
        region=None,
        endpoint=None,
    )
    run = replace(first, exit_code=0, traceback=None, stdout=text, calls=(batch,))
    again = replace(facts, rehearsal=replace(facts.rehearsal, scripts=(run, second)))
    (problem,) = writes_are_accepted.look(again)
    assert "takes 25 items at most, and one call has 30" in problem.cause
    assert "batch_writer()" in problem.advice
    assert max(len(each.text) for each in problem.evidence) < 600
    assert list(write_stands_in_the_loop.look(again)) == []


def test_an_item_over_400_kb() -> None:
    """Databases refuse it, so it can only be seen in what is held by hand."""
    long = "x" * 410_000
    seed = changed(
        BY_RESOURCE, ('"message": text, "message_uuid"', f'"message": text, "note": "{long}", "message_uuid"')
    )
    facts = replace(played(seed), project=None, rehearsal=None)
    finding = only(facts)
    assert finding.code == "SEED106"
    assert "6 items are larger than the 400 KB" in finding.cause


# SEED107


@pytest.mark.parametrize(
    ("seed", "old"),
    [(BY_FUNCTIONS, "TableName='chat'"), (BY_RESOURCE, 'Table("chat")'), (BY_MAIN, '"NO_SUCH_VARIABLE", "chat"')],
)
def test_a_table_of_another_name(seed: str, old: str) -> None:
    broken = seed.replace(old, old.replace("chat", "chats"))
    finding = only(played(broken))
    assert finding.code == "SEED107"
    assert "bin/ddb/seed writes to the table 'chats', and there is 'chat'" in finding.cause
    assert finding.place is not None
    assert finding.place.line == line_of(old.replace("chat", "chats"), broken)
    assert codes(played(mended(finding, broken))) == []


def test_a_schema_of_another_name() -> None:
    """Where everybody else names the table as the seed does, the schema is the one to mend."""
    text = """
import boto3
boto3.client('dynamodb').create_table(
    TableName='chat', BillingMode='PAY_PER_REQUEST',
    AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'sk', 'AttributeType': 'S'}],
    KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
)
"""
    schema = source("bin/ddb/schema-load", text, "table-schema")
    seed = BY_FUNCTIONS.replace("'chat'", "'chats'")
    library = "def f(c): return c.query(TableName='chats', KeyConditionExpression='pk = :pk')\n"
    told = [
        each for each in found(played(seed, library=library, others=[schema])) if each.code in {"SEED107", "ACC115"}
    ]
    assert [(each.code, str(each.place)) for each in told] == [("ACC115", "bin/ddb/schema-load:3")]


def test_a_batch_names_its_tables_too() -> None:
    facts = played(BY_BATCH)
    assert facts.rehearsal is not None
    first, second = facts.rehearsal.scripts
    refused = tuple(
        AwsCall(
            service="dynamodb",
            operation=operation,
            parameters=parameters,
            error="ResourceNotFoundException",
            region=None,
            endpoint=None,
        )
        for operation, parameters in (
            ("BatchWriteItem", {"RequestItems": {"one": []}}),
            ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "two"}}, "odd"]}),
        )
    )
    run = replace(first, calls=refused)
    told = found(replace(facts, rehearsal=replace(facts.rehearsal, scripts=(run, second))))
    assert {each.cause.split("'")[1] for each in told if each.code == "SEED107"} == {"one", "two"}


def test_a_write_beside_the_loop_over_a_file() -> None:
    """How many lines there are is not known; that the one message is of the last round is seen."""
    seed = changed(BY_FUNCTIONS, (_WRITE, _WRITE.lstrip()))
    loop = next(line for line in seed.splitlines() if line.startswith("for i in range(len(lines))"))
    source = played(seed).project
    assert source is not None
    script = source.find("bin/ddb/seed")
    assert script is not None
    number = script.lines.index(loop) + 1
    [write] = message_writes(script)
    assert writes_what_loop_sets(script, write.line, number)
    assert not writes_what_loop_sets(script, number, number)


# A conversation in a file of its own


def _elsewhere(how: str) -> str:
    return changed(BY_FUNCTIONS, (f'conversation = """{TALK}"""', how))


def test_a_line_of_nobody_in_another_file() -> None:
    """The script stops as it would with the file; where the text lies is told by what it imports or opens."""
    talk = TALK.replace("Person 2: Mind", "Person2: Mind")
    module = source("bin/ddb/talk.py", f'CONVERSATION = """{talk}"""\n')
    text = source("bin/ddb/talk.txt", talk.lstrip())
    inline = f"conversation = {talk!r}"
    for other, how, line in (
        (module, f"try:\n  import talk\nexcept ImportError:\n  pass\n{inline[:0]}", 5),
        (text, "name = 'talk.txt'\n", 4),
    ):
        seed = _elsewhere(f"{how}conversation = '\\n'.join([{', '.join(map(repr, talk.split(chr(10))))}])")
        finding = next(each for each in found(played(seed, others=[other])) if each.code == "SEED102")
        assert str(finding.place) == f"{other.path}:{line}"
        assert "'Person2: Mind the rails.', begins neither with" in finding.cause
        assert {edit.path for edit in finding.edits} == {other.path}


def test_everything_by_one_person_in_another_file() -> None:
    lines = ", ".join(map(repr, TALK.strip().split("\n")))
    seed = changed(
        _elsewhere(f"name = f'{{__file__}}/talk.txt'\nconversation = '\\n'.join([{lines}])"),
        ("    key = 'other_user'", "    key = 'my_user'"),
    )
    assert codes(played(seed)) == []
    finding = only(played(seed, others=[source("bin/ddb/talk.txt", TALK)]))
    assert finding.code == "SEED314"
    assert codes(played(seed, others=[source("bin/ddb/talk.txt", TALK), source("old/talk.txt", TALK)])) == []
