from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from harness.streams.runtime.configuration import Credentials, FunctionConfiguration
from harness.streams.runtime.variables import variables

CALLER = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "AWS_PROFILE": "prod",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL": "http://elsewhere",
    "GITHUB_TOKEN": "secret",
    "HTTPS_PROXY": "http://proxy:3128",
    "LANG": "de_DE.ISO-8859-1",
}


def found(caller: dict[str, str] = CALLER, **changes: Any) -> dict[str, str]:
    values: dict[str, Any] = {"name": "f", "code": Path("/code"), "handler": "app.handler"} | changes
    configuration = FunctionConfiguration(**values)
    return variables(configuration, runtime_api="127.0.0.1:9", log_stream="2026/11/22/[$LATEST]ab", caller=caller)


def test_lambdas_variables_are_there() -> None:
    assert (
        found(region="eu-west-1", memory=256).items()
        >= {
            "_HANDLER": "app.handler",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/22/[$LATEST]ab",
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "LAMBDA_TASK_ROOT": "/code",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
        }.items()
    )


def test_nothing_of_the_caller_leaks() -> None:
    inherited = {name for name, value in found().items() if CALLER.get(name) == value}
    assert inherited == {"PATH", "HOME"}
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "GITHUB_TOKEN", "HTTPS_PROXY"} & found().keys()


def test_sdks_are_led_to_the_endpoints_by_service_id() -> None:
    urls = found(endpoints={"dynamodb": "http://127.0.0.1:8000", "cognito-idp": "http://a", "sqs": "http://b"})
    assert {name: url for name, url in urls.items() if name.startswith("AWS_ENDPOINT_URL")} == {
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000",
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": "http://127.0.0.1:8000",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://a",
        "AWS_ENDPOINT_URL_SQS": "http://b",
    }


def test_the_users_variables_are_there_as_they_are() -> None:
    mine = found(variables={"TABLE_NAME": "t", "AWS_CONFIG_FILE": "config", "PATH": "/opt"})
    assert (mine["TABLE_NAME"], mine["AWS_CONFIG_FILE"], mine["PATH"]) == ("t", "config", "/opt")
    assert found()["AWS_CONFIG_FILE"] == os.devnull


def test_json_logs_begin_at_info() -> None:
    assert "AWS_LAMBDA_LOG_LEVEL" not in found()
    assert found(log_format="JSON")["AWS_LAMBDA_LOG_LEVEL"] == "INFO"
    assert found(log_format="JSON", log_level="ERROR")["AWS_LAMBDA_LOG_LEVEL"] == "ERROR"


def test_a_token_is_there_only_where_there_is_one() -> None:
    assert "AWS_SESSION_TOKEN" not in found()
    assert found(credentials=Credentials(session_token="t"))["AWS_SESSION_TOKEN"] == "t"


def test_relative_import_folders_of_the_caller_are_still_found() -> None:
    here = Path.cwd()
    assert found({"PYTHONPATH": f"src{os.pathsep}/abs"})["PYTHONPATH"] == f"{here / 'src'}{os.pathsep}/abs"
