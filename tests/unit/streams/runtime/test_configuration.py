from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.streams.runtime.configuration import Credentials, FunctionConfiguration
from harness.streams.runtime.handler_code import HandlerCode


def configured(**changes: object) -> FunctionConfiguration:
    values: dict[str, object] = {"name": "f", "code": Path("/code"), "handler": "app.handler"} | changes
    return FunctionConfiguration(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reference", "code", "handler"),
    [
        ("scenarios/handlers/stream.py:handler", "/p/scenarios/handlers", "stream.handler"),
        ("app.py:lambda_handler", "/p", "app.lambda_handler"),
        ("/elsewhere/my-code.v2.py:f", "/elsewhere", "my-code.v2.f"),
    ],
)
def test_a_reference_makes_the_files_folder_the_task_root(reference: str, code: str, handler: str) -> None:
    found = HandlerCode.of_reference(reference, project=Path("/p"), name="f")
    assert (found.folder, found.handler) == (Path(code), handler)


@pytest.mark.parametrize("reference", ["app.handler", "app.py", "app.py:", ":handler", "app.txt:handler", ""])
def test_other_references_are_refused_with_what_to_write(reference: str) -> None:
    with pytest.raises(UsageError, match=r"path/to/file\.py:function"):
        HandlerCode.of_reference(reference, project=Path("/p"), name="f")


def test_the_arn_carries_the_qualifier() -> None:
    assert configured(region="eu-west-1").arn == "arn:aws:lambda:eu-west-1:123456789012:function:f"
    assert configured(qualifier="live").arn == "arn:aws:lambda:us-east-1:123456789012:function:f:live"


def test_streams_are_where_dynamodb_is_unless_told_otherwise() -> None:
    assert configured(endpoints={"dynamodb": "http://a"}).services["dynamodbstreams"] == "http://a"
    both = {"dynamodb": "http://a", "dynamodbstreams": "http://b"}
    assert configured(endpoints=both).services == both
    assert configured(endpoints={"sqs": "http://a"}).services == {"sqs": "http://a"}


def test_hosts_elsewhere_are_those_of_endpoints_and_the_named() -> None:
    endpoints = {"dynamodb": "http://127.0.0.1:8000", "sqs": "http://queue.internal:1", "sns": "http://localhost:1"}
    assert configured(endpoints=endpoints, reachable=("db.internal",)).hosts == ("db.internal", "queue.internal")


@pytest.mark.parametrize(("what", "value"), [("timeout", 0), ("timeout", 901), ("memory", 127), ("memory", 10241)])
def test_limits_are_lambdas(what: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"{what} {value} is not between"):
        configured(**{what: value})


def test_variables_have_a_limit_and_reserved_names() -> None:
    configured(variables={"A": "x" * 4095})
    with pytest.raises(UsageError, match="take 4097 bytes"):
        configured(variables={"A": "x" * 4094 + "é"})
    with pytest.raises(UsageError, match="AWS_REGION, _HANDLER"):
        configured(variables={"_HANDLER": "x", "AWS_REGION": "x", "MINE": "x"})


def test_secrets_stay_out_of_the_repr() -> None:
    shown = repr(configured(credentials=Credentials(secret_access_key="s3cret", session_token="t0ken")))
    assert "s3cret" not in shown
    assert "t0ken" not in shown


def test_another_python_is_worth_a_warning_and_another_language_an_error() -> None:
    here = f"python3.{sys.version_info.minor}"
    assert configured().warning is None
    assert configured(runtime=here).warning is None
    assert configured(runtime="python3.8").warning == (
        f"f is deployed on python3.8 and runs here on {here}, the harness's own"
    )
    with pytest.raises(UsageError, match=r"nodejs22\.x"):
        configured(runtime="nodejs22.x")
