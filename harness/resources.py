"""Files that come with the package: the project that `harness init` writes, and its compose file."""

from __future__ import annotations

from pathlib import Path

from harness.errors import EnvironmentFailure

_PACKAGE = Path(__file__).resolve().parent


def template_folder() -> Path:
    """Return the folder of the starting project: inside an installed wheel, or the source checkout itself."""
    for folder in (_PACKAGE / "template", _PACKAGE.parent):
        if (folder / "compose.local.yml").is_file():
            return folder
    raise EnvironmentFailure(
        f"this installation of harness lacks its template (looked in {_PACKAGE / 'template'} and {_PACKAGE.parent})",
        hint="install it again: pip install --force-reinstall access-pattern-harness",
    )
