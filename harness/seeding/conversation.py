"""What people say to each other: scripts of lines that answer one another, read from conversations.txt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING

from harness.seeding.draw import Draw

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Topics with a part of their own: how people meet, and what they post for everybody.
OPENING, POSTS = "opening", "posts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One exchange: who says which line (0 begins), and what its slots can be filled with."""

    lines: tuple[tuple[int, str], ...]
    slots: tuple[tuple[str, tuple[str, ...]], ...]

    def fill(self, draw: Draw) -> dict[str, str]:
        """Draw one filling, the same for all lines, so that an answer is about what was asked."""
        return {name: draw.choice(options) for name, options in self.slots}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All scripts there are."""

    openings: tuple[Script, ...]
    talk: tuple[Script, ...]
    posts: tuple[Script, ...]


@cache
def read_corpus() -> Corpus:
    """Read conversations.txt, which explains its own format."""
    topics: dict[str, list[Script]] = {}
    for block in Path(__file__).with_name("conversations.txt").read_text(encoding="utf-8").split("\n# ")[1:]:
        topic, _, body = block.partition("\n")
        topics.setdefault(topic.strip(), []).extend(_read_topic(body))
    openings, posts = tuple(topics.pop(OPENING)), tuple(topics.pop(POSTS))
    # One script of each topic after the other, so that neighbours differ in topic.
    longest = max(map(len, topics.values()))
    talk = tuple(scripts[place] for place in range(longest) for scripts in topics.values() if place < len(scripts))
    return Corpus(openings=openings, talk=talk, posts=posts)


def choose_scripts(corpus: Corpus, seed: int, group: int) -> Iterator[Script]:
    """Yield a group's scripts without end: an opening, then all talk in an order of the group's own, again and again.

    The order is a walk with a stride that has no common divisor with the number of scripts, so none comes twice before
    all have come once, and nothing needs to be kept.
    """
    yield Draw(seed, "opening", group).choice(corpus.openings)
    size = len(corpus.talk)
    strides = tuple(stride for stride in range(1, size) if gcd(stride, size) == 1)
    cycle = 0
    while True:
        draw = Draw(seed, "order", group, cycle)
        place, stride = draw.below(size), draw.choice(strides)
        for step in range(size):
            yield corpus.talk[(place + step * stride) % size]
        cycle += 1


def say(line: str, words: dict[str, str]) -> str:
    """Return a line with its slots filled and its first letter a capital."""
    if "{" not in line:
        return line
    text = line.format_map(words)
    return text[0].upper() + text[1:]


def _read_topic(body: str) -> Iterator[Script]:
    slots: dict[str, tuple[str, ...]] = {}
    for paragraph in body.split("\n\n"):
        lines: list[tuple[int, str]] = []
        for line in filter(None, map(str.strip, paragraph.splitlines())):
            if line[:2] in {"- ", "= "}:
                lines.append((int(line[0] == "="), line[2:]))
            else:
                name, _, options = line.partition(": ")
                slots[name] = tuple(option.strip() for option in options.split("|"))
        if lines:
            spoken = " ".join(text for _, text in lines)
            used = tuple((name, options) for name, options in slots.items() if f"{{{name}}}" in spoken)
            yield Script(lines=tuple(lines), slots=used)
