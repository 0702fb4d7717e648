"""One isolated pair of databases, and how it is named so that nobody else has the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.endpoint import Endpoints

#: A namespace's database is `harness_<owner>_<number>`.
PREFIX = "harness_"
#: Owner numbers start as process ids, which have up to seven digits on Linux.
OWNERS = 10_000_000
#: Numbers of one owner's namespaces: what is left of an access key id of 12 digits.
NUMBERS = 10_000
_NAME = re.compile(r"harness_([1-9]\d{0,6})_(\d{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A DynamoDB of its own, by access key id, and a Postgres database of its own."""

    #: Also the database's name.
    name: str
    endpoints: Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which namespace it is on its engines: the owner's number there, and the namespace's number with its owner.

    A database tells its place by its name, and a place its access key id: so the list of databases is the record of all
    namespaces, and whoever finds a dead owner's database knows where its tables are.
    """

    owner: int
    number: int

    @property
    def name(self) -> str:
        """The database's name."""
        return f"{PREFIX}{self.owner}_{self.number}"

    @property
    def access_key_id(self) -> str:
        """Twelve digits: an account of MiniStack, and a database of DynamoDB Local without -sharedDb."""
        return f"1{self.owner:07}{self.number:04}"

    @classmethod
    def of(cls, database: str) -> Place | None:
        """Return whose database that is; None where it is no namespace's."""
        match = _NAME.fullmatch(database)
        return cls(owner=int(match[1]), number=int(match[2])) if match else None

    def namespace(self, base: Endpoints) -> Namespace:
        """Return the pair at this place of the engines that `base` is one of."""
        dynamodb = replace(base.dynamodb, access_key_id=self.access_key_id, session_token=None)
        endpoints = replace(base, dynamodb=dynamodb, postgres=replace(base.postgres, database=self.name))
        return Namespace(name=self.name, endpoints=endpoints)
