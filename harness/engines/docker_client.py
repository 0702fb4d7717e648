"""The way to a Docker engine: where it is, whether it answers, its images, and its errors in our words."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from harness.dataset import Progress

#: Seconds to wait for one answer. Pulling has its own pace, but sends something all the time.
_PATIENCE = 60
_PING_PATIENCE = 5
_DEFAULT = "unix:///var/run/docker.sock"


def address() -> str:
    """Return where the `docker` command would look: DOCKER_HOST, else its current context, else the usual socket."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        context = os.environ.get("DOCKER_CONTEXT") or json.loads((folder / "config.json").read_text())["currentContext"]
        meta = folder / "contexts" / "meta" / hashlib.sha256(context.encode()).hexdigest() / "meta.json"
        return str(json.loads(meta.read_text())["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _DEFAULT


def unreachable() -> str | None:
    """None when a Docker engine of this machine answers, else the reason; no driver is imported to find no socket."""
    where = address()
    parts = urlsplit(where)
    if parts.scheme == "unix" and (refusal := _socket_refusal(parts.path)):
        return refusal
    if parts.scheme in {"tcp", "ssh", "http", "https"} and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        return f"the Docker engine at {where} is another machine: what it publishes on its 127.0.0.1 can't be reached from here"
    try:
        with connected(patience=_PING_PATIENCE) as client:
            client.ping()
    except EnvironmentFailure as exc:
        return exc.message
    return None


def _socket_refusal(path: str) -> str | None:
    """None when somebody listens at a socket that we may use, else why not."""
    with socket.socket(socket.AF_UNIX) as found:
        found.settimeout(_PING_PATIENCE)
        try:
            found.connect(path)
        except FileNotFoundError:
            return f"no Docker engine: there is no socket at {path}"
        except PermissionError:
            return f"no permission on Docker's socket {path} (its group is the one to be in)"
        except OSError as exc:
            return f"no Docker engine answers at {path}: {exc.strerror or exc}"
    return None


@contextmanager
def connected(*, patience: int = _PATIENCE) -> Iterator[DockerClient]:
    """Talk to the Docker engine; its errors become EnvironmentFailure."""
    import docker  # noqa: PLC0415 - 0.3 s
    from docker.errors import DockerException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    where = address()
    try:
        environment = {**os.environ, "DOCKER_HOST": where}
        client = docker.from_env(timeout=patience, environment=environment)
        try:
            yield client
        finally:
            client.close()
    except (DockerException, RequestException) as exc:
        raise EnvironmentFailure(
            f"the Docker engine at {where}: {_reason(exc)}",
            hint="see `docker info`; or use --engine embedded",
        ) from exc


def missing_image(image: str, progress: Progress) -> str | None:
    """None when the image is here, pulled if need be; else why not and how to get it."""
    from docker.errors import ImageNotFound  # noqa: PLC0415 - as above

    with connected() as client:
        try:
            client.images.get(image)
        except ImageNotFound:
            pass
        else:
            return None
    try:
        _pull(image, progress)
    except EnvironmentFailure as exc:
        return f"the image {image} is not here and can't be pulled ({exc.message}); get it with `docker pull {image}`"
    return None


def _pull(image: str, progress: Progress) -> None:
    repository, colon, tag = image.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = image, "latest"
    layers: dict[str, tuple[int, int]] = {}
    with connected() as client:
        for event in client.api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in event:
                raise EnvironmentFailure(str(event["error"]), hint=f"docker pull {image}")
            detail = event.get("progressDetail") or {}
            if event.get("status") == "Downloading" and detail.get("total"):
                layers[event["id"]] = (detail["current"], detail["total"])
                done, total = (sum(part) for part in zip(*layers.values(), strict=True))
                progress(f"pulling {image}", done, total)


def _reason(exc: Exception) -> str:
    """Return the engine's own words where it had any, else the innermost cause."""
    explanation = getattr(exc, "explanation", None)
    if explanation:
        return str(explanation).strip()
    cause: BaseException = exc
    while inner := cause.__cause__ or cause.__context__:
        cause = inner
    return str(cause) or type(cause).__name__
