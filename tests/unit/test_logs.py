from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from harness import logs
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:s3cret@h:5432/db", "postgresql://me:***@h:5432/db"),
        ("postgresql://me:s3@cr/et@h/db?x=a", "postgresql://me:***@h/db?x=a"),
        ("--postgres-dsn 'host=h password=s3cret user=me'", "--postgres-dsn 'host=h password=*** user=me'"),
        ("host=h password='s3 cret' user=me", "host=h password=*** user=me"),
        (
            "postgresql://h/db?user=me&password=s3cret&sslmode=require",
            "postgresql://h/db?user=me&password=***&sslmode=require",
        ),
        ('{"password": "s3cret", "x": 1}', '{"password": ***, "x": 1}'),
        ("PGPASSWORD=s3cret", "PGPASSWORD=***"),
        ("http://127.0.0.1:8000 answers", "http://127.0.0.1:8000 answers"),
        ("token inspect 'Bearer eyJhbGciOi.eyJzdWIi.c2-_ln' -v", "token inspect 'Bearer ***' -v"),
        ("eyJhbGciOi.eyJzdWIi.", "***"),
        ("a@b.c: hello", "a@b.c: hello"),
        ('password authentication failed for user "me"', 'password authentication failed for user "me"'),
        ("key wJalrXUtnFEMI/K7MDENG used", "key *** used"),
    ],
)
def test_passwords_are_masked(text: str, masked: str) -> None:
    assert logs.mask(text, {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG"}) == masked


def test_a_short_secret_does_not_blot_out_words() -> None:
    assert logs.mask("local tables", {"AWS_SECRET_ACCESS_KEY": "local"}) == "local tables"


@pytest.mark.parametrize(
    ("verbosity", "shown"),
    [
        (-1, ["error: broken"]),
        (0, ["starting", "warning: careful", "error: broken"]),
        (1, ["harness.engines: detail", "starting", "warning: careful", "error: broken"]),
    ],
)
def test_talk_goes_to_stderr_by_verbosity(verbosity: int, shown: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    logs.talk_to_stderr(verbosity)
    logger = logging.getLogger("harness.engines")
    logger.debug("detail")
    logger.info("starting")
    logger.warning("careful")
    logger.error("broken")
    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()) == ("", shown)


def test_the_file_gets_every_detail_without_passwords(tmp_path: Path) -> None:
    logs.talk_to_stderr(-1)
    path = logs.log_to_file(tmp_path / ".harness", create=True)
    logging.getLogger("harness.x").debug("at it", exc_info=ValueError("postgresql://me:s3cret@h/db"))
    assert path == tmp_path / ".harness" / "harness.log"
    text = path.read_text(encoding="utf-8")
    assert "harness.x: at it" in text
    assert "ValueError: postgresql://me:***@h/db" in text
    assert "s3cret" not in text
    assert (tmp_path / ".harness" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_command_that_needs_no_folder_makes_none(tmp_path: Path) -> None:
    assert logs.log_to_file(tmp_path / ".harness", create=False) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_environment_failure(tmp_path: Path) -> None:
    (tmp_path / ".harness").write_text("in the way", encoding="utf-8")
    with pytest.raises(EnvironmentFailure, match=r"\.harness can't be written: File exists") as caught:
        logs.log_to_file(tmp_path / ".harness", create=True)
    assert caught.value.hint.startswith("ls -ld ")
    assert logs.log_to_file(tmp_path / ".harness", create=False) is None


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "harness.log").write_bytes(b"x" * 5_000_001)
    logs.log_to_file(tmp_path, create=False)
    assert (tmp_path / "harness.log.1").stat().st_size == 5_000_001
    assert (tmp_path / "harness.log").stat().st_size == 0
