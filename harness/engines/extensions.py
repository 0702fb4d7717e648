"""Extensions that schemas ask for and the packaged PostgreSQL lacks, offered in SQL."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engines import cache

if TYPE_CHECKING:
    from pwd import struct_passwd

    from harness.engines.binaries import Binaries

_SHIPPED = Path(__file__).with_name("extension")
#: The first version that looks for extensions outside of its own folder (manual, 19.11.2, extension_control_path).
_OLDEST = 18


def settings(programs: Binaries, user: struct_passwd | None) -> dict[str, str]:
    """Return the server's settings that make our extensions known; its own of the same name win."""
    if programs.major < _OLDEST:
        return {}
    files = {path.name: path.read_bytes() for path in sorted(_SHIPPED.iterdir())}
    identity = hashlib.sha256(b"".join(files.values())).hexdigest()[:12]

    def make(scratch: Path) -> None:
        (scratch / "extension").mkdir(mode=0o755, parents=True)
        for name, content in files.items():
            (scratch / "extension" / name).write_bytes(content)

    folder = cache.make_once(cache.cache_folder(user), f"extensions-{identity}", make)
    return {"extension_control_path": f"$system:{folder}"}
