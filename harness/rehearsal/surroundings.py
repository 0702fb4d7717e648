"""What the project expects around it: variables, hosts, ports, databases and their users, as its files tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from harness.project.settings.hosts import hosts
from harness.project.settings.variables import variables_given, variables_read
from harness.project.table.declarations import declared_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.settings.variables import By
    from harness.project.source import Project

#: What the family calls its table where its files don't tell.
TABLE = "cruddur-messages"

_URL = re.compile(
    r"\bpostgres(?:ql)?(?:\+\w+)?://"
    r"(?:(?P<user>[^\s:/@'\"`{}$<>]+)(?::(?P<password>[^\s/@'\"`{}$<>]*))?@)?"
    r"(?P<host>[\w.\[\]-]+)(?::\d+)?(?:/(?P<database>[\w-]+))?"
)
_DSN_NAME = re.compile(r"(?:CONNECTION|DATABASE|POSTGRES|PG|DB)\w*(?:URL|URI|DSN|STRING)$")
_TABLE_NAME = re.compile(r"TABLE(?:_?NAME)?$")
_PROFILE = re.compile(r"profile_name\s*=\s*[\"']([\w.@-]+)[\"']|--profile[= ]+[\"']?([\w.@-]+)")
#: Whose word counts more for a script on this machine: later ones.
_TRUST: tuple[By, ...] = ("dockerfile", "compose", "template", "devcontainer", "gitpod", "shell", "dotenv")
#: Variables that are ours to give, or that change how programs start.
_NOT_THEIRS = re.compile(
    r"PATH|HOME|TMPDIR|SHELL|IFS|BASH_\w+|LD_\w+|PYTHON\w*|HARNESS_\w+|PG(?:HOST|HOSTADDR|PORT|SERVICE\w*|PASSFILE|SSL\w+)"
    r"|AWS_(?:PROFILE|DEFAULT_PROFILE|SESSION_TOKEN|CA_BUNDLE|ROLE_\w+|WEB_\w+)"
)
#: Regions to choose one from that the project does not name, so that one that a script asks for shows.
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2", "sa-east-1", "af-south-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A database and who opens it."""

    user: str
    password: str
    database: str


DEFAULT_LOGIN = Login(user="postgres", password="password", database="cruddur")  # noqa: S106 - as the family has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything that is told."""

    #: The one that local scripts use first.
    logins: tuple[Login, ...]
    #: Hosts that stand for databases: `db`, `dynamodb-local`, one of RDS.
    names: frozenset[str]
    #: Ports that each is looked for at.
    postgres_ports: frozenset[int]
    dynamodb_ports: frozenset[int]
    #: Variables with their values, none of them a URL of Postgres.
    variables: Mapping[str, str]
    #: Variables that hold a URL of Postgres.
    url_variables: frozenset[str]
    #: A region that nothing in the project names.
    region: str
    #: Profiles of AWS's configuration that are asked for.
    profiles: tuple[str, ...]


def surroundings(project: Project) -> Surroundings:
    """Read the project's files."""
    given = dict(_given(project))
    defaults = dict(_tables_read(project))
    urls = {name for name, value in given.items() if _URL.search(value)}
    named = [host for host in hosts(project) if host.kind in {"postgres", "dynamodb", "service"}]
    text = "\n".join(source.text for source in project.sources.values())
    return Surroundings(
        logins=tuple(dict.fromkeys([*_logins(text, remote=False), DEFAULT_LOGIN, *_logins(text, remote=True)])),
        names=frozenset(name for host in named if re.search(r"[a-z]", name := host.name.lower())) - {"localhost"},
        postgres_ports=frozenset({5432} | {host.port for host in named if host.kind == "postgres" and host.port}),
        dynamodb_ports=frozenset({8000} | {host.port for host in named if host.kind == "dynamodb" and host.port}),
        variables=defaults | {name: value for name, value in given.items() if name not in urls},
        url_variables=frozenset(urls | {read.name for read in variables_read(project) if _DSN_NAME.search(read.name)}),
        region=next((region for region in _REGIONS if region not in text), _REGIONS[-1]),
        profiles=tuple(sorted({one or other for one, other in _PROFILE.findall(text)})),
    )


def logins_in(text: str) -> list[Login]:
    """Return the logins of the URLs in a text."""
    return [_login(url) for url in _URL.finditer(text)]


def _logins(text: str, *, remote: bool) -> list[Login]:
    """Return those of local servers, or of others; those first that look most like the family's."""
    urls = [url for url in _URL.finditer(text) if url["host"].lower().endswith(".amazonaws.com") is remote]
    return sorted(map(_login, urls), key=_strangeness)


def _login(url: re.Match[str]) -> Login:
    return Login(
        user=unquote(url["user"] or DEFAULT_LOGIN.user),
        password=unquote(url["password"] or DEFAULT_LOGIN.password),
        database=url["database"] or DEFAULT_LOGIN.database,
    )


def _strangeness(login: Login) -> int:
    return sum(
        (login.user != DEFAULT_LOGIN.user, login.database != DEFAULT_LOGIN.database, login.database == "postgres")
    )


def _given(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the variables that are written out, most trusted last."""
    for each in sorted(variables_given(project), key=lambda each: _TRUST.index(each.by)):
        if each.value and "$" not in each.value and "<%" not in each.value and not _NOT_THEIRS.fullmatch(each.name):
            yield each.name, each.value


def _tables_read(project: Project) -> Iterator[tuple[str, str]]:
    """Yield a value for each variable that is to name a table: the default of the code, else the table that it makes."""
    made = [table.name for table in declared_tables(project)]
    reads = [read for read in variables_read(project) if _TABLE_NAME.search(read.name)]
    for read in sorted(reads, key=lambda read: read.default is not None):
        yield read.name, read.default or (made[0] if made else TABLE)
