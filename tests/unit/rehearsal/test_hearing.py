from __future__ import annotations

from typing import Any

import pytest

from harness.project.place import Place
from harness.rehearsal.hearing import Ear, Heard

EAR = Ear(root="/ground/project", region="sa-east-1", endpoints=frozenset({"http://127.0.0.1:9000"}))


def call(**changes: Any) -> dict[str, Any]:
    told = {
        "kind": "call",
        "at": ["/ground/project/bin/seed", 7],
        "service": "dynamodb",
        "operation": "PutItem",
        "parameters": {"TableName": "t"},
        "error": None,
        "region": "sa-east-1",
        "endpoint": None,
        "answer": {"Count": 1},
    }
    return told | changes


def test_a_call_knows_its_line_and_what_was_answered() -> None:
    (heard,) = EAR.hear([call()]).calls
    assert heard.place == Place(path="bin/seed", line=7)
    assert (heard.operation, heard.parameters, heard.answer) == ("PutItem", {"TableName": "t"}, {"Count": 1})


@pytest.mark.parametrize(
    ("region", "endpoint", "expected"),
    [
        ("sa-east-1", None, (None, None)),
        ("sa-east-1", "http://127.0.0.1:9000/", (None, None)),
        ("ca-central-1", "http://localhost:8000", ("ca-central-1", "http://localhost:8000")),
        ("", "", (None, None)),
    ],
)
def test_what_the_environment_says_the_script_does_not_say(
    region: str, endpoint: str | None, expected: tuple[str | None, str | None]
) -> None:
    (heard,) = EAR.hear([call(region=region, endpoint=endpoint)]).calls
    assert (heard.region, heard.endpoint) == expected


def test_a_traceback_tells_own_frames_from_others() -> None:
    told = {
        "kind": "traceback",
        "error": "TypeError",
        "message": "'NoneType' object is not subscriptable",
        "frames": [
            ["/ground/project/bin/seed", 3, "<module>", "main()", True],
            ["/ground/project/lib/db.py", 9, "row", "return f()[0]", True],
            ["/usr/lib/python3/x.py", 1, "f", "…", False],
        ],
    }
    trace = EAR.hear([told]).traceback
    assert trace is not None
    assert trace.at is not None
    assert trace.at.place == Place(path="lib/db.py", line=9)
    assert trace.frames[-1].place.path == "/usr/lib/python3/x.py"


def test_what_is_told_twice_is_refused_once() -> None:
    refused = {"kind": "refused", "refused": "connect", "what": "198.51.100.7:443", "at": ["/ground/project/a.py", 1]}
    missing = {"kind": "missing", "name": "momento", "stood_in": True, "at": None}
    heard = EAR.hear([refused, refused, missing])
    assert [(each.kind, each.what, str(each.place)) for each in heard.refused] == [
        ("connect", "198.51.100.7:443", "a.py:1")
    ]
    assert [(each.name, each.place, each.stood_in) for each in heard.missing] == [("momento", None, True)]


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"kind": 7},
        {"kind": "call"},
        call(at="x"),
        call(at=[1]),
        call(at=[None, None]),
        {"kind": "traceback", "error": "E", "message": "", "frames": [1]},
        {"kind": "traceback", "error": "E", "message": "", "frames": None},
        {"kind": "refused", "refused": "connect"},
        {"kind": "missing", "at": None},
    ],
)
def test_nonsense_is_left_out(nonsense: dict[str, Any]) -> None:
    assert EAR.hear([nonsense]) == Heard()
