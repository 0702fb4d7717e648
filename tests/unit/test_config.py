from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.config import load_config
from harness.errors import UsageError
from harness.handler_config import HandlerConfig
from harness.resources import template_folder

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str, name: str = "harness.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, environ: dict[str, str] | None = None, **flags: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load_config(folder, environ or {}, flags)
    return caught.value


def test_without_a_file_the_folder_is_the_project_and_everything_has_a_default(tmp_path: Path) -> None:
    config = load_config(tmp_path, {}, {})
    assert config.project == tmp_path
    assert config.engine == "auto"
    assert config.dynamodb_schema == ("seeds/schema/dynamodb/*",)
    assert config.postgres_schema == ("seeds/schema/postgres/*.sql",)
    assert config.plan == tmp_path / "seeds/baseline.toml"
    assert config.scenarios == ("scenarios/pattern_*.py", "scenarios/read_aside_cache.py")
    assert config.target == "scenarios/messaging/__init__.py:make_target"
    assert config.handlers == {
        "message_group_stream": HandlerConfig.of(
            {"handler": "scenarios/handlers/message_group_stream.py:handler", "timeout": 30}
        ),
    }
    assert config.compose == template_folder() / "compose.local.yml"
    assert config.ports == {"dynamodb": 8000, "postgres": 5432}
    assert config.state_folder == tmp_path / ".harness"


def test_the_shipped_file_says_what_the_defaults_say(tmp_path: Path) -> None:
    commented = (template_folder() / "harness.toml").read_text(encoding="utf-8")
    plain = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in commented.splitlines()
    )
    write(tmp_path, plain)
    write(tmp_path, "services: {}", "compose.local.yml")
    shipped = load_config(tmp_path, {}, {})
    (tmp_path / "harness.toml").unlink()
    assert (shipped.dynamodb_url, shipped.postgres_dsn) != (None, None), "the examples were read too"
    assert replace(shipped, dynamodb_url=None, postgres_dsn=None) == load_config(tmp_path, {}, {})


def test_a_file_further_up_names_the_project(tmp_path: Path) -> None:
    write(tmp_path, 'plan = "seeds/small.toml"\n[ports]\ndynamodb = 8001\n')
    below = tmp_path / "app" / "src"
    below.mkdir(parents=True)
    config = load_config(below, {}, {})
    assert config.project == tmp_path
    assert config.plan == tmp_path / "seeds/small.toml"
    assert config.ports == {"dynamodb": 8001, "postgres": 5432}


def test_a_pyproject_counts_only_with_its_table(tmp_path: Path) -> None:
    write(tmp_path, '[tool.harness]\ntable = "chats"\n[tool.harness.ports]\npostgres = 5433\n', "pyproject.toml")
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, '[project]\nname = "app"\n', "pyproject.toml")
    config = load_config(inner, {}, {})
    assert (config.project, config.table, config.ports["postgres"]) == (tmp_path, "chats", 5433)


def test_a_broken_pyproject_that_does_not_name_us_is_none_of_our_business(tmp_path: Path) -> None:
    write(tmp_path, "[project\n", "pyproject.toml")
    assert load_config(tmp_path, {}, {}).project == tmp_path


def test_flags_go_before_environment_before_file(tmp_path: Path) -> None:
    write(tmp_path, 'engine = "docker"\n[ports]\ndynamodb = 8001\n')
    environ = {"HARNESS_ENGINE": "embedded", "HARNESS_DYNAMODB_PORT": "8002"}
    assert load_config(tmp_path, {}, {}).engine == "docker"
    assert load_config(tmp_path, environ, {}).engine == "embedded"
    config = load_config(tmp_path, environ, {"engine": "external", "dynamodb_port": 8003})
    assert (config.engine, config.ports["dynamodb"]) == ("external", 8003)


def test_an_empty_variable_is_no_variable(tmp_path: Path) -> None:
    assert load_config(tmp_path, {"HARNESS_ENGINE": "", "HARNESS_DYNAMODB_URL": ""}, {}).dynamodb_url is None


def test_external_addresses_come_from_any_of_the_three(tmp_path: Path) -> None:
    write(tmp_path, '[external]\ndynamodb_url = "http://127.0.0.1:1"\npostgres_dsn = "postgresql://file"\n')
    config = load_config(tmp_path, {"HARNESS_POSTGRES_DSN": "postgresql://env"}, {"dynamodb_url": "http://127.0.0.1:2"})
    assert (config.dynamodb_url, config.postgres_dsn) == ("http://127.0.0.1:2", "postgresql://env")


def test_remote_is_allowed_by_flags_alone(tmp_path: Path) -> None:
    write(tmp_path, "[external]\nallow_remote = true\n")
    assert "unknown key `external.allow_remote`" in refusal(tmp_path).message


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("engine = \n", "1:10", "Invalid value"),
        ('engine = "auto"\nplan "x"\n', "2:6", "Expected '='"),
        ('engine = "auto', "1:15", "Unterminated string"),
        ("[ports\n", "1:7", "Expected ']'"),
        ("engine = 'auto'\nengine = 'docker'\n", "2:18", "Cannot overwrite"),
    ],
)
def test_broken_toml_says_file_line_and_column(tmp_path: Path, text: str, place: str, reason: str) -> None:
    path = write(tmp_path, text)
    error = refusal(tmp_path)
    assert error.message.startswith(f"{path}:{place}: {reason}")
    assert f"line {place.partition(':')[0]}" in error.hint


def test_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_bytes(b'plan = "\xff"\n')
    assert "not UTF-8" in refusal(tmp_path).message


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ('engin = "docker"\n', 1, "engin", "did you mean `engine`?"),
        ('table = "x"\nscenario = "s"\n', 2, "scenario", "did you mean `scenarios`?"),
        ("[ports]\n\npostgress = 1\n", 3, "ports.postgress", "did you mean `ports.postgres`?"),
        ("[zebra]\nx = 1\n", 1, "zebra", "known: compose, doctor"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known(
    tmp_path: Path, text: str, line: int, key: str, hint: str
) -> None:
    path = write(tmp_path, text)
    error = refusal(tmp_path)
    assert error.message == f"{path}:{line}: unknown key `{key}`"
    assert error.hint.startswith(hint)


@pytest.mark.parametrize(
    "text",
    [
        "engine = 3",
        'engine = ""',
        "scenarios = [1]",
        "start_timeout = 0",
        "start_timeout = true",
        "start_timeout = inf",
        "[ports]\ndynamodb = 0",
        "[ports]\ndynamodb = 65536",
        '[ports]\ndynamodb = "8000"',
        "ports = 3",
        "handlers = []",
        "handlers = {x = 1}",
    ],
)
def test_a_value_of_the_wrong_kind_is_shown(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text + "\n")
    error = refusal(tmp_path)
    assert error.message.startswith(f"{path}:{len(text.splitlines())}: ")
    assert error.hint


@pytest.mark.parametrize(
    "text",
    [
        'target = "lib.ddb:Ddb"\nscenarios = "proofs/*.py"',
        '[scenarios]\ntarget = "lib.ddb:Ddb"\nfiles = ["proofs/*.py"]',
        'target = "lib.ddb:Ddb"\n[scenarios]\nfiles = "proofs/*.py"',
    ],
)
@pytest.mark.parametrize("file", ["harness.toml", "pyproject.toml"])
def test_scenarios_are_a_list_or_a_table_with_their_target(tmp_path: Path, text: str, file: str) -> None:
    shared = file == "pyproject.toml"
    write(
        tmp_path, f"[tool.harness]\n{text.replace('[scenarios]', '[tool.harness.scenarios]')}" if shared else text, file
    )
    config = load_config(tmp_path, {}, {})
    assert (config.scenarios, config.target) == (("proofs/*.py",), "lib.ddb:Ddb")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('target = "a:b"\n[scenarios]\ntarget = "c:d"', 3, "`scenarios.target` says again what `target` says"),
        ('[scenarios]\ntargett = "c:d"', 2, "unknown key `scenarios.targett`"),
        ("[scenarios]\ntarget = 3", 2, "`scenarios.target` is 3"),
    ],
)
def test_a_table_of_scenarios_that_can_not_be_used_is_shown(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = write(tmp_path, text)
    error = refusal(tmp_path)
    assert error.message == f"{path}:{line}: {said}"
    assert error.hint


def test_a_handler_is_a_text_or_a_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        [handlers]
        short = "app/short.py:handler"
        [handlers.long]
        handler = "app/long.py:handler"
        mapping = "template.yaml#Long"
        timeout = 900
        memory = 10240
        environment = { TABLE_NAME = "messages", EMPTY = "" }
        isolation = "none"
        confined = false
        endpoints = { sqs = "http://127.0.0.1:4566" }
        """,
    )
    handlers = load_config(tmp_path, {}, {}).handlers
    assert handlers["short"] == HandlerConfig(handler="app/short.py:handler")
    assert (handlers["short"].timeout, handlers["short"].memory) == (3, 128), "as on AWS"
    assert (handlers["short"].isolation, handlers["short"].confined) == ("process", True)
    long = handlers["long"]
    assert (long.mapping, long.timeout, long.memory) == ("template.yaml#Long", 900, 10240)
    assert (long.isolation, long.confined) == ("none", False)
    assert long.environment == {"TABLE_NAME": "messages", "EMPTY": ""}
    assert long.endpoints == {"sqs": "http://127.0.0.1:4566"}


def test_handler_may_leave_its_code_to_the_mappings_template(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text('[handlers.mover]\nmapping = "template.yaml#Mover"\n')
    said = load_config(tmp_path, {}, {}).handlers["mover"]
    assert (said.handler, said.mapping) == (None, "template.yaml#Mover")


def test_a_template_fills_in_what_the_project_does_not_say(tmp_path: Path) -> None:
    write(tmp_path, '[handlers.x]\nhandler = "x.py:f"\ntimeout = 3\nenvironment = {A = "mine"}\n')
    said = load_config(tmp_path, {}, {}).handlers["x"]
    filled = said.over(timeout=60, memory=256, environment={"A": "theirs", "B": "theirs"})
    assert (filled.timeout, filled.memory) == (3, 256), "a timeout that is said counts, also where it is the default"
    assert filled.environment == {"A": "mine", "B": "theirs"}


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[handlers.x]\ntimeout = 3\n", 1, "`handlers.x` has no `handler`", 'add handler = "path/to/file.py:function"'),
        ("[handlers]\n\nx = 1\n", 3, "`handlers.x` is 1", 'it must be "path/to/file.py:function", or a table'),
        ('[handlers]\nx = ""\n', 2, "`handlers.x` is ''", 'it must be "path'),
        ('[handlers.x]\nhandler = "f"\ntimeot = 3\n', 3, "unknown key `handlers.x.timeot`", "did you mean `timeout`?"),
        ('[handlers.x]\nhandler = "f"\nzebra = 3\n', 3, "unknown key `handlers.x.zebra`", "known: confined,"),
        ('[handlers]\nx = {handler = "f", timeout = 901}\n', 2, "`handlers.x.timeout` is 901", "it must be a whole"),
        ('[handlers.x]\nhandler = "f"\ntimeout = 0\n', 3, "`handlers.x.timeout` is 0", "it must be a whole"),
        ('[handlers.x]\nhandler = "f"\ntimeout = true\n', 3, "`handlers.x.timeout` is True", "it must be a whole"),
        (
            '[handlers.x]\nhandler = "f"\nmemory = 127\n',
            3,
            "`handlers.x.memory` is 127",
            "it must be a whole number of MB",
        ),
        ('[handlers.x]\nhandler = "f"\nmemory = 10241\n', 3, "`handlers.x.memory` is 10241", "it must be a whole"),
        ('[handlers.x]\nhandler = "f"\nisolation = "thread"\n', 3, "`handlers.x.isolation` is 'thread'", "it must be"),
        ('[handlers.x]\nhandler = "f"\nconfined = "yes"\n', 3, "`handlers.x.confined` is 'yes'", "it must be true or"),
        ('[handlers.x]\nhandler = "f"\nenvironment = {A = 1}\n', 3, "`handlers.x.environment` is {'A': 1}", "it must"),
        (
            '[handlers.x]\nhandler = "f"\n[handlers.x.environment]\n"A=B" = "1"\n',
            3,
            "`handlers.x.environment` is",
            "it",
        ),
        (
            '[handlers.x]\nhandler = "f"\nendpoints = {s3 = "127.0.0.1"}\n',
            3,
            "`handlers.x.endpoints` is",
            "it must be a",
        ),
        ("[handlers.x]\nhandler = 3\n", 2, "`handlers.x.handler` is 3", "it must be a text in quotes"),
    ],
)
def test_a_handler_that_can_not_be_is_refused(tmp_path: Path, text: str, line: int, message: str, hint: str) -> None:
    path = write(tmp_path, text)
    error = refusal(tmp_path)
    assert error.message.startswith(f"{path}:{line}: {message}")
    assert error.hint.startswith(hint)


def test_a_handler_of_a_pyproject_is_found_on_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, '[tool.harness.handlers.x]\nhandler = "f"\ntimeout = "3"\n', "pyproject.toml")
    assert refusal(tmp_path).message.startswith(f"{path}:3: `handlers.x.timeout`")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80.5", "http", "١٢"])
def test_a_port_out_of_range_names_the_variable(tmp_path: Path, value: str) -> None:
    error = refusal(tmp_path, {"HARNESS_POSTGRES_PORT": value})
    assert error.message == f"HARNESS_POSTGRES_PORT: `{value}` is not a port"


def test_one_port_for_both_services_is_refused(tmp_path: Path) -> None:
    assert "both services" in refusal(tmp_path, dynamodb_port=5432).message


def test_an_unknown_engine_names_where_it_was_said(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"HARNESS_ENGINE": "dokcer"})
    assert error.message == "HARNESS_ENGINE: unknown engine `dokcer`"
    assert error.hint == "did you mean `docker`?"


def test_a_table_that_dynamodb_would_refuse_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 'table = "a b"\n')
    assert refusal(tmp_path).message == f"{path}: `a b` can't be the name of a table"


def test_a_named_compose_file_must_exist(tmp_path: Path) -> None:
    write(tmp_path, 'compose = "compose.yml"\n')
    assert str(tmp_path / "compose.yml") in refusal(tmp_path).message
    write(tmp_path, "services: {}\n", "compose.yml")
    assert load_config(tmp_path, {}, {}).compose == tmp_path / "compose.yml"
