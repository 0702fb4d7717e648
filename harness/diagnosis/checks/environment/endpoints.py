"""Which DynamoDB scripts speak to, and as whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.project.settings.compose_services import compose_services
from harness.project.settings.variables import variables_given
from harness.project.table.clients import TableClient, table_clients

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.place import Place
    from harness.project.roles import Role

_SCRIPTS: tuple[Role, ...] = ("table-schema", "table-seed", "pattern-messages", "pattern-groups", "table-tool")
_WRITERS_AND_READERS: tuple[Role, ...] = (*_SCRIPTS, "table-library")
_ENDPOINTS = frozenset({"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"})
_REGION = re.compile(r"AWS_(?:DEFAULT_)?REGION|region_name|--region|\.aws/config")
_REGIONS = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION"})
_LITERAL_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_SHARED = re.compile(r"-sharedDb", re.IGNORECASE)


@check(
    "ENV221",
    severity="note",
    example="boto3.client('dynamodb', endpoint_url='http://localhost:8000')   # NoRegionError",
)
def a_region_is_given(facts: Facts) -> Iterator[Problem]:
    """Local scripts are given a region and credentials.

    Set AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the scripts are started: boto3 wants them for
    a local endpoint too, and any value will do.
    """
    clients = _clients(facts, _SCRIPTS)
    if facts.project is None or not clients or any(each.region or each.profile for each in clients):
        return
    environment = facts.machine.environment if facts.machine is not None else {}
    said = any(_REGION.search(source.text) for source in facts.project.sources.values())
    if not said and not {"AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"} & environment.keys():
        yield Problem(
            cause="no file of the project speaks of a region: where the machine has none set up, boto3 ends with NoRegionError, "
            "for a local endpoint too",
            evidence=_evidence(facts, clients[:1]),
            place=clients[0].place,
            advice="Put AWS_DEFAULT_REGION=us-east-1, AWS_ACCESS_KEY_ID=local and AWS_SECRET_ACCESS_KEY=local where the "
            "scripts get their variables from.",
        )


@check(
    "ENV222",
    example="""
    ddb = boto3.resource('dynamodb')      # the other scripts have endpoint_url='http://localhost:8000'
    """,
)
def scripts_have_one_endpoint(facts: Facts) -> Iterator[Problem]:
    """All scripts of the table go to the same DynamoDB.

    Give every script the same `endpoint_url`, or set AWS_ENDPOINT_URL_DYNAMODB for all of them.
    """
    clients = _clients(facts, _SCRIPTS)
    local = [each for each in clients if each.local_port is not None]
    astray = [each for each in clients if not each.has_endpoint and not each.profile]
    if local and astray and not _given(facts):
        yield Problem(
            cause=f"{_places(astray)} makes its client without an endpoint and reaches AWS, while {local[0].place} goes to "
            f"{local[0].endpoint}: what one writes, the other does not see",
            evidence=_evidence(facts, [*astray, local[0]]),
            place=astray[0].place,
            advice=f"Add endpoint_url='{local[0].endpoint}'.",
        )
    ports = {each.local_port for each in local}
    if len(ports) > 1:
        rare = min(ports, key=lambda port: (sum(each.local_port == port for each in local), port or 0))
        odd = [each for each in local if each.local_port == rare]
        other = next(each for each in local if each.local_port != rare)
        yield Problem(
            cause=f"{_places(odd)} goes to {odd[0].endpoint}, and {other.place} to {other.endpoint}: "
            "what one writes, the other does not see",
            evidence=_evidence(facts, [odd[0], other]),
            place=odd[0].place,
            advice=f"Write {other.endpoint} in {_places(odd)}.",
        )


@check(
    "ENV223",
    severity="warning",
    example="""
    command: "-jar DynamoDBLocal.jar"      # no -sharedDb
    boto3.client('dynamodb', region_name='us-east-1')    # the seed
    boto3.client('dynamodb', region_name='ca-central-1') # the application
    """,
)
def writers_and_readers_have_one_region(facts: Facts) -> Iterator[Problem]:
    """Who writes the table and who reads it name the same region, or DynamoDB Local has one database for all.

    Add `-sharedDb` to the command of DynamoDB Local: without it, each region and access key has tables of its own.
    """
    if facts.project is None:
        return
    servers = [
        service
        for source in facts.project.with_role("compose")
        for service in compose_services(source)
        if "dynamodb-local" in service.image
    ]
    named = {
        each.region: each.place for each in reversed(_clients(facts, _WRITERS_AND_READERS)) if each.region is not None
    }
    named = _regions_of_containers(facts) | named
    if servers and len(named) > 1 and not any(_SHARED.search(service.command) for service in servers):
        first = [(named[region], region) for region in sorted(named)]
        yield Problem(
            cause=f"{' and '.join(f'{place} names {region}' for place, region in first)}, and {servers[0].place} runs DynamoDB "
            "Local without -sharedDb, where each region has tables of its own",
            evidence=_lines_at(facts, [place for place, _ in first]),
            place=servers[0].place,
            advice=f'In {servers[0].place}, let the command be "-jar DynamoDBLocal.jar -sharedDb -dbPath ./data".',
        )


@check("ENV224", severity="warning", example="boto3.Session(profile_name='work').client('dynamodb')")
def scripts_name_no_profile(facts: Facts) -> Iterator[Problem]:
    """Local scripts name no profile of AWS.

    Take `profile_name` away: who else runs the script has no such profile, and with it the script may reach a real account.
    """
    named = [each for each in _clients(facts, _SCRIPTS) if each.profile]
    if named:
        yield Problem(
            cause=f"{_places(named)} takes the credentials of the profile {named[0].profile!r}",
            evidence=_evidence(facts, named),
            place=named[0].place,
        )


def _regions_of_containers(facts: Facts) -> dict[str, Place]:
    """Return the regions that compose files give the application, where its client names none itself."""
    clients = _clients(facts, ("table-library",))
    if facts.project is None or not any(each.region is None for each in clients):
        return {}
    return {
        each.value: each.place
        for each in variables_given(facts.project)
        if each.by == "compose" and each.name in _REGIONS and each.value and _LITERAL_REGION.fullmatch(each.value)
    }


def _clients(facts: Facts, roles: Iterable[Role]) -> list[TableClient]:
    sources = facts.project.with_role(*roles) if facts.project is not None else ()
    return [client for source in sources for client in table_clients(source)]


def _given(facts: Facts) -> bool:
    """Whether scripts on this machine are given an endpoint; what only a container is given does not reach them."""
    given = variables_given(facts.project) if facts.project is not None else ()
    environment = facts.machine.environment if facts.machine is not None else {}
    return bool(_ENDPOINTS & environment.keys()) or any(
        each.name in _ENDPOINTS and each.by not in {"compose", "template", "dockerfile"} for each in given
    )


def _places(clients: list[TableClient]) -> str:
    return ", ".join(dict.fromkeys(str(each.place) for each in clients))


def _evidence(facts: Facts, clients: list[TableClient]) -> tuple[Evidence, ...]:
    return _lines_at(facts, [each.place for each in clients])


def _lines_at(facts: Facts, places: list[Place]) -> tuple[Evidence, ...]:
    found = []
    for place in places:
        source = facts.project.find(place.path) if facts.project is not None else None
        if source is not None:
            found.append(Evidence(text=line_at(source, place.line).strip(), place=place))
    return tuple(found)
