"""A process of a test run: opens a session, and does what it is told on stdin, one word a line.

`python worker.py PROJECT ENGINE RUN [MODULE:FUNCTION]`; it kills itself where that function is called.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from harness.config import load_config
from harness.namespaces.session import open_session
from harness.schema_files import read_schema
from harness.stores.registry import open_stores
from tests.integration.namespaces.conftest import ROOT, small


def say(**what: object) -> None:
    print(json.dumps(what, default=str), flush=True)


def die_at(where: str) -> None:
    module, _, path = where.partition(":")
    owner = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


def main(folder: str, engine: str, run: str) -> None:
    config = replace(load_config(ROOT, {"HARNESS_ENGINE": engine}, {}), project=Path(folder))
    schema, dataset = read_schema(load_config(ROOT, {}, {})), small()
    with open_session(config, run) as session:
        say(home=session.stack.home, why=session.engines.why, url=session.stack.endpoints.dynamodb.url)
        for line in sys.stdin:
            word = line.strip()
            if word == "take":
                pool = session.pool(session.template(schema, dataset))
                namespace = pool.take()
                with open_stores(namespace.endpoints) as stores:
                    same = stores.digests(dataset) == dataset.table_digests()
                    stores.dynamodb.wire.call(
                        "PutItem", {"TableName": dataset.table, "Item": {"pk": {"S": "x"}, "sk": {"S": "x"}}}
                    )
                say(name=namespace.name, same=same, key=namespace.endpoints.dynamodb.access_key_id)
            elif word == "keep":
                session.keep(pool, namespace)
                say(kept=namespace.name)
            elif word == "exit":
                os._exit(3)
            elif word == "end":
                break
    say(ended=True)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        die_at(sys.argv[4])
    main(*sys.argv[1:4])
