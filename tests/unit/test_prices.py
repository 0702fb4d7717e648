"""What request units cost: the table of the package, and a project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.config import load_config
from harness.errors import UsageError
from harness.prices import default_prices

if TYPE_CHECKING:
    from pathlib import Path


def test_table_is_dated_and_names_its_source() -> None:
    prices = default_prices()
    assert (prices.region, prices.as_of) == ("us-east-1", "2024-11-01")
    assert prices.source.startswith("https://aws.amazon.com/")
    assert prices.of_a_million(read=2.0, write=4.0) == 2.75


def test_project_overrides_what_it_names(tmp_path: Path) -> None:
    assert load_config(tmp_path, {}, {}).prices == default_prices()
    file = tmp_path / "harness.toml"
    file.write_text('[prices]\nread = 0\nwrite = 1.25\nregion = "eu-central-1"\n')
    prices = load_config(tmp_path, {}, {}).prices
    assert (prices.read, prices.write, prices.region, prices.source) == (0, 1.25, "eu-central-1", str(file))


@pytest.mark.parametrize("value", ["-1", '"0.1"', "true", "nan", "inf"])
def test_price_is_a_number(tmp_path: Path, value: str) -> None:
    (tmp_path / "harness.toml").write_text(f"[prices]\nread = {value}\n")
    with pytest.raises(UsageError, match=r"harness.toml:2: `prices.read` is") as error:
        load_config(tmp_path, {}, {})
    assert "US dollars" in error.value.hint
