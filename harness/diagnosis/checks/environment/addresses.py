"""Addresses and paths that are right in one place only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.wording import that_do
from harness.project.place import Place
from harness.project.settings.compose_services import compose_services
from harness.project.settings.variables import Given, variables_given, variables_read
from harness.project.shell.starting import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Project

_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?://(?:[^/@\s]*@)?(?P<host>\[[^\]]+\]|[^:/?\s]+)")
_HANDED_ON = re.compile(r"\$\{?(?P<name>\w+)(?::?-(?P<default>[^}]*))?\}?\Z")
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0"})  # noqa: S104 - names are compared
#: Where somebody's checkout lies; what is behind `:-` is a default for when a variable is not set.
_ABSOLUTE = re.compile(
    r"(?<![\w.:/}$-])(?P<path>/(?:workspaces?|home/\w+|Users/\w+|mnt/[a-z])/[\w./-]+|[A-Z]:\\\\?Users\\[\w\\.-]+)"
)
#: A file or folder below the one that a script is started in.
_FROM_WHERE_STARTED = re.compile(r"(?:\$\((?:realpath|readlink -f) \.\)|\$\(pwd\)|\$\{?PWD\}?)/(?:\w|\.\.)")
_OF_TEMPLATES = re.compile(r"\.(?:erb|j2|tmpl|tpl|template|example|sample|dist)\Z")
_ENV_FILE = re.compile(r"--env-file[= ]\"?(?P<path>[^\s\"]+)")
_GOES_HOME = re.compile(r"^\s*(?:cd|pushd)\s")
_MOST = 5


@check(
    "ENV220",
    severity="warning",
    example="""
    # .env, for host and container:     CONNECTION_URL=postgresql://postgres:password@localhost:5432/app
    # docker-compose.yml, backend:      CONNECTION_URL: "${CONNECTION_URL}"
    """,
)
def addresses_fit_where_they_are_used(facts: Facts) -> Iterator[Problem]:
    """The address of Postgres is one that whoever reads it can reach.

    A container reaches the database by its service's name, `db`; scripts on this machine by 127.0.0.1. Give the container a
    value of its own under `environment:`.
    """
    if facts.project is None:
        return
    given = variables_given(facts.project)
    services = _services(facts.project)
    if not services:
        return
    for each in given:
        if each.by == "compose":
            yield from _in_container(each, given, services)
    yield from _on_host(facts.project, given, services)


@check("ENV230", severity="warning", example='source "/workspace/my-project/backend-flask/bin/db/drop"')
def paths_are_not_of_one_machine(facts: Facts) -> Iterator[Problem]:
    """Scripts find their files wherever the project lies.

    Begin the path with the script's own folder: `$(dirname "$(realpath "$0")")` in bash, `__file__` in Python.
    """
    found = []
    for source in programs(facts.project) if facts.project is not None else ():
        for number, line in enumerate(source.lines, 1):
            at = _ABSOLUTE.search(line)
            if at and not line.lstrip().startswith("#") and "echo" not in line and "print" not in line:
                found.append((Place(path=source.path, line=number), at["path"], line.strip()))
    if found:
        files = list(dict.fromkeys(place.path for place, _, _ in found))
        yield Problem(
            cause=f"{', '.join(files)} {'goes' if len(files) == 1 else 'go'} to {found[0][1]}, which is there on one machine only",
            evidence=tuple(Evidence(text=line, place=place) for place, _, line in found[:_MOST]),
            place=found[0][0],
        )


@check(
    "ENV231", severity="note", example='schema_path="$(realpath .)/db/schema.sql"     # of whatever folder one is in'
)
def paths_begin_at_the_script(facts: Facts) -> Iterator[Problem]:
    """A script finds its files from whatever folder it is started in.

    Begin the path with the script's own folder, `$(dirname "$(realpath "$0")")`, in place of the one that it is started in.
    """
    found = []
    for source in programs(facts.project) if facts.project is not None else ():
        if source.language == "shell" and not any(_GOES_HOME.search(line) for line in source.lines):
            found += [
                (Place(path=source.path, line=number), line.strip())
                for number, line in enumerate(source.lines, 1)
                if _FROM_WHERE_STARTED.search(line) and not line.lstrip().startswith("#")
            ]
    if found:
        first, line = found[0]
        file = that_do((place.path for place, _ in found), "finds")
        yield Problem(
            cause=f"{file} other files only when started in the right folder: `{line}` in line {first.line} begins with the "
            "folder that somebody is in",
            evidence=tuple(Evidence(text=line, place=place) for place, line in found[:_MOST]),
            place=first,
        )


def _services(project: Project) -> frozenset[str]:
    """Return the names by which containers reach a Postgres of the project."""
    return frozenset(
        service.name
        for source in project.with_role("compose")
        for service in compose_services(source)
        if "postgres" in service.image.lower()
    )


def _host(value: str | None) -> str | None:
    found = _POSTGRES.match(value or "")
    return found["host"] if found else None


def _in_container(each: Given, given: tuple[Given, ...], services: frozenset[str]) -> Iterator[Problem]:
    """Yield a container's address that leads back into the container."""
    if each.service in services:
        return
    value, origin = each.value, each
    handed_on = _HANDED_ON.match(value or f"${each.name}")
    if handed_on:
        sources = [
            other for other in given if other.name == handed_on["name"] and other.by != "compose" and _host(other.value)
        ]
        if not sources:
            return
        value, origin = sources[-1].value, sources[-1]
    if _host(value) in _HERE:
        name = min(services)
        told = f", which {origin.place} sets for this machine" if origin is not each else ""
        yield Problem(
            cause=f"the container {each.service} is given {each.name} with the host {_host(value)}{told}: inside of the "
            f"container that is the container itself, and Postgres is {name}",
            evidence=tuple(
                Evidence(text=f"{one.name}={_masked(one.value)}", place=one.place)
                for one in dict.fromkeys((each, origin))
            ),
            place=each.place,
            advice=f"In {each.place} write the value out, with the host {name}: {each.name}: {_masked(value).replace(_host(value) or '', name, 1)}",
        )


def _on_host(project: Project, given: tuple[Given, ...], services: frozenset[str]) -> Iterator[Problem]:
    """Yield the address of a container that scripts on this machine are given, where nothing gives them another one."""
    env_files = _files_of_containers(project)
    scripts = {source.path for source in programs(project)}
    read = {each.name for each in variables_read(project) if each.place.path in scripts}
    handed_on = {
        found["name"]
        for each in given
        if each.by == "compose"
        if (found := _HANDED_ON.match(each.value or f"${each.name}"))
    }
    for name in sorted({each.name for each in given} & read):
        on_host = [
            each
            for each in given
            if each.name == name and each.by in {"dotenv", "gitpod", "shell"} and _host(each.value)
        ]
        hosts = {_host(each.value) for each in on_host}
        shared = [each for each in on_host if _name(each.place.path) not in env_files or name in handed_on]
        if shared and hosts <= services:
            yield Problem(
                cause=f"{shared[0].place} gives {name} the host {_host(shared[0].value)}, a name that only containers know, and "
                "scripts on this machine read it",
                evidence=(Evidence(text=f"{name}={_masked(shared[0].value)}", place=shared[0].place),),
                place=shared[0].place,
                advice=f"Write 127.0.0.1 there, and give the container its own {name} in the compose file.",
            )


def _files_of_containers(project: Project) -> set[str]:
    """Return the names of the settings files that containers are given: by a compose file, or by `docker run`."""
    services = [service for source in project.with_role("compose") for service in compose_services(source)]
    given = [file for service in services for file in service.env_files]
    shell = (source for source in project.sources.values() if source.language == "shell")
    given += [found["path"] for source in shell for found in _ENV_FILE.finditer(source.text)]
    return {_name(path) for path in given}


def _name(path: str) -> str:
    """Return the name of a settings file, or of the one that is made of a template: `backend.env` of `erb/backend.env.erb`."""
    return _OF_TEMPLATES.sub("", path.rpartition("/")[2])


def _masked(value: str | None) -> str:
    return re.sub(r":[^:/@]+@", ":…@", value or "")
