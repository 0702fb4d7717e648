"""Messages stand in the table in the order in which they were said."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.place import Place
from harness.project.seed.spoken_text import spoken_text
from harness.project.seed.stamps import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.project.source import Project, Source

#: Fewer may be the other way round by chance.
_TELLING = 4


@check(
    "SEED204",
    severity="warning",
    requires={"SEED203", "SEED205"},
    example="""created_at = now - timedelta(minutes=i)    # the last line of the conversation becomes the oldest message""",
)
def messages_sort_as_they_were_said(facts: Facts) -> Iterator[Problem]:
    """Messages sort in the order in which the conversation has them.

    Let the time grow with the number of the line: begin in the past and add.
    """
    if not finished(facts):
        return
    for each in facts.conversations:
        for messages in each.messages_by_group.values():
            if (source := told_backwards(facts, messages)) is not None:
                yield _reversed(source, messages)


def told_backwards(facts: Facts, messages: list[Entry]) -> Source | None:
    """Return the seed whose conversation these messages, by sort key, are the other way round."""
    for source in seed_sources(facts):
        places = _places_in_the_text(source, facts.project)
        said = [places[text] for one in messages if (text := (one.text("message") or "").strip()) in places]
        if len(said) >= _TELLING and said == sorted(said, reverse=True):
            return source
    return None


def _places_in_the_text(source: Source, project: Project | None) -> dict[str, int]:
    """Return which line of the conversation it is, of each text that is said once."""
    spoken = spoken_text(source, project)
    texts = [line.partition(":")[2].strip() for _, line in spoken.said] if spoken else []
    times = Counter(texts)
    return {text: number for number, text in enumerate(texts) if times[text] == 1}


def _reversed(source: Source, messages: list[Entry]) -> Problem:
    moment = next((moment for moment in moments(source) if moment.slope < 0), None)
    why = f": line {moment.line} takes more away for each line" if moment else ""
    return Problem(
        cause=f"the conversation of {source.path} is in the table the other way round, its last line as the oldest{why}",
        place=Place(path=source.path, line=moment.line) if moment else Place(path=source.path),
        evidence=(
            *([Evidence(text=line_at(source, moment.line).strip())] if moment else []),
            Evidence(text=f"oldest: {messages[0]}: {messages[0].text('message')}"),
            Evidence(text=f"newest: {messages[-1]}: {messages[-1].text('message')}"),
        ),
    )
