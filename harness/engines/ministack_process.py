"""MiniStack (PyPI, MIT licence) as a process of ours."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.endpoint import LOOPBACK, DynamoDBEndpoint
from harness.engines import processes

if TYPE_CHECKING:
    from harness.service import Service

#: What the stack offers; sts because the SDKs ask it who they are; and what `harness template` writes is made of, so that its
#: deployment can be rehearsed. Each is imported when it is first called.
_SERVICES = "dynamodb,dynamodbstreams,cognito-idp,sqs,sns,s3,sts,cloudformation,iam,lambda,logs"
_PROGRAM = Path(__file__).with_name("ministack_server.py")


def check() -> str | None:
    """None when the wheel is installed, else the reason."""
    if importlib.util.find_spec("ministack") is None:
        return f"the package ministack is not installed for {sys.executable} (pip install ministack)"
    return None


def start(service: Service, *, home: Path, region: str) -> DynamoDBEndpoint:
    """Start it as DynamoDB, and all that the stack offers beside."""
    spawn(service.name, service.port, services=_SERVICES, home=home, region=region)
    return DynamoDBEndpoint(url=f"http://{LOOPBACK}:{service.port}", region=region)


def state_folder(home: Path) -> Path:
    """Where it keeps what outlives its memory, such as the keys that it signs tokens with."""
    return home / "ministack" / "state"


def spawn(name: str, port: int, *, services: str, home: Path, region: str) -> None:
    """Start MiniStack on 127.0.0.1; everything it writes stays in `home`."""
    scratch = home / "ministack"
    scratch.mkdir(exist_ok=True)
    processes.spawn(
        name,
        # -P: nothing in the folder it stands in can take the place of a module.
        [sys.executable, "-P", str(_PROGRAM)],
        home=home,
        cwd=scratch,
        extra={
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_REGION": region,
            "SERVICES": services,
            # It would remove containers that another MiniStack left on this machine's Docker.
            "DOCKER_HOST": "unix:///nonexistent",
            "TMPDIR": str(scratch),
            "STATE_DIR": str(state_folder(home)),
            "S3_DATA_DIR": str(scratch / "s3"),
            "PYTHONUNBUFFERED": "1",
        },
    )
