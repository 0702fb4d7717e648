"""What is looked at where a trigger does not fire, and the form of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.streams.caution import Caution

#: The images that a stream's records carry, by StreamViewType (API_StreamSpecification of the DynamoDB API reference).
IMAGES = {
    "KEYS_ONLY": frozenset[str](),
    "NEW_IMAGE": frozenset({"NewImage"}),
    "OLD_IMAGE": frozenset({"OldImage"}),
    "NEW_AND_OLD_IMAGES": frozenset({"NewImage", "OldImage"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong where something was tried."""

    #: Type of the error as Lambda reports it; "" where it did not come to a call.
    kind: str
    text: str
    #: What to type next, where that is known.
    hint: str = ""
    #: Whether the handler's file failed while it was imported, with an error of its own.
    at_import: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the stream holds, and how far the mapping has come in it. Counts are of records."""

    records: int = 0
    #: When the newest was made, as ISO 8601 text; "" where there is none.
    newest: str = ""
    #: Of all: those that the filters let through.
    passing: int = 0
    #: Those behind the mapping's position; None where another process has the mapping.
    ahead: int | None = 0
    #: Of those: how many the filters let through.
    waiting: int = 0
    #: The newest record that the filters drop, as JSON; None where they drop none.
    dropped: str | None = None
    #: Whether the mapping has a position already, so that its StartingPosition no longer counts.
    begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found. What could not be looked at for what is missing before it keeps its default."""

    table: str
    #: Name under [handlers]; None where the project has none.
    handler: str | None
    table_exists: bool = True
    stream_enabled: bool = True
    #: The table's latest stream, as handlers are shown it; "" where it never had one.
    stream_arn: str = ""
    view_type: str | None = None
    #: Why there is no mapping: AWS's refusal, or a file that can't be read.
    refused: Failure | None = None
    #: EventSourceArn as the mapping's file has it; None where it has none.
    named_arn: str | None = None
    #: Name of the table that the mapping's template means; None where it is no template, or does not tell.
    named_table: str | None = None
    enabled: bool = True
    starting_position: str = "TRIM_HORIZON"
    cautions: tuple[Caution, ...] = ()
    #: Which images the handler's text names.
    images: frozenset[str] = frozenset()
    #: `path/to/file.py:function`.
    code: str = ""
    #: What one call with no records came to, or the attempt to make the function.
    failure: Failure | None = None
    #: What another process that has the mapping is told by; None where there is none.
    attached: str | None = None
    #: None where there is no stream to read.
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One answer to the question, with what it rests on."""

    #: Stable, such as `stream-off`; docs/streams.md lists them.
    code: str
    title: str
    evidence: str
    #: What to change, or to type next.
    advice: str
    #: Whether the trigger does not fire for it; else it is worth knowing.
    stops: bool = True
