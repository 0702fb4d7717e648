"""Every fault there is: importing a family enters its faults."""

from __future__ import annotations

from tests.gallery.faults import access, environment, seed, sql, stream, whole_class
from tests.gallery.faults.fault import CATALOGUE, Fault

FAMILIES = (sql, seed, access, stream, environment, whole_class)
FAULTS: dict[str, Fault] = CATALOGUE
