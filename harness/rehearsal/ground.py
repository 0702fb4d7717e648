"""Where the rehearsal takes place: a copy of the project, a sandbox around it, scratch databases behind its doors."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import harness
from harness.engines import binaries
from harness.errors import EnvironmentFailure
from harness.project.python.module_paths import own_modules
from harness.rehearsal.hearing import Ear
from harness.rehearsal.scratch import namespaces, prepare_postgres
from harness.rehearsal.surroundings import Login, Surroundings, surroundings
from harness.sandbox.copying import copy_project
from harness.sandbox.model import Doors
from harness.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
    from harness.project.source import Project

_PACKAGE = Path(harness.__file__).parent
GUEST = _PACKAGE / "rehearsal" / "guest"
_ADVICE = "Nothing stands in for {service} in a rehearsal."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that a run needs."""

    project: Project
    #: The copy; it has the same path inside.
    root: Path
    sandbox: Sandbox
    python: Path
    #: None where there is none.
    psql: Path | None
    around: Surroundings
    #: Both as the harness opens them.
    scratch: Endpoints
    #: Of scripts, in seconds.
    timeout: float
    aws_config: Path
    #: When the rehearsal takes place, aware.
    now: datetime

    @property
    def login(self) -> Login:
        """Who opens which database, as far as nothing else is said."""
        return self.around.logins[0]

    @property
    def ear(self) -> Ear:
        """What understands the guests."""
        url = self.scratch.dynamodb.url
        return Ear(root=str(self.root), region=self.around.region, endpoints=frozenset({url}))

    def endpoint(self, login: Login) -> PostgresEndpoint:
        """Return the database as a script of the project opens it."""
        return replace(self.scratch.postgres, user=login.user, password=login.password, database=login.database)

    def shown(self, text: str) -> str:
        """Return what a program printed with the paths that the project's people know."""
        return text.replace(f"{self.root}/", "").replace(str(self.root), ".")

    def environment(self, dynamodb: DynamoDBEndpoint | None = None) -> dict[str, str]:
        """Return the variables of a script; with another namespace of DynamoDB where one is given."""
        behind = dynamodb or self.scratch.dynamodb
        url = self.endpoint(self.login).dsn
        return {
            **self.around.variables,
            **dict.fromkeys(self.around.url_variables | {"CONNECTION_URL", "PROD_CONNECTION_URL"}, url),
            "PGHOST": self.scratch.postgres.host,
            "PGPORT": str(self.scratch.postgres.port),
            "AWS_ACCESS_KEY_ID": behind.access_key_id,
            "AWS_SECRET_ACCESS_KEY": behind.secret_access_key,
            "AWS_DEFAULT_REGION": self.around.region,
            "AWS_REGION": self.around.region,
            "AWS_ENDPOINT_URL": behind.url,
            "AWS_ENDPOINT_URL_DYNAMODB": behind.url,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": behind.url,
            # Newer SDKs would put the account id into the host name.
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            "AWS_CONFIG_FILE": str(self.aws_config),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "PGCONNECT_TIMEOUT": "10",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(GUEST),
            "HARNESS_GUEST": json.dumps(self._of_guest(behind)),
        }

    def _of_guest(self, behind: DynamoDBEndpoint) -> dict[str, object]:
        """Return the settings of guest/watch.py."""
        alone = self.sandbox.isolation.kind == "guard"
        return {
            "root": str(self.root),
            "own": sorted(own_modules(self.project)),
            "writable": [] if alone else ["/tmp"],  # noqa: S108 - of its own
            "refuse": alone,
            "ports": [self.scratch.postgres.port, urlsplit(behind.url).port],
            "postgres": {"host": self.scratch.postgres.host, "port": self.scratch.postgres.port},
            "aws": {
                "confined": True,
                "services": dict.fromkeys(("dynamodb", "dynamodbstreams"), behind.url),
                "region": behind.region,
                "credentials": [behind.access_key_id, behind.secret_access_key, None],
                "hosts": sorted(self.around.names),
                "advice": _ADVICE,
            },
        }


@contextmanager
def prepared(
    project: Project, endpoints: Endpoints, *, place: Path, python: Path | None, timeout: float
) -> Iterator[Ground]:
    """Copy the project, make the databases ready, put up the sandbox, and take it down after the block."""
    root = place.resolve() / "project"
    copy_project(project.root, root)
    around = surroundings(project)
    admin = prepare_postgres(endpoints.postgres, around.logins, project)
    scratch = namespaces(replace(endpoints, postgres=replace(admin, database=around.logins[0].database)))
    aws_config = root.with_name("aws-config")
    aws_config.write_text("".join(f"[profile {name}]\nregion = {around.region}\n" for name in around.profiles))
    interpreter, psql = python or Path(sys.executable), find_psql()
    programs = tuple(program.parent for program in (interpreter, psql) if program is not None)
    with Sandbox(place, _doors(around, scratch), readable=(_PACKAGE,), programs=programs) as sandbox:
        yield Ground(
            project=project,
            root=root,
            sandbox=sandbox,
            python=interpreter,
            psql=psql,
            around=around,
            scratch=scratch,
            timeout=timeout,
            aws_config=aws_config,
            now=datetime.now(UTC),
        )


def find_psql() -> Path | None:
    """Return the psql that comes with the server's programs, else the one on PATH."""
    found = shutil.which("psql")
    with suppress(EnvironmentFailure):
        found = shutil.which("psql", path=str(binaries.find().folder)) or found
    return Path(found) if found else None


def _doors(around: Surroundings, scratch: Endpoints) -> Doors:
    url = urlsplit(scratch.dynamodb.url)
    postgres, dynamodb = (scratch.postgres.host, scratch.postgres.port), (url.hostname or "", url.port or 80)
    ports = dict.fromkeys(around.dynamodb_ports, dynamodb) | dict.fromkeys(around.postgres_ports, postgres)
    # The real ports stand last: the variables of scripts lead there, with doors and without.
    return Doors(ports=ports | {postgres[1]: postgres, dynamodb[1]: dynamodb}, names=around.names)
