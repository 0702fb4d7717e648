"""A word of warning, as every part of the trigger gives it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something that works as AWS does and that nobody expects."""

    #: Stable, such as `poison-blocks-shard`; docs/streams.md lists them.
    code: str
    text: str
    sequence_numbers: tuple[str, ...] = ()
