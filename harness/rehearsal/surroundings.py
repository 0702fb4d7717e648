"""What the project expects around it: variables, hosts, ports, databases and their users, as its files tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.source import Project, Source

POSTGRES_PORT, DYNAMODB_PORT = 5432, 8000
#: What the family calls things where its files don't tell.
TABLE = "cruddur-messages"

_URL = re.compile(
    r"\bpostgres(?:ql)?(?:\+\w+)?://"
    r"(?:(?P<user>[^\s:/@'\"`{}$<>]+)(?::(?P<password>[^\s/@'\"`{}$<>]*))?@)?"
    r"(?P<host>[\w.-]+)(?::(?P<port>\d+))?(?:/(?P<database>[\w-]+))?"
)
_KEYWORD_HOST = re.compile(r"\b(?:PGHOST|host)\s*=\s*[\"']?([A-Za-z][\w.-]+)")
_PSQL_HOST = re.compile(r"\bpsql\b[^\n]*\s(?:-h\s*|--host[= ])[\"']?([A-Za-z][\w.-]+)")
_PSQL_PORT = re.compile(r"\bpsql\b[^\n]*\s(?:-p\s*|--port[= ])[\"']?(\d+)")
_READ = re.compile(
    r"\b(?:environ\.get|environ|getenv)\s*[(\[]\s*[\"'](?P<name>\w+)[\"']\s*(?:,\s*[\"'](?P<default>[^\"']*)[\"'])?"
)
_SHELL_READ = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)")
_DSN_NAME = re.compile(r"(?:CONNECTION|DATABASE|POSTGRES|PG|DB)\w*(?:URL|URI|DSN|STRING)$")
_TABLE = re.compile(r"\btable_?name[\"']?\s*[=:]\s*[\"']([\w.-]{3,255})[\"']", re.IGNORECASE)
_TABLE_NAME = re.compile(r"TABLE(?:_?NAME)?$")
_PROFILE = re.compile(r"profile_name\s*=\s*[\"']([\w.@-]+)[\"']|--profile[= ]+[\"']?([\w.@-]+)")
_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$", re.MULTILINE)
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

    #: Most trusted first: what local scripts use.
    logins: tuple[Login, ...]
    #: Hosts that stand for databases: `db`, `dynamodb-local`, one of RDS.
    names: frozenset[str]
    #: Ports that Postgres is looked for at.
    postgres_ports: frozenset[int]
    #: Variables with their values, none of them of AWS, none a URL of Postgres.
    variables: Mapping[str, str]
    #: Variables that hold a URL of Postgres.
    url_variables: frozenset[str]
    #: A region that nothing in the project names.
    region: str
    #: Profiles of AWS's configuration that are asked for.
    profiles: tuple[str, ...]


def surroundings(project: Project) -> Surroundings:
    """Read the project's files."""
    sources = [source for _, source in sorted(project.sources.items())]
    told = dict(_told(sources))
    urls = [*filter(None, map(_URL.search, told.values())), *(each for s in sources for each in _URL.finditer(s.text))]
    text = "\n".join(source.text for source in sources if source.language != "text")
    read = {each["name"]: each["default"] for each in _READ.finditer(text)} | dict.fromkeys(_SHELL_READ.findall(text))
    named = {name for name, value in told.items() if _URL.search(value)}
    plain = {name: value for name, value in told.items() if name not in named and not name.startswith("AWS_")}
    tables = {name: default or _table(project) for name, default in read.items() if _TABLE_NAME.search(name)}
    return Surroundings(
        logins=tuple(dict.fromkeys([*sorted(map(_login, urls), key=_strangeness), DEFAULT_LOGIN])),
        names=_names(sources, urls, text),
        postgres_ports=frozenset(
            {int(url["port"]) for url in urls if url["port"]} | {*map(int, _PSQL_PORT.findall(text))}
        ),
        variables=tables | plain,
        url_variables=frozenset(named | {name for name in read if _DSN_NAME.search(name)}),
        region=next((region for region in _REGIONS if region not in text), _REGIONS[-1]),
        profiles=tuple(sorted({one or other for one, other in _PROFILE.findall(text)})),
    )


def _told(sources: list[Source]) -> Iterator[tuple[str, str]]:
    """Yield variables of compose and environment files, the latter's last, as they are for this machine's scripts."""
    for source in sources:
        if source.language == "yaml" and "compose" in source.roles:
            yield from _of_compose(source.text)
    for source in sources:
        if source.language == "dotenv":
            found = ((name, _unquoted(value)) for name, value in _ASSIGNMENT.findall(source.text))
            yield from (pair for pair in found if _is_literal(pair[1]))


def _of_compose(text: str) -> Iterator[tuple[str, str]]:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    services = _mapping(_mapping(document).get("services"))
    for service in services.values():
        environment = _mapping(service).get("environment")
        if isinstance(environment, list):
            environment = dict(str(each).split("=", 1) for each in environment if "=" in str(each))
        for name, value in _mapping(environment).items():
            if value is not None and _is_literal(str(value)):
                yield str(name), str(value)


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _is_literal(value: str) -> bool:
    return bool(value) and "$" not in value and "<%" not in value


def _unquoted(value: str) -> str:
    if value[:1] in {"'", '"'} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return value.split(" #", 1)[0].strip()


def logins_in(text: str) -> list[Login]:
    """Return the logins of the URLs in a text."""
    return [_login(url) for url in _URL.finditer(text)]


def _table(project: Project) -> str:
    """Return the table that the project makes, as far as it is written out."""
    found = [name for source in project.with_role("table-schema") for name in _TABLE.findall(source.text)]
    return found[0] if found else TABLE


def _login(url: re.Match[str]) -> Login:
    return Login(
        user=unquote(url["user"] or DEFAULT_LOGIN.user),
        password=unquote(url["password"] or DEFAULT_LOGIN.password),
        database=url["database"] or DEFAULT_LOGIN.database,
    )


def _strangeness(login: Login) -> int:
    """Prefer the login that most look like the local one: a URL of production is often only an example."""
    return sum(
        (login.user != DEFAULT_LOGIN.user, login.database != DEFAULT_LOGIN.database, login.database == "postgres")
    )


def _names(sources: list[Source], urls: list[re.Match[str]], text: str) -> frozenset[str]:
    services = {
        str(name)
        for source in sources
        if "compose" in source.roles
        for name in _services(source.text)
    }  # fmt: skip
    hosts = {url["host"] for url in urls} | {*_KEYWORD_HOST.findall(text)} | {*_PSQL_HOST.findall(text)}
    named = {host.lower() for host in hosts | services if re.fullmatch(r"(?=.*[A-Za-z])[\w.-]{1,253}", host)}
    return frozenset(named - {"localhost", "self", "os", "none"})


def _services(text: str) -> dict[Any, Any]:
    try:
        return _mapping(_mapping(yaml.safe_load(text)).get("services"))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
