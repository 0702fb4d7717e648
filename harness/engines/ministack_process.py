"""MiniStack (PyPI, MIT licence) as a process of ours."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from harness.endpoint import LOOPBACK, DynamoDBEndpoint
from harness.engines import processes

if TYPE_CHECKING:
    from pathlib import Path

    from harness.service import Service

#: What the stack offers, and sts because the SDKs ask it who they are.
_SERVICES = "dynamodb,dynamodbstreams,sqs,sns,s3,sts"


def check() -> str | None:
    """None when the wheel is installed, else the reason."""
    if importlib.util.find_spec("ministack") is None:
        return f"the package ministack is not installed for {sys.executable} (pip install ministack)"
    return None


def start(service: Service, *, home: Path, region: str) -> DynamoDBEndpoint:
    """Start MiniStack on 127.0.0.1; everything it writes stays in `home`."""
    scratch = home / "ministack"
    scratch.mkdir(exist_ok=True)
    processes.spawn(
        service.name,
        # -P: nothing in the folder it stands in can take the place of a module.
        [sys.executable, "-P", "-m", "ministack"],
        home=home,
        cwd=scratch,
        extra={
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(service.port),
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_REGION": region,
            "SERVICES": _SERVICES,
            # It would remove containers that another MiniStack left on this machine's Docker.
            "DOCKER_HOST": "unix:///nonexistent",
            "TMPDIR": str(scratch),
            "STATE_DIR": str(scratch / "state"),
            "S3_DATA_DIR": str(scratch / "s3"),
            "PYTHONUNBUFFERED": "1",
        },
    )
    return DynamoDBEndpoint(url=f"http://{LOOPBACK}:{service.port}", region=region)
