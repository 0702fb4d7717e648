from __future__ import annotations

import pytest

from harness.project.table import stream_handlers as handlers
from tests.unit.project.written import source

FIRST = "def lambda_handler(event, context):\n  record = event['Records'][0]\n  print(record['dynamodb']['NewImage'])\n"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (FIRST, 2),
        ("def h(event, context):\n  records = event.get('Records')\n  one = records[-1]\n", 3),
        ("def h(event, context):\n  for record in event['Records']:\n    print(record)\n", None),
        (
            "def h(event, context):\n  records = event['Records']\n  first = records[0]\n  [f(each) for each in records]\n",
            None,
        ),
        ("def h(event, context):\n  print(event['Records'])\n", None),
        ("def h(", None),
    ],
)
def test_whether_only_the_first_record_is_read(code: str, line: int | None) -> None:
    assert handlers.first_record_only(source("h.py", code)) == line


@pytest.mark.parametrize(
    ("code", "guarded"),
    [
        (FIRST, False),
        (FIRST + "  if record['eventName'] == 'REMOVE': return\n", True),
        (FIRST + "  if 'NewImage' in record['dynamodb']: pass\n", True),
        (FIRST + "  record['dynamodb'].get('NewImage')\n", True),
        (FIRST + "  try: f()\n  except KeyError: pass\n", True),
        ("'''REMOVE'''\n" + FIRST, False),
    ],
)
def test_whether_a_removal_is_kept_away(code: str, guarded: bool) -> None:  # noqa: FBT001 - a column
    assert handlers.guards_against_removal(source("h.py", code)) is guarded
    assert handlers.image_reads(source("h.py", code))["NewImage"] in {3, 4}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def handler(event): pass\ndef lambda_handler(event, context): pass\n", "lambda_handler"),
        ("def helper(a): pass\ndef run(event, context=None): pass\n", "run"),
        ("def run(*args): pass\n", "run"),
        ("def run(event, *rest): pass\n", "run"),
        ("def run(a, b, c): pass\n", None),
        ("", None),
    ],
)
def test_the_function_that_lambda_calls(code: str, name: str | None) -> None:
    found = handlers.entry_of(source("h.py", code))
    assert (found.name if found is not None else None) == name


@pytest.mark.parametrize(
    ("code", "compares"),
    [
        ("if new > old: pass", True),
        ("table.put_item(ConditionExpression='sk < :sk')", True),
        ("x = {'ConditionExpression': 'a'}", True),
        ("max(a, b)", True),
        ("if a == b: pass", False),
        ("(", False),
    ],
)
def test_whether_instants_are_compared(code: str, compares: bool) -> None:  # noqa: FBT001 - a column
    assert handlers.compares_instants(source("h.py", code)) is compares


def test_what_is_pinned_in_the_code() -> None:
    code = "URL = 'http://x'\nboto3.resource('dynamodb', region_name='ca-central-1', endpoint_url=URL)\nboto3.client('s3', region_name=r)\n"
    found = handlers.pinned(source("h.py", code))
    assert [(each.what, each.value, each.place.line) for each in found] == [
        ("region", "ca-central-1", 2), ("endpoint", "http://x", 2),
    ]  # fmt: skip
    assert handlers.pinned(source("h.py", "client(")) == ()


def test_texts_of_the_code_without_docstrings() -> None:
    assert handlers.constants(source("h.py", "'''doc'''\nx = f'a{b}c'\ny = 'd'\n5\n")) == {"a", "c", "d"}
