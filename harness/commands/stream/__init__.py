"""`harness stream`: the table's stream, and the Lambda functions that it triggers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.commands.options import add_verb, subverbs

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "deliver the table's stream to Lambda functions, and tell why it does not fire"
EXAMPLES = """
harness stream run
harness stream deliver --handler handler.py:handler --records records.json --json
"""
WRITES_STATE = False

#: Each is a module beside this one with SUMMARY, EXAMPLES, configure and run.
_VERBS = ("deliver", "drain", "events", "explain", "invoke", "policy", "replay", "run")
#: A module called `run` would take the place of the function below.
_MODULES = {"run": "following"}


def configure(parser: Parser) -> None:
    """Add the verb's verbs."""
    verbs = subverbs(parser, "VERB", _VERBS)
    for name in _VERBS:
        verb = _module(name)
        verb.configure(add_verb(verbs, name, verb.SUMMARY, verb.EXAMPLES))


def run(config: Config, args: argparse.Namespace) -> int:
    """Run one."""
    code: int = _module(args.subverb).run(config, args)
    return code


def _module(name: str) -> Any:
    return import_module(f"harness.commands.stream.{_MODULES.get(name, name)}")
