"""The text files of a folder that is not trusted: links that lead out, loops, devices, huge and binary files."""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Larger text is no source: a dump, a lock file, a bundle.
MOST_BYTES = 1_000_000
#: A project of the family has a few hundred.
MOST_FILES = 20_000

_SKIPPED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", "__pycache__", "venv", ".venv", "virtualenv",
    "site-packages", "dist", "build", "target", ".next", ".nuxt", ".cache", ".parcel-cache", ".pytest_cache",
    ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".eggs", "coverage", "htmlcov", "cdk.out", ".aws-sam",
    ".serverless", ".terraform", ".vagrant", ".idea", ".vs", "vendor", "_docs", "_site",
})  # fmt: skip
_SKIPPED_ENDS = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".bmp", ".tiff", ".psd", ".pdf", ".mp3", ".mp4",
    ".mov", ".avi", ".webm", ".wav", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".zip", ".gz", ".tgz", ".tar",
    ".bz2", ".xz", ".7z", ".rar", ".jar", ".whl", ".pyc", ".pyo", ".so", ".dll", ".exe", ".bin", ".db",
    ".sqlite", ".sqlite3", ".drawio", ".excalidraw", ".map", ".min.js", ".min.css", ".css", ".scss", ".sass",
    ".less", ".lock", ".md", ".mdx", ".rst", ".adoc", ".html", ".htm", ".log", ".csv", ".tsv", ".ipynb",
    ".docx", ".xlsx", ".pptx", ".key", ".pem", ".crt", "package-lock.json", "npm-shrinkwrap.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text file."""

    #: Relative to the root, with `/`.
    path: str
    text: str
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file or folder that was passed over, though it may have mattered."""

    path: str
    why: str


def walk(root: Path) -> Iterator[Found | Unread]:
    """Yield the text files below a folder, in no order that matters. Nothing outside is read, and nothing raises."""
    home = root.resolve()
    folders, seen = deque([home]), 0
    while folders:
        folder = folders.popleft()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield Unread(path=_relative(folder, home), why=error.strerror or str(error))
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if not _is_skipped(path):
                    folders.append(path)
            elif not entry.name.lower().endswith(_SKIPPED_ENDS):
                seen += 1
                if seen > MOST_FILES:
                    yield Unread(path=".", why=f"more than {MOST_FILES} files; the rest is not read")
                    return
                yield from _read(path, home)


def _is_skipped(folder: Path) -> bool:
    """Tell folders that hold no source of the project; a virtual environment by its marker, whatever its name."""
    if folder.name in _SKIPPED_FOLDERS:
        return True
    try:
        return (folder / "pyvenv.cfg").exists()
    except OSError:
        return False


def _read(path: Path, home: Path) -> Iterator[Found | Unread]:
    shown = _relative(path, home)
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(home):
            yield Unread(path=shown, why="a link that leads out of the project")
            return
        status = real.stat()
        if not stat.S_ISREG(status.st_mode):  # a folder behind a link; a pipe would wait for its other end
            return
        data = _contents(real, status.st_size)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        yield Unread(path=shown, why=getattr(error, "strerror", None) or str(error))
        return
    if data is None:
        yield Unread(path=shown, why=f"larger than {MOST_BYTES // 1000} kB")
    elif shown != shown.encode(errors="replace").decode():
        yield Unread(path=shown.encode(errors="replace").decode(), why="its name is no UTF-8")
    elif (text := _decoded(data)) is not None:
        yield Found(path=shown, text=text, executable=bool(status.st_mode & stat.S_IXUSR))


def _contents(path: Path, size: int) -> bytes | None:
    """Return the bytes; None of what is too large, unless it is no text anyway."""
    if size <= MOST_BYTES:
        return path.read_bytes()
    with path.open("rb") as file:
        return b"\0" if b"\0" in file.read(8192) else None


def _decoded(data: bytes) -> str | None:
    """Return text with its line ends and its byte order mark; None for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what `>` of Windows PowerShell writes
        return data.decode("utf-16", errors="replace")
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def _relative(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix()
