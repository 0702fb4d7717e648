"""What can go wrong, in words that say how to put it right; and the exit codes."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What `harness` tells the shell."""

    OK = 0
    #: A scenario failed, or a comparison found a difference.
    FAILED = 1
    #: The command line, a configuration file, a plan or a schema can't be used as it is.
    USAGE = 2
    #: An engine, a service, a port, a permission or the network is not as needed.
    ENVIRONMENT = 3
    #: Our own mistake.
    INTERNAL = 70
    INTERRUPTED = 130


class HarnessError(Exception):
    """Something went wrong that the reader can put right.

    `message` says what failed, with the value and what was looked at; `hint` is the next command to type.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(HarnessError):
    """What the user wrote (flags, configuration, plan, schema, scenario) can't be used."""

    exit_code = ExitCode.USAGE


class EnvironmentFailure(HarnessError):
    """What we stand on (engine, service, port, disk, permission) is not as needed."""

    exit_code = ExitCode.ENVIRONMENT
