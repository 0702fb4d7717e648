"""What programs are given, and what is told of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import EnvironmentFailure
from harness.sandbox.model import Doors
from harness.sandbox.sandbox import Sandbox
from tests.integration.sandbox.conftest import NO_DOORS, Run, need_namespaces, runner
from tests.integration.sandbox.outside import mark

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(__file__).parents[3] / "harness"


def test_what_a_program_writes_below_the_ground_stays(bash: Run, ground: Path) -> None:
    (ground / "given").write_text("before")
    ran = bash("cat given; echo after > given; mkdir -p new/folder; echo $PWD > new/folder/file")
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("before", "", 0)
    assert (ground / "given").read_text() == "after\n"
    assert (ground / "new" / "folder" / "file").read_text() == f"{ground}\n"


def test_private_space_is_fresh_each_time(bash: Run) -> None:
    name = mark()
    ran = bash(f"touch /tmp/{name} /var/tmp/b-{name} ~/{name} /dev/shm/{name}; ls /tmp/{name} ~/{name} | wc -l")
    assert ran.stdout == "2\n"
    assert bash(f"ls /tmp/{name} ~/{name} /dev/shm/{name}").stdout == ""
    assert not Path("/tmp", name).exists()
    assert not Path("/dev/shm", name).exists()


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -15), ("kill -KILL $$", -9), ("no-such-program", 127)],
)
def test_exit_codes(bash: Run, script: str, code: int) -> None:
    assert bash(script).exit_code == code


def test_what_can_not_be_run_says_so(sandbox: Sandbox, ground: Path) -> None:
    (ground / "plain").write_text("echo no line says who runs me")
    (ground / "script").write_text("#!/no/such/interpreter\n")
    for name, mode in (("plain", 0o755), ("script", 0o755)):
        (ground / name).chmod(mode)
    absent, plain, script, folder = (
        sandbox.run([ground / name], cwd=ground) for name in ("absent", "plain", "script", ".")
    )
    assert (absent.exit_code, absent.stderr) == (127, f"{ground}/absent: No such file or directory\n")
    assert (plain.exit_code, plain.stderr) == (126, f"{ground}/plain: Exec format error\n")
    assert script.exit_code == 127
    assert folder.exit_code == 126


def test_input_is_given(bash: Run, ground: Path, tmp_path: Path) -> None:
    (tmp_path / "questions.sql").write_bytes(b"from a file outside")
    much = b"x" * 3_000_000
    assert bash("cat", stdin=b"from memory").stdout == "from memory"
    assert bash("wc -c", stdin=much).stdout.strip() == "3000000"
    assert bash("exec true", stdin=much).exit_code == 0
    assert bash("cat", stdin=tmp_path / "questions.sql").stdout == "from a file outside"
    assert bash("cat /dev/stdin; echo to the side > /dev/stderr", stdin=b"as a path").stderr == "to the side\n"
    assert ground.exists()


def test_bytes_that_are_no_text_are_told(bash: Run) -> None:
    assert bash(r"printf 'caf\xc3\xa9 \xff'").stdout == "café \\xff"


def test_the_journal_is_read(python: Run) -> None:
    ran = python("""
import json, os
with open(os.environ["HARNESS_JOURNAL"], "a") as journal:
    print(json.dumps({"call": "PutItem"}), "no json", "[1]", "", json.dumps({"call": "Query"}), sep="\\n", file=journal)
""")
    assert ran.journal == ({"call": "PutItem"}, {"call": "Query"})
    assert python("").journal == ()


def test_programs_of_the_caller_come_first(make: Callable[..., Sandbox], ground: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "programs").mkdir(mode=0o755)
    (tmp_path / "programs" / "aws").write_text("#!/bin/sh\necho instead of aws\n")
    (tmp_path / "programs" / "aws").chmod(0o755)
    sandbox = make(programs=[tmp_path / "programs"])
    assert sandbox.run(["aws", "s3", "ls"], cwd=ground).stdout == "instead of aws\n"


def test_python_of_the_harness_runs_with_its_packages(make: Callable[..., Sandbox], ground: Path) -> None:
    sandbox = make(programs=[Path(sys.executable).parent])
    ran = sandbox.run(["python", "-c", "import psycopg, boto3, sys; print(sys.prefix)"], cwd=ground)
    assert ran.stdout == f"{sys.prefix}\n", ran.stderr


def test_linked_paths_are_there_as_they_are_named(ground: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ground, target_is_directory=True)
    with Sandbox(tmp_path / "link", NO_DOORS) as sandbox:
        need_namespaces(sandbox)
        ran = sandbox.run(["bash", "-c", f"echo x > {tmp_path}/link/a; echo y > {ground}/b"], cwd=tmp_path / "link")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert sorted(path.name for path in ground.iterdir()) == ["a", "b"]


def test_blanks_in_a_path_are_no_matter(tmp_path: Path) -> None:
    ground = tmp_path / "my own\tprojéct"
    ground.mkdir()
    with Sandbox(ground, NO_DOORS) as sandbox:
        need_namespaces(sandbox)
        bash, _ = runner(sandbox, ground)
        assert bash("echo x > here").exit_code == 0
        assert (ground / "here").exists()


def test_what_is_missing_is_an_error_with_a_hint(sandbox: Sandbox, ground: Path, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="which is no folder"):
        sandbox.run(["true"], cwd=ground / "absent")
    with pytest.raises(EnvironmentFailure, match="does not exist"):
        Sandbox(ground, NO_DOORS, readable=[tmp_path / "absent"])
    with pytest.raises(EnvironmentFailure, match="which is no folder"):
        Sandbox(tmp_path / "absent", NO_DOORS)


def descriptors() -> set[str]:
    """Return what this process has open; the folder that is looked at counts itself in every time."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_nothing_is_left_beside_the_ground(ground: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    before = descriptors()
    with Sandbox(ground, Doors(ports={5432: ("127.0.0.1", 1)})) as sandbox:
        sandbox.run(["true"], cwd=ground)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert descriptors() == before


def test_where_the_kernel_refuses_it_is_a_guard_that_says_why(make: Callable[..., Sandbox], ground: Path) -> None:
    """A sandbox in a sandbox: the outer one refuses what the inner one asks the kernel for."""
    code = f"""
import sys
sys.path.append({str(PACKAGE.parent)!r})
from pathlib import Path
from harness.sandbox.model import Doors
from harness.sandbox.sandbox import Sandbox
with Sandbox(Path.cwd(), Doors(ports={{}})) as inner:
    print(inner.isolation.kind, inner.isolation.why, sep="|")
    print(inner.run(["sh", "-c", "echo runs all the same"], cwd=Path.cwd()).stdout)
"""
    sandbox = make(readable=[PACKAGE])
    ran = runner(sandbox, ground)[1](code)
    kind, why = ran.stdout.splitlines()[0].split("|")
    assert kind == "guard"
    assert why == "could not isolate the program: unshare: Operation not permitted"
    assert ran.stdout.splitlines()[1] == "runs all the same"


def test_a_part_that_fails_makes_it_a_guard(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.sandbox.sandbox.JOURNAL", "/proc/journal")
    with Sandbox(ground, NO_DOORS) as sandbox:
        assert sandbox.isolation.kind == "guard"
        assert sandbox.isolation.why


def test_a_run_that_can_not_be_isolated_is_no_run(sandbox: Sandbox, ground: Path) -> None:
    (sandbox._scratch / "root").rmdir()
    with pytest.raises(EnvironmentFailure, match="could not isolate the program"):
        sandbox.run(["touch", ground / "it-ran"], cwd=ground)
    assert not (ground / "it-ran").exists()
