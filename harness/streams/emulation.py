"""Where the emulation may be turned: what AWS leaves open, what would only cost time, and what should be provoked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulation:
    """Choices that AWS's parameters don't make. docs/streams.md tells what each is for."""

    #: Stand in the ARNs that handlers see, where the engine has placeholders.
    region: str = "us-east-1"
    account: str = "123456789012"
    #: Seconds between two looks at a shard that had nothing. AWS: 0.25.
    poll_interval: float = 0.02
    #: Times the back-off between two attempts. AWS: 1.
    time_scale: float = 0.0
    #: Attempts with one batch before it counts as stuck, where the mapping sets no limit. AWS: until it expires.
    retry_cap: int = 20
    #: What to do then: `stop` and say so, or go on `retry`-ing as AWS does.
    on_stuck: str = "stop"
    #: A shard of the engine is read as so many, by the hash of the partition key. AWS: as many as the table has.
    virtual_shards: int = 1
    #: Mix the records of neighbouring writes, keeping the order of each item, as AWS may do with transactions.
    scatter_transactions: bool = False
    #: How many of a thousand records are delivered a second time.
    duplicate_rate: int = 0
    #: Seconds after its creation in which a mapping that starts at LATEST sees nothing, as on AWS.
    slow_start: float = 0.0
    #: Cut what is read at 1 MB, as AWS does and emulators don't.
    strict_paging_1mb: bool = False
    #: Write numbers inside lists and maps as AWS does, also where the engine keeps the sender's spelling.
    canonical_numbers: bool = True
    #: How many generations of records that a function's own writes make are delivered before it counts as a loop.
    generation_limit: int = 16
    #: Seed of every random choice above.
    seed: int = 0
