"""Which release of the harness this is."""

from __future__ import annotations


def version() -> str:
    """Return the installed version; a checkout that was never installed has none."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - 20 ms that most commands don't need
    from importlib.metadata import version as installed  # noqa: PLC0415 - as above

    try:
        return installed("access-pattern-harness")
    except PackageNotFoundError:
        return "(not installed)"
