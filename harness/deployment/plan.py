"""From a project to what is to be deployed: its schema files, its handlers and their mappings, and what they were seen to need."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.deployment.model import Deployment, StreamFunction
from harness.deployment.tables import left_out
from harness.errors import UsageError
from harness.schema_files import read_schema
from harness.stores.dynamodb_diff import view_type
from harness.streams.emulation import Emulation
from harness.streams.mapping import rules
from harness.streams.mapping.names import FunctionReference
from harness.streams.permissions.least import least_policy
from harness.streams.permissions.needs import function_identity, trigger_needs
from harness.streams.permissions.recorded import code_digest, recall, recorded_path
from harness.trigger import Terms, handler_code, overlaid, read_trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.schema import TableSchema
    from harness.streams.mapping.files import MappingFile
    from harness.streams.mapping.model import EventSourceMapping

#: What Lambda runs where neither the project's own template nor `--runtime` says another.
RUNTIME = "python3.13"
#: Stands for the label that a stream gets when it is switched on.
_LABEL = "2000-01-01T00:00:00.000"
_THIS_MACHINE = re.compile(r"\b(127\.0\.0\.\d+|localhost|host\.docker\.internal|0\.0\.0\.0)\b|\[::1\]")


def plan_deployment(config: Config, *, runtime: str | None = None) -> Deployment:
    """Return the tables of the schema files, and the functions of [handlers]; needs no engine.

    Raises UsageError for schema files, mappings and handlers that can't be used, and for two handlers of one function name.
    """
    tables = read_schema(replace(config, postgres_schema=())).tables
    notes = [
        f"table {table.name}: {', '.join(missing)} of {table.source.name} is left out: write it into the template by hand"
        for table in tables
        if (missing := left_out(table))
    ]
    table = next((each for each in tables if each.name == config.table), None)
    if (reason := _no_stream(config, table)) is not None:
        return Deployment(tables=tables, notes=(*notes, *([reason] if config.handlers else [])))
    functions = []
    for name in config.handlers:
        function, local = _function(config, name, runtime)
        functions.append(function)
        notes += [_changed(function)] if function.changed else []
        notes += [f"{name}: {key} names this machine ({text}) and is left out" for key, text in local.items()]
    _refuse_twice(functions)
    return Deployment(tables=tables, functions=tuple(functions), notes=tuple(notes))


def _no_stream(config: Config, table: TableSchema | None) -> str | None:
    names = ", ".join(config.handlers)
    if table is None:
        return f"no schema file describes {config.table}: no function for {names}"
    if view_type(table.definition) == "off":
        return f"table {table.name} has no StreamSpecification: no function for {names}"
    return None


def _function(config: Config, name: str, runtime: str | None) -> tuple[StreamFunction, dict[str, str]]:
    """Return a handler as a function, and the variables that only this machine has a use for."""
    account = Emulation().account
    arn = f"arn:aws:dynamodb:{config.region}:{account}:table/{config.table}/stream/{_LABEL}"
    file, mapping = read_trigger(config, name, stream_arn=arn, terms=Terms())
    reference = FunctionReference.of(mapping.function_name, region=config.region, account=account)
    code, said = handler_code(config, name, file), overlaid(config.handlers[name], file)
    if not code.file.is_file():
        raise UsageError(
            f"handler {name}: there is no file {code.file}", hint=f"correct [handlers] {name} in harness.toml"
        )
    identity = function_identity(mapping)
    recorded = recall(recorded_path(config.state_folder, name))
    needs = [*trigger_needs(mapping, arn, reference.name), *(recorded.placed(identity) if recorded else ())]
    local = {key: text for key, text in said.environment.items() if _THIS_MACHINE.search(text)}
    kept = {key: text for key, text in said.environment.items() if key not in local}
    return StreamFunction(
        handler_name=name,
        name=reference.name,
        qualifier=_qualifier(name, reference.qualifier),
        table=config.table,
        handler=code.handler,
        code=code.folder,
        runtime=runtime or (file.function and file.function.runtime) or RUNTIME,
        timeout=said.timeout,
        memory=said.memory,
        environment={"DDB_MESSAGE_TABLE": config.table, **kept},
        mapping=mapping,
        stated=dict(_stated(file, mapping)),
        policy=least_policy((), needs, identity=identity),
        identity=identity,
        recorded=recorded is not None,
        changed=recorded is not None and recorded.code != code_digest(code.file),
    ), local


def _changed(function: StreamFunction) -> str:
    return (
        f"{function.handler_name}: its code has changed since its calls were recorded: "
        f"`harness stream policy {function.handler_name}` records them anew"
    )


def _stated(file: MappingFile, mapping: EventSourceMapping) -> Iterator[tuple[str, Any]]:
    """Yield the parameters that the project says something in, as the API would be asked for them."""
    for key, value in rules.request_of(mapping).items():
        nested = list(value.values()) if isinstance(value, dict) and key != "Tags" else [value]
        said = file.request.get(key) is not None and any(part not in ([], {}, None) for part in nested)
        if said and key not in {"EventSourceArn", "FunctionName"}:
            yield key, value


def _qualifier(name: str, said: str | None) -> str | None:
    if said is not None and said.isdigit():
        raise UsageError(
            f"handler {name}: its mapping names version {said} of the function, and a template that makes the "
            "function can't know its versions",
            hint="name an alias in the mapping's FunctionName, such as `function:live`, or the function alone",
        )
    return said


def _refuse_twice(functions: list[StreamFunction]) -> None:
    seen: dict[str, str] = {}
    for function in functions:
        if (other := seen.setdefault(function.name, function.handler_name)) != function.handler_name:
            raise UsageError(
                f"handlers {other} and {function.handler_name} are both the function {function.name}",
                hint="give one another FunctionName in its mapping",
            )
