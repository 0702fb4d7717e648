from __future__ import annotations

import pytest

from harness.project.settings.compose_services import ComposeService, compose_services
from tests.unit.project.written import source


def service(text: str) -> ComposeService:
    [found] = compose_services(source("docker-compose.yml", f"services:\n  db:\n{text}", "compose"))
    return found


def test_everything_has_its_place() -> None:
    found = service(
        "    image: postgres:15\n    command: [-c, max_connections=50]\n    ports: ['5432:5432']\n"
        "    environment:\n      - POSTGRES_USER=postgres\n    env_file: .env\n"
    )
    assert (found.name, found.place.line, found.image) == ("db", 2, "postgres:15")
    assert (found.command, found.ports, found.env_files) == ("-c max_connections=50", ((5432, 5432),), (".env",))
    assert [(each.name, each.value, each.place.line) for each in found.variables] == [("POSTGRES_USER", "postgres", 7)]


@pytest.mark.parametrize(
    ("ports", "wanted"),
    [
        ("['8000:8000']", (8000, 8000)),
        ("[8000]", (None, 8000)),
        ("['127.0.0.1:8001:8000/tcp']", (8001, 8000)),
        ("['${PORT:-8000}:8000']", (8000, 8000)),
        ("['${PORT}:8000']", (None, 8000)),
        ("['3000-3005:3000-3005']", (None, None)),
        ("[{target: 80, published: '8080'}]", (8080, 80)),
        ("[{}]", (None, None)),
    ],
)
def test_ports_are_told_however_they_are_written(ports: str, wanted: tuple[int | None, int | None]) -> None:
    assert service(f"    ports: {ports}\n").ports == (wanted,)


def test_what_is_merged_in_counts() -> None:
    text = "x-all: &all\n  image: postgres\nservices:\n  db:\n    <<: *all\n  other:\n    <<: [*all]\n    image: mine\n"
    found = compose_services(source("c.yml", text, "compose"))
    assert [each.image for each in found] == ["postgres", "mine"]


@pytest.mark.parametrize(
    "text",
    ["", "services:", "services: []", "services:\n  db:", "services:\n\tdb: {", "- a", "services:\n  db: x", "a: *b"],
)
def test_odd_files_have_no_services_or_empty_ones(text: str) -> None:
    for each in compose_services(source("c.yml", text, "compose")):
        assert (each.image, each.ports, each.variables) == ("", (), ())
