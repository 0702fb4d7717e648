"""The verbs by name, in the order in which people meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.commands import (
    app,
    conversations,
    doctor,
    down,
    env,
    exec,  # noqa: A004 - the verb's name
    init,
    logs,
    reset,
    run,
    scan,
    schema,
    seed,
    snapshot,
    status,
    stream,
    template,
    token,
    up,
    users,
)

if TYPE_CHECKING:
    from harness.commands.options import Verb

VERBS: dict[str, Verb] = {
    "init": init,
    "run": run,
    "up": up,
    "down": down,
    "status": status,
    "logs": logs,
    "env": env,
    "exec": exec,
    "app": app,
    "reset": reset,
    "snapshot": snapshot,
    "seed": seed,
    "schema": schema,
    "scan": scan,
    "users": users,
    "token": token,
    "conversations": conversations,
    "stream": stream,
    "template": template,
    "doctor": doctor,
}
