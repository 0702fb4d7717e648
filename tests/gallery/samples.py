"""The projects of the gallery that tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.gallery.build import ROWS, build
from tests.gallery.faults.catalogue import FAULTS

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A project that can be written."""

    layout: tuple[str, ...]
    faults: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str]:
        """What doctor must say: a code for each finding."""
        return sorted(code for name in self.faults for code in FAULTS[name].codes)

    @property
    def words(self) -> frozenset[str]:
        """What its findings must name."""
        return frozenset(word for name in self.faults for word in FAULTS[name].words)

    def write(self, target: Path) -> None:
        build(target, layout=self.layout, faults=self.faults)

    def __str__(self) -> str:
        layout = ", ".join(self.layout) or "plain"
        return f"{' + '.join(self.faults) or 'clean'}: {layout}"


def _mixed(number: int) -> tuple[str, ...]:
    """Return a layout out of every second row or so, always the same for a number."""
    random = Random(number)
    return tuple(random.choice(row).__name__ for row in ROWS if random.random() < _OFTEN)


#: How likely it is that a row of layouts is used.
_OFTEN = 0.5
#: Of these numbers, each layout is there at least once.
CLEAN = (Sample(layout=()), *(Sample(layout=_mixed(number)) for number in range(197, 205)))

#: Several in one project: each is told, and none hides another one.
_TOGETHER = (
    ("semicolon_behind_a_row", "twenty_and_no_more", "deleted_then_put", "package_not_listed"),
    ("email_not_filled", "lists_of_this_year", "first_record_only", "index_not_allowed"),
    ("column_misspelled", "anybody_reads", "reading_the_stream_not_allowed", "carriage_returns"),
    ("handle_misspelled_in_the_seed", "reply_is_an_integer", "late_records_move_back", "not_executable"),
    ("handle_in_another_case", "group_in_a_batch", "url_mangled_by_sed"),
    ("user_missing_and_nobody_asks", "first_page_of_the_scan", "handler_of_one_region"),
    ("conversation_lies_ahead", "first_column_of_no_row", "another_group_each_time"),
    ("naive_timestamps", "error_of_psycopg_2", "removal_not_expected", "python_is_sourced"),
    ("write_behind_the_loop", "sender_for_message", "removal_passed_over"),
    ("other_keys_in_each_run", "group_rows_of_another_text", "nothing_unique"),
    ("one_group_row_forgotten", "notes_doubled", "production_by_a_part_of_a_word"),
    ("group_rows_show_their_owners", "format_of_other_timestamps", "index_misspelled_in_the_handler"),
    ("other_prefix_of_messages", "extension_created_again"),
    ("index_forgotten", "name_not_defined", "sessions_left_open"),
    ("attribute_not_defined", "arguments_of_the_caller"),
    ("text_is_raised", "table_misspelled_in_the_library"),
    ("folder_of_modules_elsewhere", "template_with_semicolon", "handler_without_context"),
    ("folder_by_another_name", "twenty_and_no_more", "pool_user_without_a_handle"),
    ("year_of_the_class", "another_user_is_asked_for", "handle_left_out", "group_not_handed_over"),
    ("as_the_class_left_it",),
)
BROKEN = (
    *(Sample(layout=(), faults=faults) for faults in _TOGETHER[:-1]),
    Sample(layout=("bin_in_the_back_end", "by_redirection"), faults=_TOGETHER[-1]),
)
#: Every fault by itself: half an hour.
ALL_FAULTS = tuple(Sample(layout=(), faults=(name,)) for name in FAULTS)
