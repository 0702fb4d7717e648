"""All of it again as an ordinary user, where the tests run as a superuser: the other way into namespaces."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.engines.cache import enterable
from harness.sandbox.account import lesser_account, may_administer
from tests.integration.sandbox.conftest import need_namespaces

if TYPE_CHECKING:
    from harness.sandbox.sandbox import Sandbox

ROOT = Path(__file__).parents[3]
TESTS = [Path(__file__).with_name(f"test_{name}.py") for name in ("walls", "ends", "doors", "programs")]
#: Puts what `nobody` may not enter within its reach, in a mount namespace of its own, and becomes nobody.
AS_NOBODY = """
import os, sys
sys.path.append(sys.argv[1])
from pathlib import Path
from harness.sandbox.inside import linux
work, account, closed, shown, argv = sys.argv[2], int(sys.argv[3]), sys.argv[4].split(), sys.argv[5].split(), sys.argv[6:]
linux.unshare(linux.CLONE_NEWNS)
linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
aside = Path(work, "aside")
for place, path in enumerate(shown):
    (aside / str(place)).mkdir(parents=True)
    linux.mount(path, str(aside / str(place)), None, linux.MS_BIND | linux.MS_REC)
for path in closed:
    linux.mount("tmpfs", path, "tmpfs", 0, "mode=755")
for place, path in enumerate(shown):
    Path(path).mkdir(parents=True, exist_ok=True)
    linux.mount(str(aside / str(place)), path, None, linux.MS_BIND | linux.MS_REC)
os.setgroups([])
os.setresgid(account, account, account)
os.setresuid(account, account, account)
os.chdir(work)
os.execve(argv[0], argv, {"HOME": work + "/home", "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1",
                          "HARNESS_REQUIRE": "namespaces"})
"""


def closed_to(account: pwd.struct_passwd, paths: list[Path]) -> dict[Path, list[Path]]:
    """Return the outermost folders that the account can't enter, each with the paths that it keeps from it."""
    closed: dict[Path, list[Path]] = {}
    for path in paths:
        for folder in reversed((path, *path.parents)):
            if not enterable(folder, account):
                closed.setdefault(folder, []).append(path)
                break
    return closed


def test_an_ordinary_user_gets_the_same(sandbox: Sandbox) -> None:
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user already")
    if lesser_account() is None or not may_administer():
        pytest.skip("this superuser may not become another user with what it needs")
    need_namespaces(sandbox)
    nobody = pwd.getpwnam("nobody")
    closed = closed_to(nobody, [Path(sys.base_prefix), Path(sys.prefix), ROOT])
    work = Path("/var/tmp", f"harness-nobody-{os.getpid()}")
    work.mkdir()
    os.chown(work, nobody.pw_uid, nobody.pw_gid)
    shown = [str(path) for paths in closed.values() for path in paths]
    told = [str(ROOT), str(work), str(nobody.pw_uid), " ".join(map(str, closed)), " ".join(shown)]
    tests = [*("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={work}/pytest"), *map(str, TESTS)]
    where = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    try:
        ran = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, *told, sys.executable, *tests, *where],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        subprocess.run(["rm", "-rf", str(work)], check=True)
    last = ran.stdout.splitlines()[-1] if ran.stdout else ""
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\d\d passed", last)
    assert "skipped" not in last, ran.stdout
