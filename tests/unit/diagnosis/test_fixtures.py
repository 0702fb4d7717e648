"""Every check has something broken that it finds, and a clean twin at which it is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.registry import all_checks
from tests.broken_seeds import broken_codes
from tests.gallery.faults.catalogue import FAULTS
from tests.unit.diagnosis.seen import DATA

if TYPE_CHECKING:
    from tests.unit.diagnosis.seen import Seen

#: No database takes an item over 400 KB, so there is no seed to load: only a unit test.
REFUSED_BY_ENGINES = {"SEED106"}


def test_every_check_has_something_broken(seen: Seen) -> None:
    in_the_gallery = {code for fault in FAULTS.values() for code in fault.codes}
    assert all_checks().keys() - seen.found.keys() - in_the_gallery - set(broken_codes()) == set()


def test_every_check_has_a_clean_twin(seen: Seen) -> None:
    """It is silent where there is as much to look at as where it found something."""
    for code, shapes in seen.found.items():
        assert any(shape <= other for shape in shapes for other in seen.silent[code]), code
    assert all_checks().keys() <= seen.silent.keys()


def test_every_check_of_data_has_a_broken_seed(seen: Seen) -> None:
    of_data = {code for code, shapes in seen.found.items() if any(shape <= DATA for shape in shapes)}
    assert of_data - set(broken_codes()) == REFUSED_BY_ENGINES


def test_nothing_is_proved_that_no_check_says() -> None:
    in_the_gallery = {code for fault in FAULTS.values() for code in fault.codes}
    assert (in_the_gallery | set(broken_codes())) - all_checks().keys() == set()
