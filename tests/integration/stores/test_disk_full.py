"""Loading into a Postgres whose disk is full: a small tmpfs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness.digest import combine
from harness.errors import EnvironmentFailure
from harness.stores.postgres import PostgresStore
from tests.integration.conftest import missing, started_pair
from tests.integration.stores.conftest import make_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.schema import Schema


@pytest.fixture
def small_disk(needs_embedded: None) -> Iterator[Path]:  # noqa: ARG001 - a fixture that skips
    """Mount 160 MB, which takes an initdb'd cluster and little more, where PostgreSQL's own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="harness-small-disk-"))
    folder.chmod(0o755)
    options = "size=160m,mode=0777"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    try:
        if mounted.returncode:
            missing("tmpfs", f"mount is not permitted here: {mounted.stderr.strip()}")
        yield folder
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path, leave: int) -> Path:
    """Take all space of a disk but `leave` bytes."""
    filler = folder / "filler"
    disk = os.statvfs(folder)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - leave)
    return filler


def test_full_disk_is_named_and_the_next_load_repairs(small_disk: Path, schema: Schema) -> None:
    seeded = make_dataset()
    big = replace(
        seeded, activities=tuple(replace(each, message=os.urandom(2**21).hex()) for each in seeded.activities)
    )
    with started_pair("embedded", small_disk, shared=True) as endpoints:  # a stack that stays is on disk
        store = PostgresStore(endpoints.postgres)
        with psycopg.connect(endpoints.postgres.dsn) as connection:
            [(data,)] = connection.execute("SHOW data_directory").fetchall()
        assert Path(data).is_relative_to(small_disk)
        store.apply(schema)
        store.load(seeded, schema, progress=lambda *_: None)
        filler = fill(small_disk, leave=6 * 2**20)

        with pytest.raises(EnvironmentFailure, match=r"no space left on its disk|does not answer") as caught:
            store.load(big, schema, progress=lambda *_: None)
        assert "none of 6 users and 5 activities were loaded" in caught.value.message
        assert "harness seed" in caught.value.hint

        filler.unlink()
        assert combine(store.digests(seeded)) == combine(
            {name: digest for name, digest in seeded.table_digests().items() if name.startswith("public.")}
        )
        store.load(big, schema, progress=lambda *_: None)
        store.close()
