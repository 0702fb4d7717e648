"""How a function runs: what a deployment's settings say, and what of this machine stands in for AWS."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from harness.endpoint import is_loopback
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LogFormat = Literal["Text", "JSON"]

#: Lambda's limit on names and values of the variables together (developer guide, "Lambda quotas").
VARIABLES_LIMIT = 4096
_TIMEOUTS = range(1, 901)
_MEMORY_SIZES = range(128, 10_241)
#: Variables that Lambda sets and lets nobody else set (developer guide, "Defined runtime environment variables").
RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What requests are signed with. Local engines check no signature, but may keep a database for each key."""

    access_key_id: str = "local"
    secret_access_key: str = field(default="local", repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfiguration:
    """A function and its surroundings. Raises UsageError for what Lambda would refuse."""

    name: str
    #: The folder that stands for /var/task: first on the import path, and the working directory.
    code: Path
    #: `module.function`, or `folder/module.function`, as Lambda takes it.
    handler: str
    #: As the deployment names it, `python3.12`; where it does, it should be the Python that runs here.
    runtime: str | None = None
    #: Seconds, 1 to 900.
    timeout: int = 3
    #: MB, 128 to 10,240.
    memory: int = 128
    variables: Mapping[str, str] = field(default_factory=dict)
    version: str = "$LATEST"
    #: Alias or version that the mapping names; part of the ARN.
    qualifier: str | None = None
    region: str = "us-east-1"
    account: str = "123456789012"
    log_format: LogFormat = "Text"
    #: TRACE, DEBUG, INFO, WARN, ERROR or FATAL; None leaves the root logger at WARNING.
    log_level: str | None = None
    #: URL by service, as botocore names services. DynamoDB's goes for DynamoDB Streams too.
    endpoints: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = Credentials()
    #: Nothing leaves this machine: AWS clients are led to `endpoints`, other connections are refused.
    confined: bool = True
    #: Hosts besides this machine and those of `endpoints` that a confined function may talk to.
    reachable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.runtime is not None and not self.runtime.startswith("python"):
            raise UsageError(
                f"{self.name}: its runtime is {self.runtime}, and only Python handlers can be run here",
                hint="name a handler of a python3.x function",
            )
        _check_range(self.name, "timeout", self.timeout, _TIMEOUTS)
        _check_range(self.name, "memory", self.memory, _MEMORY_SIZES)
        _check_variables(self.name, self.variables)

    @property
    def arn(self) -> str:
        """`arn:aws:lambda:<region>:<account>:function:<name>`, with the qualifier where there is one."""
        arn = f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"
        return f"{arn}:{self.qualifier}" if self.qualifier else arn

    @property
    def warning(self) -> str | None:
        """What may be different where it is deployed: another Python."""
        here = f"python{sys.version_info.major}.{sys.version_info.minor}"
        if self.runtime in (None, here):
            return None
        return f"{self.name} is deployed on {self.runtime} and runs here on {here}, the harness's own"

    @property
    def services(self) -> dict[str, str]:
        """URL by service: `endpoints`, with DynamoDB Streams where DynamoDB is."""
        urls = dict(self.endpoints)
        if "dynamodb" in urls:
            urls.setdefault("dynamodbstreams", urls["dynamodb"])
        return urls

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts elsewhere that a confined function may talk to."""
        named = {urlsplit(url).hostname or "" for url in self.endpoints.values()} | set(self.reachable)
        return tuple(sorted(host for host in named if host and not is_loopback(host)))


def _check_range(name: str, what: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise UsageError(
            f"{name}: {what} {value} is not between {allowed[0]} and {allowed[-1]}",
            hint=f"set {what} of {name} to what Lambda allows",
        )


def _check_variables(name: str, variables: Mapping[str, str]) -> None:
    if reserved := sorted(RESERVED & variables.keys()):
        raise UsageError(
            f"{name}: Lambda sets {', '.join(reserved)} itself and refuses functions that set it",
            hint="take it out of the function's environment variables",
        )
    size = sum(len(key.encode()) + len(value.encode()) for key, value in variables.items())
    if size > VARIABLES_LIMIT:
        raise UsageError(
            f"{name}: its environment variables take {size} bytes, and Lambda allows {VARIABLES_LIMIT}",
            hint="keep large values in a file beside the handler",
        )
