"""A project that does not use the fixtures does not pay for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

CONFTEST = """
import sys

def pytest_unconfigure():
    ours = sorted(name for name in sys.modules if name.partition(".")[0] in {"harness", "boto3", "botocore", "psycopg", "docker", "faker"})
    print("modules:", *ours)
"""


@pytest.mark.parametrize("args", [(), ("--collect-only",)], ids=["run", "collect"])
def test_nothing_of_it_is_imported(bare: Inner, args: tuple[str, ...]) -> None:
    bare.write("conftest.py", CONFTEST)
    bare.write("test_it.py", "def test_passes(): pass\ndef test_fails(): assert False\n")
    result = bare.run_apart("-p", "no:faker", *args)
    result.stdout.fnmatch_lines(["modules: harness harness.pytest_plugin"])
    assert not (bare.folder / ".harness").exists()
