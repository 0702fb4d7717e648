"""`harness app`: the project's application, on the stack that is up."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from harness import environment
from harness.commands.attaching import running_stack
from harness.commands.exec import become
from harness.config_file import is_port
from harness.endpoint import LOOPBACK
from harness.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "serve the reference application of scenarios/app on 127.0.0.1"
EXAMPLES = """
harness app                       at http://127.0.0.1:4567, until Ctrl-C; its log is JSON lines
harness app --port 5000
harness run --target http://127.0.0.1:4567
"""
WRITES_STATE = False
_PACKAGE = "scenarios/app"


def configure(parser: Parser) -> None:
    """Add the port."""
    parser.add_argument("--port", type=int, default=4567, help="port on 127.0.0.1 (4567)")


def run(config: Config, args: argparse.Namespace) -> int:
    """Become the application, in the environment that `harness env` prints."""
    if not (config.project / _PACKAGE / "__main__.py").is_file():
        raise UsageError(
            f"there is no application in {config.project / _PACKAGE}",
            hint="harness init writes the reference; your own: harness exec -- python app.py",
        )
    if not is_port(args.port):
        raise UsageError(f"--port {args.port} is not a port", hint="a whole number from 1 to 65535")
    stack = running_stack(config)
    found = environment.variables(stack.endpoints, config.table, stack.identity)
    os.chdir(config.project)  # where `-m` looks first
    command = [sys.executable, "-m", _PACKAGE.replace("/", "."), "--port", str(args.port)]
    become(command, past_proxies(environment.merged(os.environ, found)))


def past_proxies(environ: dict[str, str]) -> dict[str, str]:
    """Return an environment in which this machine is asked directly; boto3 and urllib would go through HTTP_PROXY."""
    listed = environ.get("no_proxy") or environ.get("NO_PROXY")
    spared = ",".join(filter(None, (listed, LOOPBACK)))
    return environ | {"no_proxy": spared, "NO_PROXY": spared}
