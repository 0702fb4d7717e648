"""The locator: how other commands find the stack that `up` started, and what it was loaded with."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.endpoint import DynamoDBEndpoint, Endpoints, IdentityEndpoint, PostgresEndpoint, UserPool
from harness.errors import EnvironmentFailure

NAME = "state.json"
#: In a stack's home: which engine it was started with, written before anything is started.
INTENT_NAME = "stack.json"
VERSION = 1
_HINT = "harness down (it clears what is left), then harness up"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One running stack, as written to `.harness/state.json`."""

    project: Path
    engine: str
    home: Path
    endpoints: Endpoints
    passed_over: tuple[tuple[str, str], ...]
    #: ISO 8601, UTC.
    started_at: str
    #: What was loaded last; None before the first load.
    seed: int | None = None
    as_of: str | None = None
    digest: str | None = None
    #: How many of each kind that was; empty before the first load.
    counts: dict[str, int] = field(default_factory=dict)
    #: None before it was filled.
    identity: UserPool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))  # paths as texts
        return plain | {"version": VERSION}


def read_state(folder: Path) -> State | None:
    """Return the stack that is recorded, or None. EnvironmentFailure when the record can't be trusted."""
    path = folder / NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise EnvironmentFailure(
            f"{path} can't be read: {exc.strerror or exc}", hint=f"ls -ld {folder} {path}"
        ) from exc
    except ValueError as exc:
        raise EnvironmentFailure(f"{path} is corrupt: {exc}", hint=_HINT) from exc
    if isinstance(data, dict) and data.get("version") != VERSION:
        found = data.get("version")
        raise EnvironmentFailure(
            f"{path} was written by another harness (version {found!r}, not {VERSION})", hint=_HINT
        )
    try:
        return _from_dict(data)
    except (KeyError, TypeError, ValueError) as exc:
        raise EnvironmentFailure(f"{path} is corrupt: {type(exc).__name__}: {exc}", hint=_HINT) from exc


def write_state(folder: Path, state: State) -> None:
    """Record a stack, whole or not at all; only its owner can read it, for it holds a password."""
    write_whole(folder / NAME, state.to_dict())


def remember_load(folder: Path, *, seed: int, as_of: str, digest: str, counts: dict[str, int]) -> None:
    """Add what was loaded to the record of the running stack; no stack, no record."""
    state = read_state(folder)
    if state is not None:
        write_state(folder, replace(state, seed=seed, as_of=as_of, digest=digest, counts=counts))


def remember_identity(folder: Path, identity: UserPool) -> None:
    """Add the user pool to the record of the running stack; no stack, no record."""
    state = read_state(folder)
    if state is not None:
        write_state(folder, replace(state, identity=identity))


def forget_state(folder: Path) -> bool:
    """Remove the record, also one that was being written, and say whether there was one."""
    try:
        _scratch(folder / NAME).unlink(missing_ok=True)
        (folder / NAME).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as exc:
        raise EnvironmentFailure(
            f"{folder / NAME} can't be removed: {exc.strerror or exc}", hint=f"ls -ld {folder}"
        ) from exc
    return True


def write_intent(home: Path, engine: str) -> None:
    """Record in a stack's home which engine is about to start something there."""
    write_whole(home / INTENT_NAME, {"engine": engine})


def read_intent(home: Path) -> str | None:
    """Return the engine that a home was made for; None where that can't be told."""
    try:
        engine = json.loads((home / INTENT_NAME).read_text(encoding="utf-8"))["engine"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return engine if isinstance(engine, str) else None


def write_whole(path: Path, data: dict[str, Any]) -> None:
    """Write a JSON file so that a reader sees the old one or the new one, whenever we are killed."""
    scratch = _scratch(path)
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
        scratch.replace(path)
    except OSError as exc:
        raise EnvironmentFailure(
            f"{path} can't be written: {exc.strerror or exc}", hint=f"ls -ld {path.parent}; df -h {path.parent}"
        ) from exc


def _scratch(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


def _from_dict(data: dict[str, Any]) -> State:
    endpoints = data["endpoints"]
    postgres = endpoints["postgres"]
    parameters = tuple((_text(key), _text(value)) for key, value in postgres.pop("parameters"))
    state = State(
        project=Path(data["project"]),
        engine=_text(data["engine"]),
        home=Path(data["home"]),
        endpoints=Endpoints(
            dynamodb=DynamoDBEndpoint(**endpoints["dynamodb"]),
            postgres=PostgresEndpoint(**postgres, parameters=parameters),
        ),
        passed_over=tuple((_text(name), _text(reason)) for name, reason in data["passed_over"]),
        started_at=_text(data["started_at"]),
        seed=data["seed"],
        as_of=data["as_of"],
        digest=data["digest"],
        counts={_text(kind): int(count) for kind, count in data["counts"].items()},
        identity=_user_pool(data.get("identity")),
    )
    _text(state.endpoints.dynamodb.url)
    _text(state.endpoints.postgres.host)
    if not isinstance(state.endpoints.postgres.port, int):
        raise TypeError(f"{state.endpoints.postgres.port!r} is not a port")
    return state


def _user_pool(data: dict[str, Any] | None) -> UserPool | None:
    if data is None:
        return None
    keys = data["keys"]
    return UserPool(
        endpoint=IdentityEndpoint(**data["endpoint"]),
        pool_id=_text(data["pool_id"]),
        client_id=_text(data["client_id"]),
        keys=None if keys is None else Path(_text(keys)),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
