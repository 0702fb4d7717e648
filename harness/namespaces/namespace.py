"""One isolated pair of databases, and how it is named so that nobody else has the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.endpoint import Endpoints

#: A namespace's database is `harness_<owner>_<number>_<token>`.
PREFIX = "harness_"
#: An access key id has 12 digits: a 1, seven for the owner, four for the owner's number.
OWNERS = 10_000_000
NUMBERS = 10_000
_NAME = re.compile(r"harness_([1-9]\d{0,6})_(\d{1,4})_([0-9a-f]{8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A DynamoDB of its own, by access key id, and a Postgres database of its own."""

    #: Also the database's name.
    name: str
    endpoints: Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which namespace it is on its engines: the owner's number there, the namespace's with its owner, and a token.

    A database tells its place by its name, and a place its access key id: so the list of databases is the record of all
    namespaces, and whoever finds a dead owner's database knows where its tables are.
    """

    owner: int
    number: int
    #: Eight hex digits that come never again: what still knows the database of an earlier test can't reach a later one's.
    token: str

    @property
    def name(self) -> str:
        """The database's name."""
        return f"{PREFIX}{self.owner}_{self.number}_{self.token}"

    @property
    def access_key_id(self) -> str:
        """Twelve digits: an account of MiniStack, and a database of DynamoDB Local without -sharedDb."""
        return access_key_id(self.owner, self.number)

    @classmethod
    def of(cls, database: str) -> Place | None:
        """Return whose database that is; None where it is no namespace's."""
        match = _NAME.fullmatch(database)
        return cls(owner=int(match[1]), number=int(match[2]), token=match[3]) if match else None

    def namespace(self, base: Endpoints) -> Namespace:
        """Return the pair at this place of the engines that `base` is one of."""
        dynamodb = replace(base.dynamodb, access_key_id=self.access_key_id, session_token=None)
        endpoints = replace(base, dynamodb=dynamodb, postgres=replace(base.postgres, database=self.name))
        return Namespace(name=self.name, endpoints=endpoints)


def access_key_id(owner: int, number: int) -> str:
    """Return the key of an owner's number; MiniStack wants exactly twelve digits."""
    return f"1{owner:07}{number:04}"
