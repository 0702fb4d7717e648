"""How the project's scripts are started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.place import Place
from harness.project.shell.script_calls import script_calls
from harness.project.shell.starting import has_carriage_returns, has_mark, interpreter, is_called_by_name, programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.shell.script_calls import ScriptCall
    from harness.project.source import Source

_SHEBANGS = {"python": "#!/usr/bin/env python3", "shell": "#!/usr/bin/env bash"}
_READS = {"source": "bash", "shell": "bash", "python": "Python"}


@check(
    "ENV201",
    example="""
    source "$bin/db/update_cognito_user_ids"     # a Python script: "import-im6.q16: unable to open X server"
    """,
)
def scripts_are_run_by_their_language(facts: Facts) -> Iterator[Problem]:
    """A Python script is run by Python, a shell script by a shell.

    Write `python3 "$path"` for a Python script: bash takes its `import` for the program of that name.
    """
    for call in script_calls(facts.project) if facts.project is not None else ():
        source = facts.project.find(call.path) if facts.project is not None else None
        caller = facts.project.find(call.place.path) if facts.project is not None else None
        if source is not None and caller is not None and _is_mistaken(call, source):
            line = line_at(caller, call.place.line)
            wrong, right = line.split()[0], "python3" if source.language == "python" else "bash"
            mends = call.command.split()[0] == wrong and call.how in _READS
            new = line.replace(wrong, right, 1)
            yield Problem(
                cause=f"{call.place} has {_READS[call.how]} read {call.path}, which is "
                f"{'Python' if source.language == 'python' else 'a shell script'}",
                evidence=(Evidence(text=line.strip(), place=call.place), _first_line(source)),
                place=call.place,
                advice=f"Write `{new.strip()}`." if mends else "",
                edits=(replace_line(caller, call.place.line, new),) if mends else (),
            )


@check("ENV202", example="#!/usr/bin/bash\nimport boto3")
def shebang_fits_the_language(facts: Facts) -> Iterator[Problem]:
    """A script that is called by its name alone begins with the shebang of its language.

    Begin it with `#!/usr/bin/env python3` or `#!/usr/bin/env bash`, as the very first line.
    """
    if facts.project is None:
        return
    calls = script_calls(facts.project)
    called = {call.path for call in calls if call.how == "run"}
    handed = {call.path for call in calls if call.how == "python"}
    for source in programs(facts.project):
        named = interpreter(source)
        if named == source.language and not has_mark(source):
            continue
        by_name = source.path in called or (is_called_by_name(source) and source.path not in handed)
        if named is None and (source.language != "python" or not by_name):
            continue
        yield _other_shebang(source, named)


@check("ENV203", example="bash: bin/db/setup: /usr/bin/bash^M: bad interpreter: No such file or directory")
def lines_end_with_line_feed(facts: Facts) -> Iterator[Problem]:
    r"""The lines of a script end with LF, not with CR LF.

    `sed -i 's/\r$//' FILE`; and `* text=auto eol=lf` in .gitattributes, so that no checkout brings them back.
    """
    found = [
        source
        for source in (programs(facts.project) if facts.project is not None else ())
        if has_carriage_returns(source) and (source.language == "shell" or source.text.startswith("#!"))
    ]
    if found:
        yield Problem(
            cause=f"{_listed(found)} {'ends' if len(found) == 1 else 'end'} lines with CR LF: the shell looks for an "
            "interpreter whose name ends with a carriage return",
            evidence=tuple(
                Evidence(text=f"{line_at(each, 1)}\\r", place=Place(path=each.path, line=1)) for each in found
            ),
            place=Place(path=found[0].path, line=1),
            advice=f"sed -i 's/\\r$//' {' '.join(each.path for each in found)}",
            edits=tuple(
                Edit(path=each.path, first=1, last=len(each.lines), new=each.text.replace("\r\n", "\n"))
                for each in found
            ),
        )


@check("ENV204", severity="note", example="bash: bin/db/setup: Permission denied")
def scripts_may_be_run(facts: Facts) -> Iterator[Problem]:
    """A script with a shebang may be executed.

    `chmod u+x FILE`, and `git update-index --chmod=+x FILE`.
    """
    every = programs(facts.project) if facts.project is not None else ()
    if not any(source.executable for source in every):
        return  # a copy that has lost all permissions, or that never had them
    found = [source for source in every if not source.executable and interpreter(source) and is_called_by_name(source)]
    if found:
        yield Problem(
            cause=f"{_listed(found)} can't be run by name: not executable",
            place=Place(path=found[0].path),
            advice=f"chmod u+x {' '.join(each.path for each in found)}",
        )


def _other_shebang(source: Source, named: str | None) -> Problem:
    wanted, first = _SHEBANGS[source.language], line_at(source, 1)
    if has_mark(source):
        cause = "a byte order mark stands before its shebang, so the shell runs it"
    elif named is not None:
        cause = f"its shebang says {first}, and it is {'Python' if source.language == 'python' else 'a shell script'}"
    else:
        cause = "it is Python and has no shebang in its first line, so the shell runs it"
    end = "\r\n" if has_carriage_returns(source) else "\n"
    inserted = Edit(path=source.path, first=1, last=0, new=wanted + end)
    return Problem(
        cause=f"{source.path}: {cause}",
        evidence=(_first_line(source),),
        place=Place(path=source.path, line=1),
        advice=f"Let its first line be `{wanted}`.",
        edits=(inserted if named is None else replace_line(source, 1, wanted),),
    )


def _is_mistaken(call: ScriptCall, source: Source) -> bool:
    if source.language == "python":
        return call.how in {"source", "shell"}
    return source.language == "shell" and call.how == "python"


def _first_line(source: Source) -> Evidence:
    number = next((i for i, line in enumerate(source.lines, 1) if line.strip()), 1)
    return Evidence(text=line_at(source, number), place=Place(path=source.path, line=number))


def _listed(found: list[Source]) -> str:
    return ", ".join(each.path for each in found)
