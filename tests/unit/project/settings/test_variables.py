from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.project.settings.variables import variables_given, variables_read
from tests.unit.project.written import project, source

if TYPE_CHECKING:
    from harness.project.roles import Role

COMPOSE = """\
services:
  back:
    build: ./back
    environment:
      CONNECTION_URL: "postgresql://ada:x@db:5432/talks"   # here
      AWS_ENDPOINT_URL: 'http://dynamodb-local:8000'
      HANDED_ON:
  front:
    environment:
      - PORT=3000
      - HANDED_ON
"""


@pytest.mark.parametrize(
    ("path", "text", "role", "given"),
    [
        ("docker-compose.yml", COMPOSE, "compose", [
            ("CONNECTION_URL", "postgresql://ada:x@db:5432/talks", 5), ("AWS_ENDPOINT_URL", "http://dynamodb-local:8000", 6),
            ("HANDED_ON", None, 7), ("PORT", "3000", 10), ("HANDED_ON", None, 11),
        ]),
        (".env", "# A=0\nA=1\nexport B='2 # b'\nC=3 # c\n D = d\nno\n", "environment", [
            ("A", "1", 2), ("B", "2 # b", 3), ("C", "3", 4), ("D", "d", 5),
        ]),
        ("bin/env", '#!/bin/bash\nexport A=1\nB=2\ngp env C="$A"\n', "setup", [("A", "1", 2), ("C", "$A", 4)]),
        ("Dockerfile", "FROM python\nENV A=1\nENV B 2\n", "lambda", [("A", "1", 2), ("B", "2", 3)]),
        (".gitpod.yml", "tasks:\n  - name: x\n    env:\n      A: b\n    init: |\n      export B=1\n      gp env C=2\n", "environment",
         [("A", "b", 4), ("B", "1", 6), ("C", "2", 7)]),
        (".gitpod.yml", "tasks:\n  - command: export B=1\n", "environment", [("B", "1", 2)]),
        (".devcontainer/devcontainer.json", '{\n "remoteEnv": {\n  "A": "b"\n }\n}', "environment", [("A", "b", 3)]),
        ("template.yaml", ("Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Environment:\n        Variables:\n"
         "          TABLE: !Ref T\n          REGION: here\n"), "template", [("TABLE", None, 7), ("REGION", "here", 8)]),
        ("notes.txt", "A=1\n", "setup", []),
    ],
)  # fmt: skip
def test_values_that_a_file_gives(path: str, text: str, role: Role, given: list[tuple[str, str | None, int]]) -> None:
    found = variables_given(project(source(path, text, role)))
    assert [(each.name, each.value, each.place.line) for each in found] == given


@given(
    st.text(alphabet="abA:=-\n {}[]&*!|>'\"#$<,?", max_size=80),
    st.sampled_from(["docker-compose.yml", ".gitpod.yml", "t.yaml"]),
)
def test_settings_that_are_no_yaml_give_nothing_and_raise_nothing(text: str, path: str) -> None:
    some = project(
        source(path, "services:\n  a:\n    environment:\n" + text, "compose" if "compose" in path else "template")
    )
    variables_given(some)
    variables_read(some)


def test_deep_and_circular_yaml_ends() -> None:
    for text in ("[" * 50_000, "a: &a\n  Environment: *a\n  b: *a\n", "a: &a {<<: *a}\n"):
        assert variables_given(project(source("template.yaml", text, "template"))) == ()
