from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.compose import ComposeService, Healthcheck, read_compose
from harness.errors import UsageError

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "compose.local.yml"


def read(tmp_path: Path, service: str, variables: dict[str, str] | None = None) -> ComposeService:
    path = tmp_path / "compose.yml"
    path.write_text("services:\n  dynamodb:\n" + "".join(f"    {line}\n" for line in service.splitlines()))
    return read_compose(path, ("dynamodb",), variables or {})["dynamodb"]


MINIMAL = "image: x:1\nports: ['127.0.0.1:8000:8000']\n"


def test_shipped_file_shares_one_database_by_default() -> None:
    found = read_compose(SHIPPED, ("dynamodb", "postgres"), {})
    assert found["dynamodb"].command is not None
    assert "-sharedDb" in found["dynamodb"].command
    assert "-disableTelemetry" in found["dynamodb"].command
    assert found["dynamodb"].container_port == 8000
    assert found["postgres"].container_port == 5432
    assert found["postgres"].tmpfs == {"/var/lib/postgresql": ""}
    assert found["postgres"].environment == {
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "password",
        "POSTGRES_DB": "cruddur",
    }


def test_shipped_file_gives_namespaces_with_an_empty_variable() -> None:
    found = read_compose(SHIPPED, ("dynamodb",), {"DYNAMODB_LOCAL_SHARING": ""})["dynamodb"]
    assert found.command is not None
    assert "-sharedDb" not in found.command
    assert "" not in found.command


def test_shipped_file_publishes_on_loopback_only() -> None:
    published = [line.strip() for line in SHIPPED.read_text().splitlines() if line.strip().startswith('- "')]
    assert len(published) == 2
    assert all(line.startswith('- "127.0.0.1:') for line in published)


@pytest.mark.parametrize(
    ("written", "variables", "read_as"),
    [
        ("${A:-d}", {}, "d"),
        ("${A:-d}", {"A": ""}, "d"),
        ("${A-d}", {"A": ""}, ""),
        ("${A-d}", {}, "d"),
        ("${A}", {"A": "v"}, "v"),
        ("$A/$B", {"A": "v"}, "v/"),
        ("$$A", {"A": "v"}, "$A"),
        ("${A:-}", {}, ""),
        ("x${A-1}y${B-2}z", {"B": "b"}, "x1yb" + "z"),
    ],
)
def test_variables_are_replaced_as_compose_does(
    tmp_path: Path, written: str, variables: dict[str, str], read_as: str
) -> None:
    assert read(tmp_path, f"{MINIMAL}user: '{written}'", variables).user == read_as


@given(text=st.text(st.characters(exclude_characters="$", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30))
def test_text_without_a_dollar_is_kept(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    quoted = text.replace("'", "''")
    assert read(tmp_path_factory.mktemp("compose"), f"{MINIMAL}user: '{quoted}'").user == text


@given(text=st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), max_size=30))
def test_doubled_dollars_stand_for_one(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    quoted = text.replace("$", "$$").replace("'", "''")
    assert read(tmp_path_factory.mktemp("compose"), f"{MINIMAL}user: '{quoted}'").user == text


def test_everything_supported_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """image: x:1
command: ["a b", c]
environment: [A=1, B, "C=x=y"]
ports: ["9000:8000/tcp"]
volumes: [./data:/data:ro, /anonymous]
tmpfs: /scratch:size=1m
working_dir: /here
healthcheck: {test: [CMD, "true"], interval: 1m30s, timeout: 500ms, retries: 3, start_period: 2s}
""",
        {"B": "from outside"},
    )
    assert found == ComposeService(
        image="x:1",
        command=("a b", "c"),
        environment={"A": "1", "B": "from outside", "C": "x=y"},
        container_port=8000,
        volumes=((str(tmp_path / "data"), "/data", "ro"), (None, "/anonymous", "rw")),
        tmpfs={"/scratch": "size=1m"},
        healthcheck=Healthcheck(
            test=("CMD", "true"), interval=90_000_000_000, timeout=500_000_000, start_period=2_000_000_000, retries=3
        ),
        user=None,
        working_dir="/here",
    )


@pytest.mark.parametrize(
    ("service", "line", "words"),
    [
        (f"{MINIMAL}build: .", 5, "`build` is not supported"),
        ("ports: ['1:2']", 2, "names no image"),
        ("image: x", 2, "exactly one port"),
        ("image: x\nports: [a:b]", 4, "is not a port"),
        (f"{MINIMAL}user: '${{A?needed}}'", 5, "not understood"),
        (f"{MINIMAL}volumes: [data:/data]", 5, "named volume `data`"),
        (f"{MINIMAL}tmpfs: {{a: b}}", 5, "must be a list"),
        (f"{MINIMAL}command: 'a \"b'", 5, "can't be split"),
        (f"{MINIMAL}healthcheck: {{interval: 1s}}", 5, "needs a `test`"),
        (f"{MINIMAL}healthcheck:\n  test: x\n  disable: true", 7, "knows"),
        (f"{MINIMAL}healthcheck:\n  test: x\n  interval: soon", 7, "not a duration"),
        (f"{MINIMAL}healthcheck:\n  test: x\n  retries: many", 7, "not a number"),
        (f"{MINIMAL}environment: 3", 5, "must be a mapping"),
        (f"{MINIMAL}environment:\n  A: [1]", 6, "must be a text"),
        ("just words", 2, "not a mapping"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path: Path, service: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as failure:
        read(tmp_path, service)
    assert failure.value.message.startswith(f"{tmp_path / 'compose.yml'}:{line}: ")
    assert words in failure.value.message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("services:\n  a: [\n", 3, "not YAML"),
        ("a: b: c", 1, "not YAML"),
        ("", 1, "no `services`"),
        ("services: {web: {image: x}}", 1, "no service `dynamodb`"),
        ("- 1", 1, "no `services`"),
    ],
)
def test_broken_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "compose.yml"
    path.write_text(text)
    with pytest.raises(UsageError, match=f":{line}: .*{words}"):
        read_compose(path, ("dynamodb",), {})


def test_services_of_the_application_are_none_of_our_business(tmp_path: Path) -> None:
    path = tmp_path / "compose.yml"
    path.write_text(
        "services:\n  web: {build: ., depends_on: [dynamodb]}\n  dynamodb: {image: x, ports: ['1:2']}\nvolumes: {}\n"
    )
    assert read_compose(path, ("dynamodb",), {})["dynamodb"].image == "x"
