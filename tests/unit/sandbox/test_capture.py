"""What is kept of a stream."""

from __future__ import annotations

from harness.sandbox.capture import HEAD, TAIL, Stream


def stream(*parts: bytes) -> Stream:
    made = Stream()
    for part in parts:
        made.add(part)
    return made


def test_what_fits_is_kept_whole() -> None:
    assert stream().text() == ""
    assert stream(b"caf", b"\xc3\xa9", b"\xff").text() == "caf\u00e9\\xff"
    assert stream(b"x" * (HEAD + TAIL)).text() == "x" * (HEAD + TAIL)


def test_the_middle_is_cut_and_told() -> None:
    text = stream(b"a" * HEAD, b"b" * 10, *[b"c" * 1000] * 200, b"the end").text()
    cut = 10 + 200_000 + 7 - TAIL
    assert f"\n[... {cut} bytes cut ...]\n" in text
    assert text.startswith("a" * HEAD + "\n[")
    assert text.endswith("cccthe end")
    assert len(text) == HEAD + TAIL + len(f"\n[... {cut} bytes cut ...]\n")
