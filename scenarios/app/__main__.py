"""Serves the application on this machine: `harness app`, or `harness exec -- python -m scenarios.app`."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from waitress import create_server

from .application import create_app
from .log import log, log_as_json
from .services import open_services
from .settings import MissingSettings, Settings

#: Requests that are worked on at once; each needs one connection to Postgres at most.
THREADS = 8


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; leave with 2 where the environment or the port can't be used."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.app", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="port on 127.0.0.1 (4567)")
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log_as_json(sys.stderr)
    try:
        settings = Settings.of(os.environ)
    except MissingSettings as error:
        return _refuse(str(error), "harness app, or: harness exec -- python -m scenarios.app")
    with open_services(settings, threads=THREADS) as services:
        app = create_app(services, settings.origins)
        try:
            server = create_server(app, host="127.0.0.1", port=port, threads=THREADS, ident=None)
        except OSError as error:
            return _refuse(f"port {port} on 127.0.0.1: {error.strerror}", "give it another one: --port")
        log.info("listening", extra={"url": f"http://127.0.0.1:{port}", "table": settings.table})
        try:
            server.run()
        finally:
            server.close()
    return 0


def _refuse(message: str, hint: str) -> int:
    sys.stderr.write(f"error: {message}\nhint: {hint}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
