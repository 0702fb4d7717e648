from __future__ import annotations

from itertools import islice, product

import pytest

from harness.seeding.conversation import Script, choose_scripts, read_corpus, say

CORPUS = read_corpus()
NAME = "x" * 60


def fillings(script: Script) -> list[dict[str, str]]:
    names = [name for name, _ in script.slots]
    return [
        dict(zip(names, words, strict=True)) | {"me": NAME, "you": NAME}
        for words in product(*(options for _, options in script.slots))
    ]


@pytest.mark.parametrize("script", [*CORPUS.openings, *CORPUS.talk], ids=lambda script: script.lines[0][1][:40])
def test_talk_is_between_two_and_fits(script: Script) -> None:
    assert {speaker for speaker, _ in script.lines} == {0, 1}
    assert script.lines[0][0] == 0
    assert len(script.lines) <= 16, "more than one draw's worth of chance"
    for words in fillings(script):
        for _, line in script.lines:
            text = say(line, words)
            assert 1 <= len(text) <= 1024
            assert text == text.strip()
            assert "{" not in text
            assert text[0] == text[0].upper()


@pytest.mark.parametrize("script", CORPUS.posts, ids=lambda script: script.lines[0][1][:40])
def test_post_is_one_line_and_its_replies(script: Script) -> None:
    assert [speaker for speaker, _ in script.lines] == [0] + [1] * (len(script.lines) - 1)
    assert len(script.lines) <= 6, "replies would pass as_of"
    for words in fillings(script):
        assert all(say(line, words) for _, line in script.lines)


def test_no_script_is_there_twice() -> None:
    scripts = [script.lines for script in (*CORPUS.openings, *CORPUS.talk, *CORPUS.posts)]
    assert len(set(scripts)) == len(scripts)


def test_corpus_has_long_texts_and_more_than_ascii() -> None:
    lines = [line for script in CORPUS.talk for _, line in script.lines]
    assert any(len(line) > 500 for line in lines)
    assert any(not line.isascii() for line in lines)


def test_all_talk_comes_once_before_any_comes_twice() -> None:
    size = len(CORPUS.talk)
    opening, *talk = islice(choose_scripts(CORPUS, 1, 0), 1 + 2 * size)
    assert opening in CORPUS.openings
    assert len({script.lines for script in talk[:size]}) == size
    assert len({script.lines for script in talk[size:]}) == size
    assert talk[:size] != talk[size:]


def test_slot_belongs_to_its_own_script() -> None:
    script = next(script for script in CORPUS.talk if "Lunch?" in script.lines[0][1])
    assert [name for name, _ in script.slots] == ["food", "spot"]


def test_say_begins_with_a_capital_and_leaves_what_has_no_slot() -> None:
    assert say("{thing}, number 41.", {"thing": "the lighthouse"}) == "The lighthouse, number 41."
    assert say("eh", {}) == "eh"
