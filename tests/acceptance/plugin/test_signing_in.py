"""`harness_user_pool` on every engine: each worker's own, and gone with it, however it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import require
from tests.acceptance.plugin.test_dying import WAITS, waiting
from tests.integration.leftovers import processes_of

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner


@pytest.mark.parametrize(
    "engine",
    [pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("docker", marks=pytest.mark.docker)],
)
def test_two_workers_on_engines_of_their_run(own: Inner, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    require(engine, own.folder / "check")
    monkeypatch.setenv("HARNESS_ENGINE", engine)
    own.example("test_signing_in.py")
    own.run_apart("-n", "2").assert_outcomes(passed=4)
    assert processes_of(own.folder) == []


@pytest.mark.embedded
def test_killed_beside_services_of_others_the_next_run_sweeps(inner: Inner) -> None:
    inner.write("test_it.py", WAITS.replace("harness_namespace", "harness_user_pool"))
    process = inner.start()
    waiting(inner, process)
    process.kill()
    process.communicate(timeout=60)
    assert processes_of(inner.folder)
    inner.write("test_it.py", "def test_it(harness_user_pool): pass")
    inner.run_apart().assert_outcomes(passed=1)
    assert processes_of(inner.folder) == []


@pytest.mark.embedded
def test_a_fault_that_no_token_can_have_is_told_with_the_nearest(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        "def test_it(harness_user_pool, harness_dataset):\n"
        "    harness_user_pool.token_for(harness_dataset.users[0], fault='expird')\n",
    )
    result = inner.run_apart()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*did you mean `expired`?*"])
