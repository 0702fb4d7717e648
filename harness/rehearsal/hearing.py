"""What a guest's process told (guest/journal.py), read into values."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from harness.project.place import Place
from harness.rehearsal.results import AwsCall, Frame, MissingModule, Refused, Traceback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything that was told in one run."""

    calls: tuple[AwsCall, ...] = ()
    refused: tuple[Refused, ...] = ()
    missing: tuple[MissingModule, ...] = ()
    #: The last one, where several processes ended with one.
    traceback: Traceback | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """Understands what is told from one place."""

    #: Of the copy, as it is known inside.
    root: str
    #: What the environment says, so that a script that says the same says nothing.
    region: str
    endpoints: frozenset[str]

    def hear(self, entries: Iterable[Mapping[str, Any]]) -> Heard:
        """Sort the entries by kind. Whoever can write there can write nonsense: that is left out."""
        told = list(entries)
        tracebacks = _understood(told, "traceback", self._traceback)
        return Heard(
            calls=tuple(_understood(told, "call", self._call)),
            refused=tuple(dict.fromkeys(_understood(told, "refused", self._refused))),
            missing=tuple(dict.fromkeys(_understood(told, "missing", self._missing))),
            traceback=tracebacks[-1] if tracebacks else None,
        )

    def _traceback(self, entry: Mapping[str, Any]) -> Traceback:
        frames = [
            Frame(place=Place(path=self._relative(path), line=line), function=function, text=text, is_own=own)
            for path, line, function, text, own in entry["frames"]
        ]
        return Traceback(kind=entry["error"], message=entry["message"], frames=tuple(frames))

    def _call(self, entry: Mapping[str, Any]) -> AwsCall:
        region, endpoint = entry["region"] or None, entry["endpoint"] or None
        return AwsCall(
            service=entry["service"],
            operation=entry["operation"],
            parameters=entry["parameters"],
            error=entry["error"],
            region=None if region == self.region else region,
            endpoint=None if endpoint and endpoint.rstrip("/") in self.endpoints else endpoint,
            place=self._place(entry["at"]),
            answer=entry.get("answer", {}),
        )

    def _refused(self, entry: Mapping[str, Any]) -> Refused:
        return Refused(kind=entry["refused"], what=str(entry["what"]), place=self._place(entry["at"]))

    def _missing(self, entry: Mapping[str, Any]) -> MissingModule:
        return MissingModule(name=str(entry["name"]), place=self._place(entry["at"]), stood_in=bool(entry["stood_in"]))

    def _place(self, at: Sequence[Any] | None) -> Place | None:
        return Place(path=self._relative(at[0]), line=at[1]) if at else None

    def _relative(self, path: str) -> str:
        pure = PurePath(path)
        return pure.relative_to(self.root).as_posix() if pure.is_relative_to(self.root) else path


def _understood(told: list[Mapping[str, Any]], kind: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    found = []
    for entry in told:
        if entry.get("kind") == kind:
            with suppress(KeyError, TypeError, ValueError, IndexError, AttributeError):
                found.append(read(entry))
    return found
