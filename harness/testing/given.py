"""Seed data that a test project writes itself, instead of having it generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.dataset import Dataset
from harness.testing.typed import typed_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.dataset import Activity, Item, User


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDataset(Dataset):
    """People as in any dataset, and items as they are written down. It has no message groups."""

    given: tuple[Item, ...]

    def items(self) -> Iterator[Item]:
        """Yield the items, in the order in which they were given."""
        yield from self.given

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {"users": len(self.users), "activities": len(self.activities), "items": len(self.given)}


def given(
    dataset: Dataset,
    *,
    users: Iterable[User] = (),
    activities: Iterable[Activity] = (),
    items: Iterable[Mapping[str, Any]] = (),
) -> GivenDataset:
    """Return data to load instead of `dataset`: for a seed function. Items as in boto3's Table, or in DynamoDB JSON."""
    return GivenDataset(
        seed=dataset.seed,
        as_of=dataset.as_of,
        table=dataset.table,
        users=tuple(users),
        groups=(),
        activities=tuple(activities),
        messages_of=lambda _: iter(()),
        given=tuple(map(typed_item, items)),
    )
