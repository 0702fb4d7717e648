from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import EnvironmentFailure, HarnessError, UsageError
from harness.streams.mapping.errors import ApiError
from harness.streams.mapping.files import read_mapping
from harness.streams.mapping.rules import create
from tests.unit.streams.mapping.requests import QUEUE, STREAM, UUID, filters

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS = {"EventSourceArn": STREAM, "FunctionName": "resender"}
ASKED = {
    "StartingPosition": "LATEST",
    "BatchSize": 10,
    "BisectBatchOnFunctionError": True,
    "FilterCriteria": filters('{"eventName": ["INSERT"]}'),
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    "Tags": {"team": "chat"},
}
TOML = f"""
StartingPosition = "LATEST"
BatchSize = 10
BisectBatchOnFunctionError = true
Tags = {{ team = "chat" }}
[[FilterCriteria.Filters]]
Pattern = '{{"eventName": ["INSERT"]}}'
[DestinationConfig.OnFailure]
Destination = "{QUEUE}"
"""
YAML = f"""
StartingPosition: LATEST
BatchSize: 10
BisectBatchOnFunctionError: true
Tags: {{team: chat}}
FilterCriteria:
  Filters:
    - Pattern: '{{"eventName": ["INSERT"]}}'
DestinationConfig: {{OnFailure: {{Destination: "{QUEUE}"}}}}
"""


def read(folder: Path, content: str | bytes, name: str = "mapping.json") -> dict[str, Any]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_mapping(path, defaults=DEFAULTS).request


def refusal(folder: Path, content: str | bytes, name: str = "mapping.json") -> HarnessError:
    with pytest.raises(HarnessError) as caught:
        create(read(folder, content, name), uuid=UUID)
    return caught.value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mapping.json", json.dumps(ASKED)),
        ("mapping.toml", TOML),
        ("mapping.yaml", YAML),
        ("mapping", json.dumps(ASKED, indent="\t")),
    ],
)
@pytest.mark.parametrize("written", ["{}", "\ufeff{}"])
def test_a_request_is_read_in_three_notations(tmp_path: Path, name: str, text: str, written: str) -> None:
    for content in (written.format(text), written.format(text).replace("\n", "\r\n")):
        assert read(tmp_path, content, name) == DEFAULTS | ASKED


def test_the_file_goes_before_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, '{"FunctionName": "counter"}') == DEFAULTS | {"FunctionName": "counter"}


def test_a_path_is_relative_to_the_project_and_may_hold_a_hash(tmp_path: Path) -> None:
    (tmp_path / "a#b.json").write_text("{}", encoding="utf-8")
    found = read_mapping("a#b.json", defaults=DEFAULTS, project=tmp_path)
    assert found.request == DEFAULTS
    assert (found.source, found.function, found.table) == (str(tmp_path / "a#b.json"), None, None)


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("m.json", '{"BatchSize": 1,}', ":1:", "broken JSON"),
        ("m.json", '{\n  "BatchSize": }', ":2:16: ", "broken JSON"),
        ("m.json", '{\n "BatchSize": NaN}', ":2:15: ", "NaN is no number of JSON"),
        ("m.json", '{"BatchSize": -Infinity}', ":1:15: ", "-Infinity is no number of JSON"),
        ("m.json", '{"BatchSize": 1,\n "BatchSize": 2}', ":2:2: ", "'BatchSize' stands twice"),
        ("m.json", '{\n "Batchsize": 1}', ":2:3: ", "has no key 'Batchsize'"),
        ("m.json", "", ": ", "is empty"),
        ("m.json", " \n\ufeff", ":2:1: ", "broken JSON"),
        ("m.json", "\ufeff\r\n", ": ", "is empty"),
        ("m.json", '[{"BatchSize": 1}]', ": ", "holds a list"),
        ("m.json", "3", ": ", "holds 3"),
        ("m.json", "[" * 100_000, ": ", "nested too deep"),
        ("m.toml", "BatchSize = \n", ":1:", "Invalid value"),
        ("m.toml", "BatchSize = 1\nBatchSize = 2\n", ":2:", "Cannot overwrite"),
        ("m.toml", "\nBatch = 1\n", ":2:1: ", "has no key 'Batch'"),
        ("m.yaml", "BatchSize: [1\n", ":2:1: ", "broken YAML"),
        ("m.yaml", "Enabled: true\nBatchSize: 1\nBatchSize: 2\n", ":3:1: ", "'BatchSize' stands twice"),
        ("m.yaml", "DestinationConfig:\n  OnFailure: {Destination: a, Destination: b}\n", ":2:31: ", "stands twice"),
        ("m.yaml", "- BatchSize: 1\n", ": ", "holds a list"),
        ("m.yaml", "just words", ": ", "holds 'just words'"),
        ("m.yaml", "1: 2\n", ":1:1: ", "has no key '1'"),
        ("m.yaml", "Tags: &a [*a]\n", ": ", "an alias in it holds itself"),
        ("m.yaml", "---\nBatchSize: 1\n---\nBatchSize: 2\n", ":3:1: ", "broken YAML"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, place: str, reason: str
) -> None:
    error = refusal(tmp_path, text, name)
    assert isinstance(error, UsageError)
    assert error.message.startswith(f"{tmp_path / name}{place}")
    assert reason in error.message
    assert error.hint


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert "not UTF-8" in refusal(tmp_path, '{"BatchSize": 1}'.encode("utf-16")).message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "none.yaml#Id"):
        with pytest.raises(EnvironmentFailure, match="can't be read"):
            read_mapping(path, defaults=DEFAULTS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"Enabled": "true"}', "Value 'true' at 'enabled' failed"),
        ('{"BatchSize": "10"}', "Value '10' at 'batchSize' failed"),
        ('{"BatchSize": true}', "Value 'true' at 'batchSize' failed"),
        ('{"StartingPosition": "LATEST", "BatchSize": 10001}', "less than or equal to 10000"),
        (
            '{"StartingPosition": "LATEST", "TumblingWindowInSeconds": 9, "ParallelizationFactor": 2}',
            "must be equal to 1",
        ),
    ],
)
def test_values_are_refused_in_awss_words(tmp_path: Path, text: str, reason: str) -> None:
    error = refusal(tmp_path, text)
    assert isinstance(error, ApiError)
    assert reason in error.message


def test_numbers_that_only_toml_and_yaml_have(tmp_path: Path) -> None:
    assert "Value 'nan' at 'batchSize'" in refusal(tmp_path, "BatchSize = nan\n", "m.toml").message
    assert "Value 'inf' at 'batchSize'" in refusal(tmp_path, "BatchSize: .inf\n", "m.yaml").message
    assert "Value '2026-11-02' at 'batchSize'" in refusal(tmp_path, "BatchSize = 2026-11-02\n", "m.toml").message


def test_a_request_has_no_parts_to_choose_from(tmp_path: Path) -> None:
    read(tmp_path, "{}")
    with pytest.raises(UsageError, match="is no template, it has no 'Resender'"):
        read_mapping(f"{tmp_path}/mapping.json#Resender", defaults=DEFAULTS)
