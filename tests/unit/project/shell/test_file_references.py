from __future__ import annotations

import pytest

from harness.project.paths import Paths
from harness.project.shell.file_references import referred_file
from harness.project.shell.values import HOLE, ROOT

PATHS = Paths(["seed.sql", "app/db/seed.sql", "app/bin/db/seed", "other/db/seed.sql", "other/db/schema.sql"])


@pytest.mark.parametrize(
    ("written", "of", "wanted"),
    [
        ("db/seed.sql", "app/bin/db/seed", "app/db/seed.sql"),
        ("./db/seed.sql", "other/run", "other/db/seed.sql"),
        ("../../db/seed.sql", "app/bin/db/seed", "app/db/seed.sql"),
        ("seed.sql", "app/bin/x", "seed.sql"),
        (f"{HOLE}/db/seed.sql", "app/bin/db/seed", "app/db/seed.sql"),
        (f"{HOLE}/somewhere/else/db/schema.sql", "app/x", "other/db/schema.sql"),
        (f"{ROOT}/app/../other/db/seed.sql", "app/x", "other/db/seed.sql"),
        (f"{ROOT}/gone/db/schema.sql", "app/x", "other/db/schema.sql"),
        ("/workspace/project/app/db/seed.sql", "other/x", "app/db/seed.sql"),
        ("/a/b/c/seed.sql", "other/x", None),
        ("gone.sql", "app/x", None),
        ("", "app/x", None),
        ("/", "app/x", None),
        (HOLE, "app/x", None),
        ("a/" * 5000 + "db/seed.sql", "app/x", None),
    ],
)
def test_the_nearest_file_that_ends_alike_is_meant(written: str, of: str, wanted: str | None) -> None:
    assert referred_file(written, of=of, paths=PATHS) == wanted


def test_paths_are_found_by_their_end() -> None:
    assert PATHS.ending("db/seed.sql") == ["app/db/seed.sql", "other/db/seed.sql"]
    assert PATHS.ending("b/seed.sql") == []
    assert "app/db/seed.sql" in PATHS
    assert "db/seed.sql" not in PATHS
