"""What clients send instead of `Bearer <token>`, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.identity.header import unwrap

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"


@pytest.mark.parametrize(
    ("text", "token", "codes"),
    [
        (TOKEN, TOKEN, []),
        (f"  {TOKEN}\n", TOKEN, []),
        (f"Bearer {TOKEN}", TOKEN, []),
        (f"bearer   {TOKEN}", TOKEN, []),
        (f"Authorization: Bearer {TOKEN}", TOKEN, []),
        (f"authorization:Bearer {TOKEN}\r\n", TOKEN, []),
        (f"Bearer Bearer {TOKEN}", TOKEN, ["doubled-bearer"]),
        (f"Bearer bearer Bearer {TOKEN}", TOKEN, ["doubled-bearer"]),
        (f"Bearer {TOKEN} more", TOKEN, ["words"]),
        (f"Bearer more {TOKEN}", TOKEN, ["words"]),
        (f"{TOKEN} {TOKEN}", TOKEN, ["words"]),
        (f"Bearer Bearer {TOKEN} more", TOKEN, ["doubled-bearer", "words"]),
        (f'Bearer "{TOKEN}"', TOKEN, ["quoted"]),
        (f"'{TOKEN}'", TOKEN, ["quoted"]),
        ("", None, ["missing"]),
        ("Authorization:", None, ["missing"]),
        ("Bearer", None, ["missing"]),
        ("Bearer Bearer", None, ["doubled-bearer", "missing"]),
        ("null", None, ["null"]),
        ("Bearer null", None, ["null"]),
        ('Bearer "null"', None, ["null"]),
        ("Bearer undefined", None, ["null"]),
        ("Bearer None", None, ["null"]),
        ("Bearer [object Object]", None, ["null"]),
        ("Basic dXNlcjpwYXNz", None, ["scheme"]),
        ("Bearer abc", "abc", []),
    ],
)
def test_each_wrapping(text: str, token: str | None, codes: list[str]) -> None:
    found, flaws = unwrap(text)
    assert found == token
    assert [flaw.code for flaw in flaws] == codes


def test_three_words_are_counted_as_they_stand_there() -> None:
    _, (flaw,) = unwrap(f"Bearer {TOKEN} more")
    assert "3 words" in flaw.message


@given(st.text())
def test_any_text_is_unwrapped(text: str) -> None:
    token, flaws = unwrap(text)
    assert token or flaws
