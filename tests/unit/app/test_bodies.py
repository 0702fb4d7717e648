"""Whatever bytes come, a body is read or rejected."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.app.bodies import Post, Rejected, read_page, read_post
from scenarios.app.settings import MissingSettings, Settings
from tests.unit.scenarios.small import group_uuid

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(group_uuid(0)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
BODIES = st.fixed_dictionaries({}, optional=dict.fromkeys(("message", "message_group_uuid", "handle"), VALUES))


@given(data=st.binary() | BODIES.map(lambda body: json.dumps(body).encode()))
def test_a_body_is_read_or_rejected(data: bytes) -> None:
    with suppress(Rejected):
        post = read_post(data)
        assert isinstance(post, Post)
        assert post.message.strip()
        assert (post.message_group_uuid is None) != (post.handle is None)


@given(limit=st.text(), cursor=st.text())
def test_a_query_is_read_or_rejected(limit: str, cursor: str) -> None:
    with suppress(Rejected):
        number, following = read_page({"limit": limit, "cursor": cursor})
        assert 1 <= number <= 1000
        assert following == (cursor or None)


def test_settings_name_all_that_is_missing() -> None:
    with pytest.raises(MissingSettings) as told:
        Settings.of({"CONNECTION_URL": "postgresql://", "AWS_COGNITO_ISSUER": ""})
    assert "CONNECTION_URL" not in str(told.value)
    for name in ("DDB_MESSAGE_TABLE", "AWS_COGNITO_ISSUER", "AWS_COGNITO_JWKS_URL"):
        assert name in str(told.value)
