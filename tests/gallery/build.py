"""Writes variants of the clean project: a layout of many, and faults on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery import layouts_code as code
from tests.gallery import layouts_places as places
from tests.gallery import layouts_sql as sql
from tests.gallery.faults.catalogue import FAULTS
from tests.gallery.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Layout = Callable[[Tree], None]

#: Layouts of a row exclude each other. The first rows are other projects, into which faults are put; the rest only
#: writes in another way what is there by then.
_STYLES: tuple[tuple[Layout, ...], ...] = (
    (code.flat_seed, code.resource_seed, code.seed_of_a_class),
    (code.library_of_a_class,),
    (code.resource_handler,),
    (code.sam_template,),
    (code.table_named_in_the_library,),
    (sql.one_insert_each, sql.emptied_first),
)
_FORMS: tuple[tuple[Layout, ...], ...] = (
    (code.concatenated, code.by_percent, code.by_format),
    (code.other_variables,),
    (code.single_quoted,),
    (code.dead_code,),
    (code.tabbed, code.by_two_spaces),
    (sql.odd_literals,),
    (sql.psql_variables,),
    (sql.upper_or_lower,),
    (sql.comments_in_sql,),
    (sql.rds_roles,),
    (sql.without_final_semicolon, sql.included_by_folder_of_file, sql.included_by_folder_of_shell),
    (sql.echoes,),
    (sql.by_redirection,),
    (sql.crlf_in_sql,),
    (places.other_names_of_scripts, places.with_suffixes),
    (places.bin_in_the_back_end, places.scripts_folder),
    (places.lambda_folder, places.lambdas_at_the_root),
    (places.renamed_table,),
    (places.renamed_index,),
    (places.other_group,),
    (places.other_handles,),
    (places.without_env_file,),
    (places.other_back_end,),
    (places.old_copies,),
    (places.in_a_folder_of_the_repository,),
)
#: In the order in which they can be made.
ROWS = (*_STYLES, *_FORMS)
LAYOUTS: dict[str, Layout] = {layout.__name__: layout for row in ROWS for layout in row}
_BEFORE_FAULTS = frozenset(layout.__name__ for row in _STYLES for layout in row)


def build(target: Path, *, layout: Iterable[str] = (), faults: Iterable[str] = ()) -> Tree:
    """Write a project below a folder, and return it. DoesNotApply where a fault has nothing to break in this layout."""
    tree = arranged(layout, [FAULTS[name].change for name in faults])
    tree.write(target)
    return tree


def arranged(layout: Iterable[str], changes: Iterable[Callable[[Tree], None]] = ()) -> Tree:
    """Return a project in a layout, with changes made where it is still the project that they know."""
    wanted = frozenset(layout)
    if unknown := wanted - LAYOUTS.keys():
        raise ValueError(f"no layout is called {', '.join(sorted(unknown))}")
    tree = Tree.clean()
    names = [name for name in LAYOUTS if name in wanted]
    for name in names:
        if name in _BEFORE_FAULTS:
            LAYOUTS[name](tree)
    for change in changes:
        change(tree)
    for name in names:
        if name not in _BEFORE_FAULTS:
            LAYOUTS[name](tree)
    return tree
