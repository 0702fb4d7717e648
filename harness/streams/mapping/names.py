"""ARNs and names that a mapping is made of: the stream, the function, and the mapping's own UUID."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

_STREAM = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/(?P<table>[^/]+)/stream/(?P<label>.+)")
_TABLE = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/(?P<table>[^/]+)")
_FUNCTION = re.compile(
    r"(?:arn:[^:]*:lambda:)?(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-[a-z]+)*-[a-z]+-\d):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_.-]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]+))?"
)
_NAMESPACE = uuid.UUID("5d0c3f0e-6a0b-5f0e-9d6e-2f5f8a1f7c11")


def table_of_stream(arn: str) -> str | None:
    """Return the table that a stream's ARN names; None where it is no stream's."""
    found = _STREAM.fullmatch(arn)
    return found["table"] if found else None


def table_of_table(arn: str) -> str | None:
    """Return the table that a table's own ARN names; None where it is anything else."""
    found = _TABLE.fullmatch(arn)
    return found["table"] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReference:
    """What a mapping's FunctionName says: a name, `name:alias`, an ARN, or `account:function:name`."""

    name: str
    #: Alias or version; None for the function itself.
    qualifier: str | None
    region: str
    account: str

    @staticmethod
    def of(function_name: str, *, region: str, account: str) -> FunctionReference:
        """Read a FunctionName that passed the rules; region and account stand in where it has none."""
        found = _FUNCTION.fullmatch(function_name)
        if found is None:
            raise ValueError(function_name)
        return FunctionReference(
            name=found["name"],
            qualifier=found["qualifier"],
            region=found["region"] or region,
            account=found["account"] or account,
        )

    @property
    def qualified(self) -> str:
        """`name`, or `name:alias`."""
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name

    @property
    def arn(self) -> str:
        """`arn:aws:lambda:<region>:<account>:function:<name>`, with `:<alias>` where one is named."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.qualified}"


def mapping_uuid(function: FunctionReference, stream_arn: str, *, generation: int = 0) -> str:
    """Return the UUID that a mapping gets when nobody names one.

    The same function on the same stream has the same one in every process, so that a restart finds its checkpoints; a
    table made anew has another stream label, and with it another UUID. Region and account don't count: they are what
    the configuration shows, not where the data is. `generation` counts mappings of one pair that were deleted before.
    """
    stream = stream_arn.rpartition(":table/")[2]
    return str(uuid.uuid5(_NAMESPACE, f"{stream}|{function.qualified}|{generation}"))
