"""What the verbs' command lines have in common."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from harness.config import ENGINES
from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.config import Config
    from harness.seeding.plan import PlanOverrides

    Subparsers = argparse._SubParsersAction["Parser"]  # noqa: SLF001 - its type has no other name


class Verb(Protocol):
    """A module of this package that is a verb."""

    #: One line for `harness --help`.
    SUMMARY: str
    #: Command lines with what they do, for `harness VERB --help`.
    EXAMPLES: str
    #: Whether it needs `.harness/`, and is refused at once where that can't be written.
    WRITES_STATE: bool

    def configure(self, parser: Parser) -> None:
        """Add the verb's own arguments."""

    def run(self, config: Config, args: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


class Parser(argparse.ArgumentParser):
    """Complains through UsageError, with the nearest word that it knows."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, add_help=False, **settings)
        self.flags: set[str] = set()
        self.add_argument("-h", "--help", action="help", help="show this help and exit")

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add an argument and remember its flags."""
        self.flags.update(name for name in names if name.startswith("--"))
        return super().add_argument(*names, **settings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what nobody knows in the parser that knows best."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            flag = unknown[0].partition("=")[0]
            raise UsageError(
                f"{self.prog}: unknown argument `{unknown[0]}`",
                hint=did_you_mean(flag, self.flags, otherwise=f"see: {self.prog} --help"),
            )
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing usage and leaving."""
        choice = re.match(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
        if choice:
            known = [name.strip(" '") for name in choice[3].split(",")]
            hint = did_you_mean(choice[2], known, otherwise=f"known: {', '.join(known)}")
            raise UsageError(f"{self.prog}: unknown {choice[1].lower()} `{choice[2]}`", hint=hint)
        raise UsageError(f"{self.prog}: {message}", hint=f"see: {self.prog} --help")


def add_verb(verbs: Subparsers, name: str, summary: str, examples: str) -> Parser:
    """Add a verb, or a verb's verb, with the common flags and its examples."""
    lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
    parser = verbs.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", epilog=f"examples:\n{lines}"
    )
    add_common(parser)
    return parser


def add_common(parser: Parser) -> None:
    """Add the flags that every verb takes, before or after its name."""
    # Without SUPPRESS the verb's parser would overwrite, with its defaults, what stood before the verb.
    group = parser.add_argument_group("common options")

    def flag(*names: str, **settings: Any) -> None:
        parser.flags.update(name for name in names if name.startswith("--"))
        group.add_argument(*names, default=argparse.SUPPRESS, **settings)

    flag("-v", "--verbose", action="count", help="say more; -vv: also what boto3 and docker say")
    flag("-q", "--quiet", action="store_true", help="say nothing but results and errors")
    flag("--project", metavar="DIR", type=Path, help="the project's folder (default: this one, or one above it)")
    flag("--engine", choices=ENGINES, help="how the databases run (HARNESS_ENGINE)")
    flag("--dynamodb-url", metavar="URL", help="engine external: where DynamoDB answers (HARNESS_DYNAMODB_URL)")
    flag("--postgres-dsn", metavar="DSN", help="engine external: where Postgres answers (HARNESS_POSTGRES_DSN)")
    flag("--dynamodb-port", metavar="PORT", type=int, help="port of DynamoDB (HARNESS_DYNAMODB_PORT; 8000)")
    flag("--postgres-port", metavar="PORT", type=int, help="port of Postgres (HARNESS_POSTGRES_PORT; 5432)")
    flag("--allow-remote", action="store_true", help="external: also addresses that aren't this machine, to read")
    flag("--allow-remote-writes", action="store_true", help="external: also write there; never reset, recreate, down")


def add_json(parser: Parser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_pool(parser: Parser) -> None:
    """Add the flags that name a user pool other than the stack's own."""
    parser.add_argument(
        "--pool-id", metavar="ID", help="another user pool than the stack's, such as us-east-1_AbCdEf123"
    )
    parser.add_argument("--pool-url", metavar="URL", help="where that pool's cognito-idp answers (AWS)")


def add_plan(parser: Parser) -> None:
    """Add the flags that change the seed plan."""
    group = parser.add_argument_group("what to seed (default: as the plan says)")

    def flag(name: str, **settings: Any) -> None:
        parser.flags.add(name)
        group.add_argument(name, **settings)

    flag("--users", type=int, metavar="N", help="how many people")
    flag("--groups", type=int, metavar="N", help="how many message groups")
    flag("--messages", type=int, metavar="N", help="how many messages in all")
    flag("--seed", type=int, metavar="N", help="another seed number, another dataset")
    flag("--as-of", metavar="INSTANT", help="the dataset's instant: `now`, or such as 2026-03-02T12:00:00Z")


def verbosity(args: argparse.Namespace) -> int:
    """-1 quiet, 0 normal, 1 and 2 verbose."""
    return -1 if getattr(args, "quiet", False) else min(getattr(args, "verbose", None) or 0, 2)


def flag_values(args: argparse.Namespace) -> dict[str, Any]:
    """Return the common flags that were given, for load_config."""
    names = ("engine", "dynamodb_url", "postgres_dsn", "dynamodb_port", "postgres_port")
    switches = ("allow_remote", "allow_remote_writes")
    return {name: getattr(args, name) for name in (*names, *switches) if hasattr(args, name)}


def subverbs(parser: Parser, metavar: str, names: Sequence[str]) -> Subparsers:
    """Let a verb have verbs of its own."""
    return parser.add_subparsers(dest="subverb", metavar=metavar, required=True, title=f"one of {', '.join(names)}")


def overrides(args: argparse.Namespace) -> PlanOverrides:
    """Return what add_plan's flags change."""
    from harness.seeding.plan import PlanOverrides

    return PlanOverrides(users=args.users, groups=args.groups, messages=args.messages, seed=args.seed, as_of=args.as_of)
