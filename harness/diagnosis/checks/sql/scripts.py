"""Scripts that make and drop the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.project.place import Place
from harness.project.settings.variables import Given, variables_given
from harness.project.shell.values import ShellValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

#: `sed 's/\\/cruddur//g'`: what it takes away, and with `g` everywhere.
_SED = re.compile(
    r"""\bsed\s+(?:-\S+\s+)*(['"])s(?P<sign>[/|#@,])(?P<old>(?:\\.|(?!(?P=sign)).)+)(?P=sign)(?P=sign)(?P<flags>\w*)\1"""
)
_VARIABLE = re.compile(r"\$\{?(\w+)")
_PLAIN = re.compile(r"[\w/\\.-]+")
_DROPS = re.compile(r"\bdrop\s+database\b|\bdropdb\b", re.IGNORECASE)
_CLOSES = re.compile(r"pg_terminate_backend|\(\s*force\s*\)|dropdb\b.*\s(?:-f|--force)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mangling:
    """A sed that takes more out of a URL than the database's name."""

    place: Place
    line: str
    #: As sed has it, and what it matches.
    pattern: str
    cut: str
    url: Given


@check(
    "SQL311",
    example=r"""
    # CONNECTION_URL=postgresql://cruddurroot:…@host:5432/cruddur
    NO_DB_URL=$(sed 's/\/cruddur//g' <<< "$CONNECTION_URL")     # also eats the user's name
    """,
)
def database_is_cut_off_the_url_alone(facts: Facts) -> Iterator[Problem]:
    r"""What takes the database's name off a URL leaves the rest of the URL as it is.

    Anchor the pattern at the end: `sed 's/\/NAME$//'`; or write `${CONNECTION_URL%/*}`.
    """
    if facts.project is None:
        return
    given = [each for each in variables_given(facts.project) if each.value and "://" in each.value]
    sources = facts.project.with_role("db-tool", "db-seed-tool", "setup")
    found = [each for source in sources for each in _mangling(source, given)]
    if found:
        first, url = found[0], found[0].url.value or ""
        yield Problem(
            cause=f"sed takes every {first.cut!r} out of {first.url.name}, which has it in the user's name, too "
            f"({first.url.place}): {_masked(url)} becomes {_masked(_cut(url, first.cut, 'g'))}",
            evidence=tuple(Evidence(text=each.line.strip(), place=each.place) for each in found),
            place=first.place,
            advice=f"Cut at the end only: `sed 's/{first.pattern}$//'`, in {', '.join(str(each.place) for each in found)}.",
        )


@check(
    "SQL312", severity="note", example='psql "$URL" -c "drop database cruddur"   -- is being accessed by other users'
)
def drop_closes_sessions(facts: Facts) -> Iterator[Problem]:
    """The script that drops the database also closes the sessions that are open on it.

    Write `DROP DATABASE IF EXISTS name WITH (FORCE);` (PostgreSQL 13 and later): an application that is connected blocks a
    plain DROP.
    """
    sources = facts.project.with_role("db-tool", "setup") if facts.project is not None else ()
    if any(_CLOSES.search(source.text) for source in sources):
        return
    for place, line in (found for source in sources for found in _drops(source)):
        yield Problem(
            cause="while anybody is connected, PostgreSQL refuses this DROP: the database is being accessed by other users",
            evidence=(Evidence(text=line.strip(), place=place),),
            place=place,
        )
        return


def _mangling(source: Source, given: list[Given]) -> Iterator[_Mangling]:
    values = ShellValues(source.path, source.text)
    for number, line in enumerate(source.lines, 1):
        found = _SED.search(line)
        if found is None or line.lstrip().startswith("#") or not _PLAIN.fullmatch(found["old"]):
            continue
        cut, flags = found["old"].replace("\\", ""), found["flags"]
        names = {name for word in _VARIABLE.findall(line) for name in (word, *values.variables(f"${word}"))}
        url = next((each for each in given if each.name in names and _is_mangled(each.value or "", cut, flags)), None)
        if url is not None:
            yield _Mangling(
                place=Place(path=source.path, line=number), line=line, pattern=found["old"], cut=cut, url=url
            )


def _is_mangled(url: str, cut: str, flags: str) -> bool:
    """Whether more of the URL goes than the database at its end."""
    wanted = re.sub(rf"{re.escape(cut)}(?=\?|$)", "", url)
    return cut in url and wanted != url and _cut(url, cut, flags) != wanted


def _cut(url: str, cut: str, flags: str) -> str:
    return url.replace(cut, "") if "g" in flags else url.replace(cut, "", 1)


def _masked(url: str) -> str:
    return re.sub(r":[^:/@]+@", ":…@", url)


def _drops(source: Source) -> Iterator[tuple[Place, str]]:
    for number, line in enumerate(source.lines, 1):
        if _DROPS.search(line) and not line.lstrip().startswith(("#", "--")) and "echo" not in line:
            yield Place(path=source.path, line=number), line
