"""Modules that are not installed, stood in for as long as nobody calls them: so that the rest can be examined.

Only for what the guest's own code imports, and only where it doesn't reckon with the module missing. A module of the
project, or of Python, that can't be found is the guest's fault and fails as it would for its users.
"""

# Every guest would pay 5 ms for pathlib.
# ruff: noqa: PTH123
from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from harness.rehearsal.guest.journal import Journal

#: Calls of these may as well do nothing: what a .env file says is in the environment of a rehearsal already.
_OF_NO_CONSEQUENCE = frozenset({"dotenv"})
#: What these give a text is its colour: it is as good without.
_OF_COLOURS = frozenset({"colorama", "termcolor"})
_RECKONING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def stand_in(journal: Journal, own: frozenset[str]) -> None:
    """Offer stand-ins, after every other way to find a module has failed."""
    sys.meta_path.append(_Finder(journal, own))


class _Finder:
    def __init__(self, journal: Journal, own: frozenset[str]) -> None:
        self._journal, self._own = journal, own
        self._missing: set[str] = set()

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top in self._missing:
            return _spec(name, top)
        if top != name or top in self._own or top in sys.stdlib_module_names or top.startswith("_"):
            return None
        importer = _importer()
        if importer is None or (place := self._journal.own(importer.f_code.co_filename)) is None:
            return None  # a library that can do without it
        if _is_reckoned_with(place, importer.f_lineno):
            return None
        self._missing.add(top)
        self._journal("missing", name=top, stood_in=True, at=[place, importer.f_lineno])
        return _spec(name, top)


def _spec(name: str, top: str) -> ModuleSpec:
    loader: Any = _Loader(top)  # no importlib.abc.Loader by name, which would be 10 ms
    return ModuleSpec(name, loader, is_package=True)


class _Loader:
    def __init__(self, top: str) -> None:
        self._top = top

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name, self._top)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _StandIn(ModuleType):
    """A module that has every attribute."""

    def __init__(self, name: str, top: str) -> None:
        super().__init__(name)
        self.__all__: list[str] = []
        self.__path__: list[str] = []
        self._harness_top = top

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Colourless() if self._harness_top in _OF_COLOURS else _absent(self._harness_top)


class _Colourless(str):
    """A colour, a folder of colours or a function that colours a text: an empty text in each place."""

    __slots__ = ()

    def __getattr__(self, name: str) -> _Colourless:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Colourless()

    def __call__(self, text: object = "", *_positional: Any, **_named: Any) -> object:
        return text


def _absent(top: str) -> _Absent:
    """Return something whose type says why it is of no use, as in `must be tzinfo, not 'pytz (not installed)'`."""
    kind = type(f"{top} (not installed)", (_Absent,), {})
    made: _Absent = kind(top)
    return made


class _Absent:
    """Something of a module that isn't there: may be named and inherited from, and fails once it is needed."""

    def __init__(self, top: str) -> None:
        self._harness_top = top

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(self._harness_top)

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def __call__(self, *_positional: Any, **_named: Any) -> None:
        if self._harness_top not in _OF_NO_CONSEQUENCE:
            self._fail()

    def _fail(self, *_positional: Any, **_named: Any) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {self._harness_top!r}", name=self._harness_top)

    __iter__ = __getitem__ = __setitem__ = __enter__ = __len__ = __contains__ = _fail


def _importer() -> FrameType | None:
    """Return the frame of the import statement, above import's own machinery."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - there is no other way to the caller's frame
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame


def _is_reckoned_with(path: str, line: int) -> bool:
    """Whether the import stands in a `try` that catches its failure."""
    import ast  # noqa: PLC0415 - only where a module is missing

    with open(path, encoding="utf-8", errors="replace") as file:
        tree = ast.parse(file.read())
    return any(
        isinstance(node, ast.Try)
        and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
        and any(_catches(handler.type) for handler in node.handlers)
        for node in ast.walk(tree)
    )


def _catches(kind: Any) -> bool:
    import ast  # noqa: PLC0415 - as above

    named = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or getattr(each, "id", "") in _RECKONING for each in named)
