"""A small project of literal files, and what loading it came to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.diagnosis.facts import Facts
from harness.held import Column, Held, Relation
from harness.project.place import Place
from harness.project.recognition.languages import language_of
from harness.project.source import Project, Source
from harness.rehearsal.results import Frame, Rehearsal, ScriptRun, SqlError, SqlRun, Traceback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.diagnosis.check import Check
    from harness.diagnosis.finding import Problem
    from harness.project.roles import Role

SCHEMA_PATH, SEED_PATH = "db/schema.sql", "db/seed.sql"

SCHEMA = """\
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
DROP TABLE IF EXISTS public.users;
DROP TABLE IF EXISTS public.activities;

CREATE TABLE public.users (
  uuid UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  display_name text NOT NULL,
  handle text NOT NULL,
  email text NOT NULL,
  cognito_user_id text NOT NULL,
  created_at TIMESTAMP default current_timestamp NOT NULL
);

CREATE TABLE public.activities (
  uuid UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  user_uuid UUID NOT NULL,
  message text NOT NULL,
  replies_count integer DEFAULT 0,
  expires_at TIMESTAMP
);
"""
SEED = """\
-- people and what they say
INSERT INTO public.users (display_name, email, handle, cognito_user_id)
VALUES
  ('Ada Byron', 'ada@example.com', 'ada', 'MOCK'),
  ('Ben Li', 'ben@example.com', 'ben', 'MOCK'),
  ('Cyd Orr', 'cyd@example.com', 'cyd', 'MOCK');

INSERT INTO public.activities (user_uuid, message, expires_at)
VALUES
  (
    (SELECT uuid from public.users WHERE users.handle = 'ada' LIMIT 1),
    'Imported as seed data!',
    current_timestamp + interval '10 day'
  );
"""
_ROLES: dict[str, tuple[Role, ...]] = {SCHEMA_PATH: ("sql-schema",), SEED_PATH: ("sql-seed",)}


def source(path: str, text: str, *roles: Role, executable: bool = True) -> Source:
    return Source(
        path=path,
        text=text,
        language=language_of(path, text),
        roles=frozenset(roles or _ROLES.get(path, ())),
        executable=executable,
    )


def project(*sources: Source, schema: str = SCHEMA, seed: str = SEED) -> Project:
    every = (source(SCHEMA_PATH, schema), source(SEED_PATH, seed), *sources)
    return Project(root=Path("/nowhere"), sources={each.path: each for each in every})


def error(state: str, message: str, line: int, at: int | None = None, **more: Any) -> SqlError:
    path = more.pop("path", SEED_PATH)
    return SqlError(
        place=Place(path=path, line=line),
        severity="ERROR" if state else "error",
        sqlstate=state,
        message=message,
        at=Place(path=path, line=at) if at else None,
        **more,
    )


def users(*handles: str, unique: tuple[str, ...] = ("uuid",), name: str = "users") -> Relation:
    columns = ("uuid", "display_name", "handle", "email", "cognito_user_id")
    return Relation(
        name=name,
        columns=tuple(Column(name=each, type="text", nullable=False, has_default=False) for each in columns),
        rows=tuple({"uuid": f"0000-{number}", "handle": handle} for number, handle in enumerate(handles)),
        unique=tuple((each,) for each in unique),
        count=len(handles),
    )


def held(*relations: Relation) -> Held:
    return Held(relations={each.name: each for each in relations})


def psql(path: str, *errors: SqlError, pass_: Any = 1, **more: Any) -> SqlRun:
    return SqlRun(
        path=path,
        pass_=pass_,
        command=f"psql $CONNECTION_URL < {path}",
        exit_code=0,
        stdout="",
        stderr="",
        errors=errors,
        **more,
    )


def ran(path: str, raised: tuple[str, str] | None = None, *, line: int = 1, text: str = "", **more: Any) -> ScriptRun:
    frame = Frame(place=Place(path=path, line=line), function="<module>", text=text, is_own=True)
    return ScriptRun(
        path=path,
        pass_=1,
        command=f"python3 {path}",
        cwd=".",
        exit_code=more.pop("exit_code", 1 if raised else 0),
        stdout="",
        stderr=more.pop("stderr", ""),
        seconds=0.2,
        traceback=Traceback(kind=raised[0], message=raised[1], frames=(frame,)) if raised else None,
        **more,
    )


def facts(
    where: Project | None = None,
    *,
    sql: Sequence[SqlRun] = (),
    scripts: Sequence[ScriptRun] = (),
    first: Held | None = None,
    second: Held | None = None,
    **more: Any,
) -> Facts:
    rehearsal = Rehearsal(sql=tuple(sql), scripts=tuple(scripts), first=first or Held(), second=second)
    return Facts(
        now=datetime(2026, 1, 1, tzinfo=UTC),
        project=where,
        rehearsal=rehearsal if sql or scripts or first else None,
        held=more.pop("held", first or Held()),
        **more,
    )


def problems(check: Check, some: Facts) -> list[Problem]:
    return list(check.look(some))


def only(check: Check, some: Facts) -> Problem:
    (problem,) = check.look(some)
    return problem


def mended(problem: Problem, text: str) -> str:
    """Return a file's text with the edits of a problem made; all of them are of one file."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(problem.edits, key=lambda edit: edit.first, reverse=True):
        lines[edit.first - 1 : max(edit.last, edit.first - 1)] = [edit.new]
    return "".join(lines)
