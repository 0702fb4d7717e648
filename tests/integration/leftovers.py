"""What a stack could leave behind, looked for from outside."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from harness.engines.cache import NAME
from harness.engines.ports import is_free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.config import Config

ROOT = Path(__file__).parents[2]
#: What `down` keeps on purpose.
KEPT = {".gitignore", "harness.log"}

#: Runs a step of a stack's life in a process of its own, which kills itself at a chosen call of a chosen function.
_DRIVER = """
import importlib, os, signal, sys
from pathlib import Path
from dataclasses import replace
from tests.integration.conftest import config_for
from harness import stack

project, engine, dynamodb, postgres, deadly, count = sys.argv[1:7]
config = config_for(Path(project), engine=engine, ports={"dynamodb": int(dynamodb), "postgres": int(postgres)})
if deadly:
    module, _, path = deadly.partition(":")
    owner = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real, calls = getattr(owner, name), []

    def die(*arguments, **named):
        calls.append(1)
        if len(calls) == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)

    setattr(owner, name, die)
"""
#: Also fills the user pool, with nobody.
FILLED = _DRIVER + "from harness.identity.pool import fill_pool\nfill_pool(stack.up(config)[0], ())\n"
UP = _DRIVER + "found, started = stack.up(config)\nprint(found.engine, started, flush=True)\n"
RUN = _DRIVER + "with stack.ephemeral(config) as found:\n    print(found.home, flush=True)\n    sys.stdin.read()\n"
#: Starts everything, but nothing ever seems to answer.
STUCK = _DRIVER + (
    "from harness.stack import lifecycle\n"
    "def silent(endpoint): raise ConnectionError('silence')\n"
    "lifecycle.probe = silent\n"
    "stack.up(config)\n"
)


def drive(  # noqa: PLR0913
    script: str,
    config: Config,
    *,
    deadly: str = "",
    count: int = 1,
    user: str | None = None,
    environ: dict[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start a script of this module on a project, in a process of its own."""
    arguments = [
        str(config.project),
        config.engine,
        str(config.ports["dynamodb"]),
        str(config.ports["postgres"]),
        deadly,
        str(count),
    ]
    python = sys.executable
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})}
    options: dict[str, object] = {}
    if user is not None:
        python = "/usr/bin/python3"
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))])
        options = {"user": user, "group": _group(user), "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [python, "-c", script, *arguments],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


@dataclass(frozen=True)
class Before:
    """What was there before a test; `nothing_new` compares."""

    segments: frozenset[str]

    @classmethod
    def now(cls) -> Before:
        return cls(segments=_segments())

    def nothing_new(self, config: Config) -> None:
        """Assert that nothing of the project's stacks is left."""
        assert processes_of(config.project) == []
        assert containers_of(config) == []
        assert [port for port in config.ports.values() if not is_free(port)] == []
        folder = config.state_folder
        left = {path.name for path in folder.iterdir()} if folder.exists() else set()
        assert left <= KEPT
        assert _strays(config) == []
        assert _segments() - self.segments == set()


def processes_of(project: Path) -> list[str]:
    """Every process that carries a mark of the project's stacks or names it on its command line."""
    found = []
    for process in psutil.process_iter():
        try:
            marked = process.environ().get("HARNESS_STACK", "").startswith(f"{project.resolve()}{os.sep}")
            named = any(str(project) in word for word in process.cmdline())
            if (marked or named) and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def containers_of(config: Config) -> Sequence[str]:
    """Every container that carries the project's label."""
    from harness.engines import docker_client

    if docker_client.unreachable() is not None:
        return []
    with docker_client.connected() as client:
        label = f"harness.project={config.project.resolve()}"
        found = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        return [container.name or "" for container in found]


def _strays(config: Config) -> list[str]:
    """Data folders that PostgreSQL has outside of the project: root's, and those in memory."""
    project = hashlib.sha256(str(config.state_folder.resolve()).encode()).hexdigest()[:12]
    places = (Path("/var/tmp"), Path("/dev/shm"))
    return [str(path) for place in places for path in place.glob(f"{NAME}-{project}-*")]


def _segments() -> frozenset[str]:
    """Keys of System V shared memory that nobody is attached to."""
    table = Path("/proc/sysvipc/shm")
    if not table.exists():
        return frozenset()
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    return frozenset(row[0] for row in rows if row[6] == "0")
