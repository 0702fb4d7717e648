"""Options, ini keys and markers: what they do, and what is said of those that can't be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

DATASET = """
import json, pathlib

def test_it(harness_dataset):
    told = {"seed": harness_dataset.seed, "as_of": str(harness_dataset.as_of), **harness_dataset.counts()}
    pathlib.Path("told.json").write_text(json.dumps(told))
"""
USES = "def test_it(harness_namespace): pass\ndef test_too(harness_postgres): pass\n"


def test_ini_keys_hold_for_all_tests_and_a_marker_for_its_own(own: Inner) -> None:
    own.settings(
        harness_seed="5",
        harness_users="6",
        harness_groups="4",
        harness_messages="30",
        harness_as_of="2026-01-02T00:00:00Z",
    )
    own.write("test_it.py", f"import pytest\npytestmark = pytest.mark.harness(users=7)\n{DATASET}")
    own.run().assert_outcomes(passed=1)
    told = (own.folder / "told.json").read_text()
    for part in ('"seed": 5', '"users": 7', '"message_groups": 4', '"messages": 30', "2026-01-02 00:00:00"):
        assert part in told


def test_seed_module_and_schema_by_ini(own: Inner) -> None:
    own.example("seeds.py")
    own.settings(
        harness_seed_module="tests/seeds.py:two_friends", harness_schema="seeds/schema/postgres/*.sql other/*.json"
    )
    own.write("other/table.json", (own.folder / "seeds/schema/dynamodb/cruddur-messages.json").read_text())
    own.write("test_it.py", "def test_it(harness_dataset): assert harness_dataset.counts()['items'] == 1")
    own.run().assert_outcomes(passed=1)


def test_a_dataset_needs_no_engine(own: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_ENGINE", "external")
    own.write("test_it.py", DATASET)
    own.run().assert_outcomes(passed=1)
    assert not (own.folder / ".harness").exists()


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("harness(mesages=3)", "@pytest.mark.harness(mesages=3): no such keyword\nhint: did you mean `messages`?"),
        ("harness(seed='three')", "@pytest.mark.harness(seed='three') is not a whole number"),
        ("harness(3)", "@pytest.mark.harness(3) takes keywords only"),
        (
            "harness(engine='dokcer')",
            "@pytest.mark.harness(engine='dokcer'): no such engine\nhint: did you mean `docker`?",
        ),
        ("harness(users=2)", "2 users make 1 pairs, too few for 40 groups"),
        ("harness(as_of='2099-01-01T00:00:00Z')", "is in the future"),
        ("harness(schema='nowhere/*.sql')", "no Postgres schema file found; looked at *nowhere/[*].sql"),
        ("harness(seed_module='tests/seeds.py:three_friends')", "*has no 'three_friends'\nhint: *"),
        (
            "harness(seed_module='tests/seeds.py:raises')",
            "seed_module: tests/seeds.py:raises raised ZeroDivisionError: *",
        ),
        (
            "harness(seed_module='tests/seeds.py:nothing')",
            "*returned NoneType, not a dataset\nhint: return harness.testing.given(*",
        ),
    ],
)
def test_what_a_marker_can_not_mean_is_said_briefly(own: Inner, marker: str, said: str) -> None:
    own.write("tests/seeds.py", "def raises(dataset): 1 / 0\ndef nothing(dataset): pass\n")
    own.write("tests/test_it.py", f"import pytest\n@pytest.mark.{marker}\ndef test_it(harness_dataset): pass\n")
    result = own.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{line}*" if "*" not in line else line for line in said.splitlines()])
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()


def test_an_unknown_engine_by_option_and_ini(own: Inner) -> None:
    own.write("test_it.py", USES)
    assert own.run("--harness-engine", "dokcer").ret == pytest.ExitCode.USAGE_ERROR
    own.settings(harness_engine="dokcer")
    result = own.run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*unknown engine `dokcer`*", "hint: did you mean `docker`?"])


def test_without_an_engine_every_test_fails_with_the_reason(own: Inner) -> None:
    own.write("test_it.py", USES)
    result = own.run("--harness-engine", "external")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["the engine external can't be used: *", "hint: *"])


def test_without_an_engine_tests_are_skipped_where_that_is_wanted(own: Inner) -> None:
    own.write("test_it.py", USES)
    own.settings(harness_missing="skip", harness_engine="external")
    result = own.run()
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED * the engine external can't be used: *"])
    own.run("--harness-require").assert_outcomes(errors=2)
    own.settings(harness_missing="skp", harness_engine="external")
    result = own.run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*harness_missing = skp*fail, skip*"])


def test_a_project_elsewhere(own: Inner, tmp_path_factory: pytest.TempPathFactory) -> None:
    own.write(
        "test_it.py", "def test_it(harness_config, request): assert harness_config.project != request.config.rootpath"
    )
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "harness.toml").write_text("")
    own.run("--harness-project", str(elsewhere)).assert_outcomes(passed=1)
    own.settings(harness_project=str(elsewhere))
    own.run().assert_outcomes(passed=1)
    result = own.run("--harness-project", str(elsewhere / "nowhere"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nowhere is not a folder", "hint: --harness-project FOLDER"])


def test_a_folder_without_any_file_of_ours(bare: Inner) -> None:
    bare.write("test_it.py", f"def test_plain(): pass\n{USES}")
    result = bare.run()
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*no DynamoDB schema file found*", "hint: *harness init*"])


@pytest.mark.embedded
def test_a_seed_that_does_not_load_is_told_once_a_test_and_tried_once(inner: Inner) -> None:
    inner.write("broken/1.sql", "CREATE TABLE users (uuid uuid);")
    inner.settings(harness_schema="broken/*.sql")
    inner.write("test_it.py", USES)
    result = inner.run("--durations=0", "--durations-min=0.0")
    result.assert_outcomes(errors=2)
    assert result.stdout.str().count("hint:") == 2
    assert "Traceback" not in result.stdout.str()


@pytest.mark.embedded
def test_endpoints_by_fixture(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    inner.write(
        "conftest.py",
        f"""
import pytest

@pytest.fixture(scope="session")
def harness_endpoints():
    return {{"dynamodb_url": {os.environ["HARNESS_DYNAMODB_URL"]!r}, "postgres_dsn": {os.environ["HARNESS_POSTGRES_DSN"]!r}}}
""",
    )
    for name in ("HARNESS_DYNAMODB_URL", "HARNESS_POSTGRES_DSN"):
        monkeypatch.delenv(name)
    inner.write(
        "test_it.py", "def test_it(harness_namespace, harness_stack): assert harness_stack.engine == 'external'"
    )
    inner.run().assert_outcomes(passed=1)
    inner.write("conftest.py", (inner.folder / "conftest.py").read_text().replace("postgres_dsn", "postgres_url"))
    result = inner.run()
    result.stdout.fnmatch_lines(["harness_endpoints gives 'postgres_url'", "hint: did you mean `postgres_dsn`?"])
