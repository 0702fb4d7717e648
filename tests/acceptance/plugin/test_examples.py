"""What docs/testing.md promises, as a user writes it: the examples pass in a project of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.plugin.conftest import EXAMPLES

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

SQL = """CREATE TABLE users (uuid uuid, display_name text, handle text, email text, cognito_user_id text, created_at timestamptz);
CREATE TABLE activities (uuid uuid, user_uuid uuid, message text, replies_count int, reposts_count int, likes_count int,
  reply_to_activity_uuid uuid, expires_at timestamptz, created_at timestamptz);
CREATE TABLE tags (name text);
INSERT INTO tags VALUES ('red'), ('blue');
"""


@pytest.mark.embedded
@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("test_*.py")))
def test_example_passes(inner: Inner, name: str) -> None:
    inner.example(name, "seeds.py")
    inner.write("tests/schema/one.sql", SQL)
    inner.settings(asyncio_default_fixture_loop_scope="function")
    result = inner.run("-W", "error", using=("asyncio",))
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, result.stdout.str()
