"""Recorded records in files: read with every one checked, and written.

A file holds Lambda events, `{"Records": […]}`, or lists of records, or records: one document, or JSONL with one of them
on each line, which is read line by line whatever its size.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.simulation.record_checks import record_complaints
from harness.streams.simulation.values import brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

_LINES = (".jsonl", ".ndjson")
_HINT = "`harness stream events --save FILE` writes a file of the right shape"


def read_records(path: Path) -> tuple[dict[str, Any], ...]:
    """Return all that `each_record` yields."""
    return tuple(each_record(path))


def each_record(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a file's records in Lambda's shape, all of one stream and in the order of their sequence numbers.

    Raises UsageError that names the file, the record and the field for whatever can't have come from a stream, for a
    number that comes twice or out of order, and for a file with no record; EnvironmentFailure when it can't be read.
    """
    before: dict[str, Any] | None = None
    for place, record in _records(path):
        if complaint := next(record_complaints(record), None):
            raise UsageError(f"{place}: {complaint}", hint=_HINT)
        if before is not None:
            _check_order(place, before, record)
        before = record
        yield record
    if before is None:
        raise UsageError(f"{path} holds no record", hint=_HINT)


def save_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write records in Lambda's shape, whole or not at all: JSONL where the name says so, else one event."""
    scratch = path.with_name(f"{path.name}.tmp")
    try:
        with scratch.open("w", encoding="utf-8") as file:
            if path.suffix in _LINES:
                file.writelines(f"{json.dumps(record, ensure_ascii=False, allow_nan=False)}\n" for record in records)
            else:
                json.dump({"Records": list(records)}, file, ensure_ascii=False, allow_nan=False, indent=2)
                file.write("\n")
        scratch.replace(path)
    except OSError as exc:
        raise EnvironmentFailure(
            f"{path} can't be written: {exc.strerror or exc}", hint=f"ls -ld {path.parent}; df -h {path.parent}"
        ) from exc
    finally:
        scratch.unlink(missing_ok=True)


def _check_order(where: str, before: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    last, number = (each["dynamodb"]["SequenceNumber"] for each in (before, record))
    if int(number) <= int(last):
        fault = "comes twice" if int(number) == int(last) else f"comes after {last}"
        hint = "a stream's numbers rise: sort the records by them; the options of the emulation repeat and mix records"
        raise UsageError(f"{where}: dynamodb.SequenceNumber {number} {fault}", hint=hint)
    if record["eventSourceARN"] != before["eventSourceARN"]:
        raise UsageError(
            f"{where}: eventSourceARN is {record['eventSourceARN']}, and of the records before {before['eventSourceARN']}",
            hint="a mapping reads one stream: keep each stream's records in a file of their own",
        )


def _records(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each record and where it stands: `events.json: Records[3]`, or `events.jsonl:7`."""
    for where, value in _values(path):
        for step, entry in _steps("", value) if isinstance(value, list) else [("", value)]:
            if not isinstance(entry, dict) or "Records" not in entry:
                yield (f"{where}: {step}" if step else where), entry
                continue
            inside = f"{where}: {step}.Records" if step else f"{where}: Records"
            if not isinstance(entry["Records"], list):
                raise UsageError(f"{inside} should be a list, and is {brief(entry['Records'])}", hint=_HINT)
            yield from _steps(inside, entry["Records"])


def _steps(path: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{path}[{number}]", value) for number, value in enumerate(values))


def _values(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each line's value; or the whole document, where the first line is no JSON by itself."""
    with _opened(path) as file:
        first = file.readline()
        if path.suffix not in _LINES and not _is_json(first):
            yield str(path), _parse(str(path), first + file.read())
            return
        for number, line in enumerate(chain([first], file), 1):
            if line.strip():
                yield f"{path}:{number}", _parse(f"{path}:{number}", line)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        # Editors on Windows put a byte order mark first.
        with path.open(encoding="utf-8-sig") as file:
            yield file
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path}: not UTF-8 text: {exc.reason}", hint="save the file as UTF-8") from exc
    except FileNotFoundError as exc:
        raise UsageError(f"there is no file {path}", hint=f"ls {path.parent}; {_HINT}") from exc
    except OSError as exc:
        raise EnvironmentFailure(f"{path} can't be read: {exc.strerror or exc}", hint=f"ls -ld {path}") from exc


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(where: str, text: str) -> Any:
    if not text.strip():
        raise UsageError(f"{where} is empty", hint=_HINT)
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError as exc:
        raise UsageError(f"{where}: not JSON: {exc}", hint=_HINT) from exc
    except RecursionError as exc:
        raise UsageError(f"{where}: nested too deep to be records", hint=_HINT) from exc


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
