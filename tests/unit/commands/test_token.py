"""What can be told without a stack: which faults have a flag, and what is no time."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from harness import cli
from harness.commands import token
from harness.errors import UsageError
from harness.identity.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path


def test_every_fault_has_a_flag() -> None:
    assert set(token._FAULTS) == {fault.value for fault in Fault}
    for name in token._FAULTS:
        assert cli.build_parser().parse_args(["token", "ana", f"--{name}"]).fault == name


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86_400)])
def test_times(text: str, seconds: int) -> None:
    assert token._seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0m", "-5", "soon", "1w", "1.5h", "9999999"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        token._seconds(text)


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes, *words: str) -> int:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(sent)))
    return cli.main(["token", "inspect", *words, "--project", str(tmp_path)])


@pytest.mark.parametrize("sent", [b"Bearer null", b"\xff\xfe", b"a.b.c", b""])
def test_without_a_stack_a_token_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sent: bytes
) -> None:
    assert run(tmp_path, monkeypatch, sent, "-", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["good"] is False
    assert found["not_checked_because"] == "no stack with a user pool is up"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["token", "ana", "eyJ"], "nothing may follow it"),
        (["token", "inspect", "--expired"], "makes none"),
        (["token", "ana", "--pool-id", "us-east-1_AbCdEf123"], "the stack's own pool only"),
        (["token", "ana", "--expird"], "did you mean `--expired`?"),
        (["token", "ana", "--expired", "--wrong-key"], "not allowed with"),
    ],
)
def test_what_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert cli.main([*words, "--project", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
