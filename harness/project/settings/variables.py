"""Environment variables of a project: who gives them, and who reads them.

`variables_given(project)`: compose files, .env files, Dockerfiles, Gitpod and Codespaces settings, templates, `export`.
`variables_read(project)`: Python, shell, JavaScript, compose interpolation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import yaml

from harness.project.place import Place
from harness.project.settings.compose_services import compose_services
from harness.project.settings.variable_reads import Read, reads_of
from harness.project.settings.yaml_nodes import entry, line_of, pairs, parsed, scalars
from harness.project.shell.text import assignments, commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project, Source

By = Literal["compose", "dotenv", "dockerfile", "gitpod", "devcontainer", "template", "shell"]

_DOTENV_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
_DOCKER_ENV = re.compile(r"^\s*ENV\s+([A-Za-z_]\w*)[=\s]\s*(.*?)\s*$", re.IGNORECASE)
_JSON_ENTRY = re.compile(r"^\s*\"([A-Za-z_]\w*)\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A variable with the value that somebody gives it."""

    name: str
    #: Without its quotes; None where it is only handed on.
    value: str | None
    place: Place
    by: By
    #: The service, for a compose file.
    service: str = ""


def variables_given(project: Project) -> tuple[Given, ...]:
    """Return every value that a file gives a variable, by path and line."""
    sources = (source for _, source in sorted(project.sources.items()))
    return tuple(given for source in sources for given in _given(source))


def variables_read(project: Project) -> tuple[Read, ...]:
    """Return every place that reads a variable, by path and line."""
    sources = (source for _, source in sorted(project.sources.items()))
    return tuple(read for source in sources for read in reads_of(source))


def _given(source: Source) -> Iterator[Given]:
    name = source.path.rpartition("/")[2].lower()
    if "compose" in source.roles:
        for service in compose_services(source):
            for each in service.variables:
                yield Given(name=each.name, value=each.value, place=each.place, by="compose", service=service.name)
    elif "template" in source.roles and source.language == "yaml":
        yield from _of_template(source)
    elif source.language == "dotenv":
        yield from _by_line(source, _DOTENV_LINE, "dotenv")
    elif source.language == "shell":
        yield from _of_shell(source, source.text, 0, "shell")
    elif "dockerfile" in name:
        yield from _by_line(source, _DOCKER_ENV, "dockerfile")
    elif "gitpod" in name and source.language == "yaml":
        yield from _of_gitpod(source)
    elif "devcontainer" in name or ".devcontainer/" in source.path:
        yield from _by_line(source, _JSON_ENTRY, "devcontainer")


def _by_line(source: Source, pattern: re.Pattern[str], by: By) -> Iterator[Given]:
    for number, line in enumerate(source.lines, 1):
        if found := pattern.match(line):
            place = Place(path=source.path, line=number)
            yield Given(name=found.group(1), value=_unquoted(found.group(2)), place=place, by=by)


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] in "'\"":
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return re.split(r"\s+#", value)[0]


def _of_shell(source: Source, text: str, lines_before: int, by: By) -> Iterator[Given]:
    for each in assignments(text):
        if each.exported:
            yield Given(
                name=each.name, value=each.value, place=Place(path=source.path, line=lines_before + each.line), by=by
            )
    for command in commands(text):
        for word in command.words[2:] if command.words[:2] == ("gp", "env") else ():
            name, equals, value = word.partition("=")
            if equals:
                place = Place(path=source.path, line=lines_before + command.line)
                yield Given(name=name, value=value, place=place, by=by)


def _of_gitpod(source: Source) -> Iterator[Given]:
    tasks = entry(parsed(source.text), "tasks")
    for task in tasks.value if isinstance(tasks, yaml.SequenceNode) else ():
        yield from _of_mapping(source, entry(task, "env"), "gitpod")
        for key in ("before", "init", "command", "prebuild"):
            for text in scalars(entry(task, key)):
                is_block = text.style in {"|", ">"}
                yield from _of_shell(source, text.value, line_of(text) - (0 if is_block else 1), "gitpod")


def _of_template(source: Source) -> Iterator[Given]:
    todo, seen = [parsed(source.text)], set()
    while todo:
        node = todo.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield from _of_mapping(source, entry(entry(node, "Environment"), "Variables"), "template")
        if isinstance(node, yaml.SequenceNode):
            todo += reversed(node.value)
        else:
            todo += [value for _, value in pairs(node)][::-1]


def _of_mapping(source: Source, node: yaml.Node | None, by: By) -> Iterator[Given]:
    for name, value in pairs(node):
        known = value.value if isinstance(value, yaml.ScalarNode) and not str(value.tag).startswith("!") else None
        yield Given(name=name.value, value=known, place=Place(path=source.path, line=line_of(name)), by=by)
