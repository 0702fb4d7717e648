"""What differs between a namespace and the template that it was made from."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.stores.dynamodb import DynamoDBStore
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_ready import table_names
from harness.stores.postgres_contents import TableContents, read_contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.namespaces.maker import Maker
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.template import Template

    Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item or row, as it was and as it is; None: it was not there, or is gone."""

    before: Row | None
    after: Row | None

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """What happened to one table, in the order of its keys."""

    #: A DynamoDB table's name, or such as `public.users`.
    name: str
    changes: tuple[Change, ...] = ()
    #: What happened to the table as a whole, for example `the table was deleted`.
    note: str | None = None

    def counts(self) -> dict[str, int]:
        """How many were added, removed and changed."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in ("added", "removed", "changed")}


def find_changes(namespace: Namespace, template: Template, maker: Maker) -> tuple[TableChanges, ...]:
    """Compare a namespace with its template; tables that are as they were are left out.

    Reads everything: for telling of one test that failed. What can't be read any more is told by a note.
    """
    found = (*_of_items(namespace, template), *_of_rows(namespace, template, maker))
    return tuple(table for table in found if table.changes or table.note)


def compare_rows(name: str, key: tuple[str, ...], before: Iterable[Row], after: Iterable[Row]) -> TableChanges:
    """Compare two states of a table. Pure. Without a key, a changed row is one removed and one added."""
    was, now = _by_key(key, before), _by_key(key, after)
    return TableChanges(
        name=name,
        changes=tuple(
            Change(before=was.get(each), after=now.get(each))
            for each in sorted(was.keys() | now.keys())
            if was.get(each) != now.get(each)
        ),
    )


def _by_key(key: tuple[str, ...], rows: Iterable[Row]) -> dict[tuple[str, int], Row]:
    """Index rows by their key, and those of one key, which only a table without a key has, by number."""
    seen: Counter[str] = Counter()
    found = {}
    for row in rows:
        text = json.dumps([row.get(name) for name in key] if key else row, sort_keys=True, default=str)
        found[text, seen[text]] = row
        seen[text] += 1
    return found


def _of_items(namespace: Namespace, template: Template) -> Iterator[TableChanges]:
    with closing(DynamoDBStore(namespace.endpoints.dynamodb)) as store:
        try:
            with translated(store.endpoint):
                live = set(table_names(store.wire))
        except HarnessError as exc:
            yield TableChanges(name="DynamoDB", note=exc.message)
            return
        for table in template.tables:
            if table.name not in live:
                yield TableChanges(name=table.name, note="the table was deleted")
                continue
            yield compare_rows(table.name, table.key, table.items(), store.items(table.name))
        for name in sorted(live - {table.name for table in template.tables}):
            yield TableChanges(name=name, note="the table was created")


def _of_rows(namespace: Namespace, template: Template, maker: Maker) -> Iterator[TableChanges]:
    try:
        now = read_contents(namespace.endpoints.postgres)
    except HarnessError as exc:
        yield TableChanges(name=namespace.endpoints.postgres.database, note=exc.message)
        return
    with maker.database_of(template) as endpoint:
        was = read_contents(endpoint)
    nothing = TableContents(key=(), rows=())
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield TableChanges(name=name, note="the table was dropped")
            continue
        note = None if name in was else "the table was created"
        found = compare_rows(name, now[name].key, was.get(name, nothing).rows, now[name].rows)
        yield TableChanges(name=name, changes=found.changes, note=note)
