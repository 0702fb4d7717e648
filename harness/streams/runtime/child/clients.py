"""Leads the function's AWS clients to the local engine and tells what they ask, however they are made.

botocore is not imported here: only a function that imports it pays for it, and a function may bring its own.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.streams.runtime.child.imports import after_import
from harness.streams.runtime.child.network import is_here
from harness.streams.runtime.child.parameters import IN_DYNAMODB_JSON, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

#: DynamoDB's operations that tell their capacity when asked.
_MEASURED = frozenset(
    {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
_ADVICE = (
    'Name one under endpoints in the function\'s table of harness.toml: {service} = "http://127.0.0.1:…"; '
    "or let the function out: confined = false, or --unconfined"
)


class NoLocalEndpoint(RuntimeError):
    """A confined function called a service that nothing stands in for."""


def watch_clients(
    settings: Mapping[str, Any],
    tell: Callable[[dict[str, Any]], None],
    *,
    measure: bool = True,
    answers: Sequence[str] = (),
) -> None:
    """Lead and watch every client that is made from now on. `settings` as in `bootstrap.py`.

    There, `advice` may replace what the error says that stops a call on its way out. `measure` asks DynamoDB for the
    capacity of calls whose caller didn't. `answers` names what is told of an answer, as `answer`, where it has it.
    """

    def change(module: ModuleType) -> None:
        _patch(module, settings, tell, measure=measure, answers=answers)

    after_import("botocore.client", change)
    if (loaded := sys.modules.get("botocore.client")) is not None:
        change(loaded)


def _patch(
    module: ModuleType,
    settings: Mapping[str, Any],
    tell: Callable[[dict[str, Any]], None],
    *,
    measure: bool,
    answers: Sequence[str],
) -> None:
    """Change the one place where every client of every session comes from."""
    original = module.ClientCreator.create_client
    signature = inspect.signature(original)

    @functools.wraps(original)
    def create_client(*positional: Any, **named: Any) -> Any:
        call = signature.bind(*positional, **named)
        asked = dict(call.arguments)
        service = asked["service_name"]
        url = settings["services"].get(service)
        if settings["confined"] and url is not None:
            call.arguments.update(_locally(settings, url, asked.get("client_config")))
        client = original(*call.args, **call.kwargs)
        watch = _Watch(service, asked.get("region_name"), asked.get("endpoint_url"), tell, answers)
        watch.attach(client.meta.events, measure=measure)
        if settings["confined"] and url is None and not _is_reachable(client.meta.endpoint_url, settings["hosts"]):
            advice = settings.get("advice", _ADVICE).format(service=service)
            refuse = functools.partial(watch.refuse, client.meta.endpoint_url, advice)
            client.meta.events.register_last("before-call", refuse)
        return client

    module.ClientCreator.create_client = create_client


def _locally(settings: Mapping[str, Any], url: str, config: Any) -> dict[str, Any]:
    """Return what replaces the caller's arguments: DynamoDB Local keeps a database for each key and region."""
    local = sys.modules["botocore.config"].Config(
        proxies={}, inject_host_prefix=False, use_dualstack_endpoint=False, use_fips_endpoint=False
    )
    return {
        "region_name": settings["region"],
        "endpoint_url": url,
        "credentials": sys.modules["botocore.credentials"].Credentials(*settings["credentials"]),
        "client_config": local if config is None else config.merge(local),
    }


def _is_reachable(url: str, hosts: Sequence[str]) -> bool:
    host = urlsplit(url).hostname or ""
    return is_here(host) or host in hosts


class _Watch:
    """Hears one client's requests."""

    def __init__(
        self,
        service: str,
        region: str | None,
        endpoint: str | None,
        tell: Callable[[dict[str, Any]], None],
        answers: Sequence[str],
    ) -> None:
        self._service, self._region, self._endpoint = service, region, endpoint
        self._tell, self._answers = tell, answers

    def attach(self, events: Any, *, measure: bool) -> None:
        if measure:
            events.register("before-parameter-build", self._ask_capacity)
        if self._service in IN_DYNAMODB_JSON:
            events.register_first("before-call", self._remember_sent)
        else:
            events.register_first("provide-client-params", self._remember_given)
        events.register("after-call", self._answered)
        events.register("after-call-error", self._failed)

    def refuse(self, url: str, advice: str, *, model: Any, context: dict[str, Any], **_: Any) -> None:
        """Stop a call that would leave this machine."""
        self._heard(model.name, context, error=NoLocalEndpoint.__name__)
        raise NoLocalEndpoint(
            f"{self._service}.{model.name} has no local endpoint, and was on its way to {url}. {advice}"
        )

    def _ask_capacity(self, *, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Ask for the capacity where the caller didn't; `params` is botocore's own copy."""
        if self._service == "dynamodb" and model.name in _MEASURED:
            params.setdefault("ReturnConsumedCapacity", "INDEXES")

    def _remember_sent(self, *, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["harness_parameters"] = json.loads(params["body"])

    def _remember_given(self, *, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["harness_parameters"] = as_json(params)

    def _answered(self, *, parsed: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        answer = parsed if isinstance(parsed, dict) else {}
        error = answer.get("Error", {}).get("Code")
        capacity = _consumed(answer) if self._service == "dynamodb" else None
        self._heard(model.name, context, error=error, capacity=capacity, answer=answer)

    def _failed(self, *, exception: Exception, context: dict[str, Any], event_name: str, **_: Any) -> None:
        self._heard(event_name.rpartition(".")[2], context, error=type(exception).__name__)

    def _heard(
        self,
        operation: str,
        context: Mapping[str, Any],
        *,
        error: str | None,
        capacity: float | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        told = {name: as_json(answer[name]) for name in self._answers if answer and name in answer}
        self._tell(
            {
                "service": self._service,
                "operation": operation,
                "parameters": context.get("harness_parameters", {}),
                "region": self._region or "",
                "endpoint": self._endpoint,
                "capacity": capacity,
                "error": error,
                **({"answer": told} if self._answers else {}),
            }
        )


def _consumed(answer: Mapping[str, Any]) -> float | None:
    """Sum CapacityUnits over an answer's tables (indexes included); None where there is no word of it."""
    told = answer.get("ConsumedCapacity")
    if not told:
        return None
    entries = told if isinstance(told, list) else [told]
    return float(sum(entry.get("CapacityUnits", 0.0) for entry in entries))
