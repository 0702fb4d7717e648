"""A process's output, cut into the events of a log."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Bytes of one line that are kept. CloudWatch Logs took events of 256 KB for most of its life.
LONGEST_LINE = 256 * 1024


@dataclass(slots=True)
class LineSplitter:
    """Cuts bytes into lines, in little memory however much comes and however long a line is."""

    longest: int = LONGEST_LINE
    _line: bytearray = field(default_factory=bytearray)
    #: Bytes of the line that were thrown away.
    _lost: int = 0

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes, without their ends."""
        *ended, rest = data.split(b"\n")
        lines = []
        for part in ended:
            self._add(part)
            lines.append(self._take())
        self._add(rest)
        return lines

    def flush(self) -> list[str]:
        """Return the line that has not ended yet, where there is one."""
        return [self._take()] if self._line else []

    def _add(self, part: bytes) -> None:
        kept = part[: self.longest - len(self._line)]
        self._line += kept
        self._lost += len(part) - len(kept)

    def _take(self) -> str:
        # The runtime client ends the lines within one event with \r, which would overwrite them on a terminal.
        text = self._line.decode("utf-8", "replace").rstrip("\r").replace("\r", "\n")
        if self._lost:
            text += f" … (cut: the line has {self._lost} bytes more)"
        self._line.clear()
        self._lost = 0
        return text
