"""The door: parsing, the error boundary, exit codes. Verbs are doubles here; acceptance tests run the real ones."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from harness import cli
from harness.commands.options import Parser, flag_values, verbosity
from harness.commands.registry import VERBS
from harness.errors import EnvironmentFailure, HarnessError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from harness.config import Config

HEAVY = ("boto3", "botocore", "psycopg", "docker", "faker", "yaml", "psutil")


class Double:
    """A verb that does what it is told."""

    SUMMARY = "do it"
    EXAMPLES = "harness double"
    WRITES_STATE = False

    def __init__(self, behave: Callable[[], int]) -> None:
        self.behave = behave
        self.config: Config | None = None

    def configure(self, parser: Parser) -> None:
        parser.add_argument("--json", action="store_true")

    def run(self, config: Config, args: argparse.Namespace) -> int:
        self.config = config
        assert args.verb == "double"
        return self.behave()


@pytest.fixture
def double(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Double]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("tmp")))
    for name in [name for name in os.environ if name.startswith("HARNESS_")]:
        monkeypatch.delenv(name)

    def install(behave: Callable[[], int] = lambda: 0) -> Double:
        verb = Double(behave)
        monkeypatch.setitem(VERBS, "double", verb)
        return verb

    return install


def raising(error: BaseException) -> Callable[[], int]:
    def behave() -> int:
        raise error

    return behave


@pytest.mark.parametrize(
    ("behave", "code", "said"),
    [
        (lambda: 0, 0, ""),
        (lambda: 1, 1, ""),
        (raising(HarnessError("lost", hint="look")), 1, "error: lost\nhint: look\n"),
        (raising(UsageError("bad", hint="do")), 2, "error: bad\nhint: do\n"),
        (raising(EnvironmentFailure("gone", hint="harness up")), 3, "error: gone\nhint: harness up\n"),
        (
            raising(OSError(errno.ENOSPC, "No space left on device", "/x/y")),
            3,
            "error: /x/y: No space left on device\nhint: free some space (df -h), then type it again\n",
        ),
        (
            raising(PermissionError(errno.EACCES, "Permission denied", "/x")),
            3,
            "error: /x: Permission denied\nhint: ls -ld /x\n",
        ),
        (raising(KeyError("pk")), 70, "error: unexpected KeyError: 'pk' (a mistake in harness "),
        (raising(OSError(errno.EBADF, "Bad file descriptor")), 70, "error: unexpected OSError: [Errno 9]"),
        (raising(KeyboardInterrupt()), 130, "error: interrupted\nhint: "),
    ],
)
def test_exit_codes_are_a_table(
    double: Callable[..., Double],
    capsys: pytest.CaptureFixture[str],
    behave: Callable[[], int],
    code: int,
    said: str,
) -> None:
    double(behave)
    assert cli.main(["double"]) == code
    captured = capsys.readouterr()
    assert captured.err.startswith(said)
    assert bool(captured.err) == bool(said)
    assert captured.out == ""


def test_an_unexpected_error_leaves_its_traceback_in_the_log(
    double: Callable[..., Double], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / ".harness").mkdir()
    double(raising(ZeroDivisionError("postgresql://me:s3cret@h/db")))
    assert cli.main(["double", "--postgres-dsn", "postgresql://me:s3cret@h/db"]) == 70
    shown = capsys.readouterr().err
    log = (tmp_path / ".harness" / "harness.log").read_text(encoding="utf-8")
    assert str(tmp_path / ".harness" / "harness.log") in shown
    assert len(shown.splitlines()) == 2
    assert "Traceback (most recent call last)" in log
    assert "harness double --postgres-dsn postgresql://me:***@h/db" in log
    assert "s3cret" not in shown + log


def test_an_unexpected_error_without_a_folder_still_leaves_its_traceback(
    double: Callable[..., Double], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    double(raising(ZeroDivisionError("by nought")))
    assert cli.main(["double"]) == 70
    named = re.search(r"at the end of (\S+);", capsys.readouterr().err)
    assert named
    with open(named[1], encoding="utf-8") as file:  # noqa: PTH123
        assert "ZeroDivisionError: by nought" in file.read()
    assert not (tmp_path / ".harness").exists()


def test_common_flags_work_before_and_after_the_verb(double: Callable[..., Double]) -> None:
    verb = double()
    for line in (["--engine", "docker", "double"], ["double", "--engine", "docker"]):
        assert cli.main(line) == 0
        assert verb.config is not None
        assert verb.config.engine == "docker"
    assert cli.main(["--dynamodb-port", "8001", "double", "--postgres-port", "5433", "--allow-remote"]) == 0
    assert verb.config is not None
    assert verb.config.ports == {"dynamodb": 8001, "postgres": 5433}
    assert (verb.config.allow_remote, verb.config.allow_remote_writes) == (True, False)


def test_a_flag_before_the_verb_is_not_undone_by_the_verb(double: Callable[..., Double]) -> None:
    double()
    args = cli.build_parser().parse_args(["-v", "--engine", "embedded", "double"])
    assert flag_values(args) == {"engine": "embedded"}
    assert verbosity(args) == 1


def test_the_project_flag_names_the_folder(double: Callable[..., Double], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    verb = double()
    assert cli.main(["double", "--project", str(other)]) == 0
    assert verb.config is not None
    assert verb.config.project == other


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        (["dobule"], "harness: unknown verb `dobule`", "did you mean `double`?"),
        (["frobnicate"], "harness: unknown verb `frobnicate`", "known: init, run, up"),
        (["double", "--jsn"], "harness double: unknown argument `--jsn`", "did you mean `--json`?"),
        (["double", "x"], "harness double: unknown argument `x`", "see: harness double --help"),
        (["double", "--engine", "dokcer"], "harness double: unknown --engine `dokcer`", "did you mean `docker`?"),
        (["double", "--dynamodb-port", "x"], "argument --dynamodb-port: invalid int value: 'x'", "see: harness double"),
        (["double", "--dynamodb-port", "70000"], "--dynamodb-port: `70000` is not a port", "it must be"),
        (["double", "--project", "/nowhere"], "--project /nowhere is not a folder", "name the folder"),
        (["conversations", "lits"], "harness conversations: unknown list|show `lits`", "did you mean `list`?"),
        (
            ["conversations", "list"],
            "harness conversations list: the following arguments are required: --user",
            "see: ",
        ),
        (["logs", "postgre"], "harness logs: unknown service `postgre`", "did you mean `postgres`?"),
        ([], "no verb given", "start with: harness run"),
    ],
)
def test_a_mistyped_line_says_what_was_meant(
    double: Callable[..., Double], capsys: pytest.CaptureFixture[str], line: list[str], error: str, hint: str
) -> None:
    double()
    assert cli.main(line) == 2
    said = capsys.readouterr().err.splitlines()
    assert error in said[-2]
    assert said[-1].startswith(f"hint: {hint}")


def test_a_broken_configuration_is_a_usage_error(
    double: Callable[..., Double], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    double()
    (tmp_path / "harness.toml").write_text("engine = \n", encoding="utf-8")
    assert cli.main(["double"]) == 2
    assert f"error: {tmp_path / 'harness.toml'}:1:10: " in capsys.readouterr().err


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_an_example_in_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    examples = shown[shown.index("examples:") :]
    assert re.search(rf"^  (.*\$\()?harness {name}\b", examples, re.MULTILINE), examples


@pytest.mark.parametrize("name", VERBS)
def test_every_example_parses(name: str) -> None:
    for line in VERBS[name].EXAMPLES.strip().splitlines():
        command = re.sub(r'^eval "\$\(|\)"$', "", re.split(r"\s{2,}| [|>&]", line)[0])
        words = command.split()
        assert words[0] == "harness"
        cli.build_parser().parse_args(words[1:])


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert re.fullmatch(r"harness \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)


def python(script: str, **settings: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings
    )


@pytest.mark.parametrize("line", [["--help"], ["run", "--help"], ["nonsense"]])
def test_help_imports_no_driver(line: list[str]) -> None:
    script = f"""
import sys
from harness.cli import main
main({line!r})
print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""
    _, err = python(script).communicate()
    assert err.splitlines()[-1] == "[]"


#: Whatever started pytest may ignore signals (nohup, a script's `&`), which children inherit.
WAITING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from harness import cli
from harness.commands.registry import VERBS
class Waiting:
    SUMMARY, EXAMPLES, WRITES_STATE = "wait", "harness wait", False
    def configure(self, parser): pass
    def run(self, config, args):
        try:
            print("ready", flush=True)
            sys.stdin.read()
        finally:
            print("cleaned up", flush=True)
VERBS["wait"] = Waiting()
sys.exit(cli.main(["wait"]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cleans_up_and_exits_130(number: signal.Signals, tmp_path: Path) -> None:
    with python(WAITING, stdin=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "cleaned up\n")
    assert err.startswith("error: interrupted\n")
    assert "Traceback" not in err


PRINTING = """
import sys
from harness import cli
from harness.commands.registry import VERBS
class Printing:
    SUMMARY, EXAMPLES, WRITES_STATE = "print", "harness print", False
    def configure(self, parser): pass
    def run(self, config, args):
        for number in range(100_000):
            print("line", number)
        return 0
VERBS["print"] = Printing()
sys.exit(cli.main(["print"]))
"""


def test_a_reader_that_had_enough_is_no_error(tmp_path: Path) -> None:
    with python(PRINTING, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "line 0\n"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_full_disk_under_stdout_is_said(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-c", PRINTING], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )
    assert done.returncode == 3
    assert done.stderr.startswith("error: the file being written: No space left on device\n")
    assert "Traceback" not in done.stderr
