"""Slips of the pen in the table's schema, the pattern scripts, the library, the handler and around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gallery.faults.catalogue import FAULTS
from tests.gallery.slips.slip import SLIPS, Done, done, misspelled, one_of, put, slip

if TYPE_CHECKING:
    from random import Random

    from tests.gallery.faults.fault import Fault
    from tests.gallery.tree import Tree

#: Faults that are what slips are: small, and of everybody's code.
_AS_IN_THE_CATALOGUE = (
    "index_forgotten",
    "index_of_another_attribute",
    "index_of_keys_only",
    "attribute_not_defined",
    "stream_not_declared",
    "name_not_imported",
    "answer_misread",
    "year_of_the_class",
    "lists_of_this_year",
    "twenty_and_no_more",
    "anybody_reads",
    "group_in_a_batch",
    "another_group_each_time",
    "first_record_only",
    "removal_not_expected",
    "deleted_then_put",
    "late_records_move_back",
    "removal_passed_over",
    "handler_of_one_region",
    "handler_without_context",
    "index_not_allowed",
    "deleting_not_allowed",
    "reading_the_stream_not_allowed",
    "stream_of_keys_only",
    "carriage_returns",
    "python_with_the_shebang_of_bash",
    "folder_of_modules_elsewhere",
    "package_not_listed",
    "reply_is_an_integer",
    "python_is_sourced",
)


for _name in _AS_IN_THE_CATALOGUE:

    def _make(tree: Tree, _random: Random, fault: Fault = FAULTS[_name]) -> Done:
        fault.change(tree)
        return done(fault.name, *fault.codes)

    SLIPS[f"catalogue: {_name.replace('_', ' ')}"] = _make


@slip
def index_misspelled(tree: Tree, random: Random) -> Done:
    places = ("handler", "library", "table-schema")
    part, match = one_of(random, places, tree, "message-group-sk-index")
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"the index is {new} in {part}", "ACC115", "ACC201", "STR105")


@slip
def table_misspelled(tree: Tree, random: Random) -> Done:
    places = ("handler", "library", "messages", "groups", "scan")
    part, match = one_of(
        random,
        places,
        tree,
        r'os\.(?:getenv|environ\.get)\("DDB_MESSAGE_TABLE", "cruddur-messages"\)|"cruddur-messages"',
    )
    put(tree, part, match, f'"{misspelled(random, "cruddur-messages")}"')
    return done(f"another table in {part}", "STR105" if part == "handler" else "ACC115")


@slip
def attribute_misspelled_by_a_reader(tree: Tree, random: Random) -> Done:
    places = ("messages", "groups")
    part, match = one_of(random, places, tree, r"(?<=item\[')(?:user_handle|message|sk)(?='\])")
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"{match[0]} is {new} in {part}", "ACC103")


@slip
def attribute_misspelled_by_the_handler(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, ("handler",), tree, r'(?<=message\[")(?:sk|message)(?="\]\["S"\])')
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"{match[0]} is {new} in the handler", "STR112")


@slip
def name_misspelled_by_a_reader(tree: Tree, random: Random) -> Done:
    places = ("messages", "groups")
    part, match = one_of(random, places, tree, r"(?<=in )(?:items|pages|reversed)\b|\bjson(?=\.)|\bdb(?=\.)")
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"{match[0]} is {new} in {part}", "ACC101")
