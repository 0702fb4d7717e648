from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.streams.runtime.output import LineSplitter


def lines(splitter: LineSplitter, *pieces: bytes) -> list[str]:
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.flush()


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30), max_size=20),
    st.lists(st.integers(0, 600), max_size=10),
)
def test_lines_come_out_whole_wherever_the_stream_is_cut(texts: list[str], cuts: list[int]) -> None:
    data = "".join(f"{text}\n" for text in texts).encode()
    assert lines(LineSplitter(), *pieces(data, cuts)) == texts


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_the_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    assert lines(LineSplitter(longest=20), *pieces(data, cuts)) == lines(LineSplitter(longest=20), data)


def test_an_end_is_not_needed_to_come_out() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"a\nb") == ["a"]
    assert splitter.flush() == ["b"]
    assert splitter.flush() == []


def test_a_long_line_is_cut_and_says_so() -> None:
    splitter = LineSplitter(longest=4)
    assert lines(splitter, b"12", b"345", b"6\nnext", b"\n") == ["1234 … (cut: the line has 2 bytes more)", "next"]


def test_the_runtime_clients_line_ends_within_an_event_become_lines() -> None:
    assert lines(LineSplitter(), b"[ERROR] KeyError\rTraceback\r  frame\n") == ["[ERROR] KeyError\nTraceback\n  frame"]
    assert lines(LineSplitter(), b"windows\r\n") == ["windows"]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert lines(LineSplitter(), b"\xff\xfe ok\n") == ["\ufffd\ufffd ok"]
