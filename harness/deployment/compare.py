"""A template's tables beside the local ones, difference by difference, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.schema import Difference
from harness.stores.dynamodb_diff import compare
from harness.stores.dynamodb_schema import create_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from harness.deployment.declared import DeclaredTable, Untold
    from harness.schema import TableSchema

    #: Says in what a local table isn't as the given one, which has its name.
    Compare = Callable[[TableSchema], tuple[Difference, ...]]

_WORDS = {
    "KeySchema": "key",
    "BillingMode": "billing",
    "ProvisionedThroughput": "capacity",
    "TimeToLiveSpecification": "time to live",
    "StreamSpecification": "stream",
    "table": "table",
}
_NAMED_WORDS = {
    "GlobalSecondaryIndexes": "index",
    "LocalSecondaryIndexes": "local index",
    "ProvisionedThroughput": "capacity of index",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A template's table and the local one that it was held against."""

    #: The local table's name; the template's where there is no local one.
    name: str
    #: None for a local table that the template hasn't.
    logical_id: str | None
    #: `wanted` is the template's, `found` the local table's.
    differences: tuple[Difference, ...] = ()
    untold: tuple[Untold, ...] = ()
    #: What the template calls it, where that is another name.
    called: str | None = None

    def lines(self, template: str, local: str) -> Iterator[str]:
        """Yield it in words; `template` and `local` say whose is whose, such as `template.yaml` and `the local table`."""
        where = f"{self.logical_id} in {template}" if self.logical_id else f"not in {template}"
        yield f"{self.name} ({where})" + (f", called {self.called} there" if self.called else "")
        for difference in self.differences:
            if difference.what == "table":
                yield (
                    "  the template has no such table"
                    if difference.found == "exists"
                    else "  there is no such table here"
                )
                continue
            for what, wanted, found in _parts(difference):
                yield f"  {what}: the template says {wanted}; {local} has {found}"
        for each in self.untold:
            yield f"  can't tell {_in_words(each.what)}: it is {each.text}"


def compare_tables(declared: Sequence[DeclaredTable], names: Iterable[str], differences: Compare) -> list[Compared]:
    """Hold each table of a template against the local one of its name; one of each kind left over are held against each other."""
    local = list(names)
    pairs = {table.logical_id: table.name for table in declared if table.name in local}
    left_here = [name for name in local if name not in pairs.values()]
    left_there = [table for table in declared if table.logical_id not in pairs]
    if len(left_here) == len(left_there) == 1:
        pairs[left_there[0].logical_id] = left_here.pop()
    found = [_compared(table, pairs.get(table.logical_id), differences) for table in declared]
    for name in left_here:
        lost = Difference(where=name, what="table", wanted="does not exist", found="exists", remedy="by hand")
        found.append(Compared(name=name, logical_id=None, differences=(lost,)))
    return found


def against(local: TableSchema) -> Compare:
    """Return a comparison with what a schema file would make, for when no stack is up."""
    made = create_request(local, stream=True)
    return lambda table: compare(table, made, local.ttl_attribute)


def _compared(table: DeclaredTable, name: str | None, differences: Compare) -> Compared:
    shown = name or table.name or table.logical_id
    called = table.name if name and table.name != name else None
    if table.schema is None:
        return Compared(name=shown, logical_id=table.logical_id, untold=table.untold, called=called)
    found: tuple[Difference, ...]
    if name is None:
        found = (Difference(where=shown, what="table", wanted="exists", found="does not exist", remedy="in place"),)
    else:
        found = differences(replace(table.schema, name=name))
    told = tuple(each for each in found if not _untold(each.what, table.untold))
    return Compared(name=shown, logical_id=table.logical_id, differences=told, untold=table.untold, called=called)


def _untold(what: str, untold: tuple[Untold, ...]) -> bool:
    """Whether a difference is only that the template doesn't tell. What is provisioned depends on the billing mode."""
    kind = what.partition(".")[0]
    missing = {each.what for each in untold}
    return bool(missing & {what, kind}) or (kind == "ProvisionedThroughput" and "BillingMode" in missing)


def _parts(difference: Difference) -> Iterator[tuple[str, str, str]]:
    """Yield what differs, in words: of an index its key and its projection, each by itself."""
    what = _in_words(difference.what)
    ours, theirs = difference.wanted.split("; "), difference.found.split("; ")
    if len(ours) == len(theirs) == 2:  # noqa: PLR2004 - as `dynamodb_diff` tells an index: key; projection
        for part, wanted, found in zip(("key", "projection"), ours, theirs, strict=True):
            if wanted != found:
                yield f"{what}, {part}", wanted, found
    else:
        yield what, difference.wanted, difference.found


def _in_words(what: str) -> str:
    kind, _, name = what.partition(".")
    return f"{_NAMED_WORDS.get(kind, kind)} {name}" if name else _WORDS.get(kind, kind)


def as_json(compared: Iterable[Compared]) -> dict[str, Any]:
    """Return differences and what couldn't be told, each with its table."""
    found = list(compared)
    return {
        "differences": [
            {"where": one.where, "what": one.what, "wanted": one.wanted, "found": one.found, "remedy": one.remedy}
            for each in found
            for one in each.differences
        ],
        "untold": [{"where": each.name, "what": one.what, "text": one.text} for each in found for one in each.untold],
        "called": {each.name: each.called for each in found if each.called},
    }
