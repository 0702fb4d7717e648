"""What a handler finds: look-up, context, environment, conversion, log."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.runtime import function as function_module
from harness.streams.runtime.configuration import FunctionConfiguration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.streams.runtime.conftest import Deploy

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def test_t34_a_result_that_json_does_not_know(deploy: Deploy) -> None:
    deployed = deploy("def handler(event, context): return {'x': {1, 2}}")
    result = deployed.invoke()
    assert result.outcome == "function_error"
    assert result.error == {
        "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
        "errorType": "Runtime.MarshalError",
        "requestId": result.request_id,
        "stackTrace": [],
    }


def test_t70_print_and_logging(deploy: Deploy) -> None:
    deployed = deploy("""
        import logging
        logger = logging.getLogger()
        def handler(event, context):
            logging.basicConfig(level=logging.INFO)
            logger.info("x")
            logger.warning("y")
            print("z")
    """)
    request_id = deployed.invoke().request_id
    start, warning, z, end, report = deployed.log
    assert start == f"START RequestId: {request_id} Version: $LATEST"
    assert re.fullmatch(rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request_id}\ty", warning)
    assert z == "z"
    assert end == f"END RequestId: {request_id}"
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: [1-9]\d* MB\tInit Duration: \d+\.\d\d ms\t",
        report,
    )


def test_t71_cold_once_and_warm_afterwards(deploy: Deploy) -> None:
    deployed = deploy("""
        import os
        count = 0
        def handler(event, context):
            global count
            count += 1
            return [count, os.getpid(), context.log_stream_name, context.aws_request_id]
    """)
    first, second = deployed.invoke(), deployed.invoke()
    assert (first.response[0], second.response[0]) == (1, 2)
    assert first.response[1:3] == second.response[1:3]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", first.response[2])
    assert [first.response[3], second.response[3]] == [first.request_id, second.request_id]
    assert first.request_id != second.request_id
    assert ["Init Duration" in line for line in deployed.log if line.startswith("REPORT")] == [True, False]


def test_t72_an_exception(deploy: Deploy) -> None:
    deployed = deploy("""
        def handler(event, context):
            image = event["dynamodb"]["NewImage"]
    """)
    result = deployed.invoke(dynamodb={})
    assert result.error is not None
    assert list(result.error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert result.error["errorMessage"] == "'NewImage'"
    assert result.error["errorType"] == "KeyError"
    assert result.error["requestId"] == result.request_id
    (frame,) = result.error["stackTrace"]
    assert frame == (
        f'  File "{deploy.folder}/app.py", line 3, in handler\n    image = event["dynamodb"]["NewImage"]\n'
    )
    (printed,) = deployed.printed
    assert printed == (
        "[ERROR] KeyError: 'NewImage'\nTraceback (most recent call last):\n"
        f'\xa0\xa0File "{deploy.folder}/app.py", line 3, in handler\n'
        '\xa0\xa0\xa0\xa0image = event["dynamodb"]["NewImage"]'
    )


def test_the_context(deploy: Deploy) -> None:
    deployed = deploy(
        """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            context.mine = 1
            context.log("logged\\n")
            return {
                "name": context.function_name, "version": context.function_version,
                "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb,
                "group": context.log_group_name, "client": context.client_context, "tenant": context.tenant_id,
                "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
                "left": left, "id": context.aws_request_id,
            }
        """,
        timeout=7,
        memory=256,
        qualifier="live",
        version="3",
        region="eu-west-1",
    )
    result = deployed.invoke()
    assert 6000 < result.response.pop("left") <= 7000
    assert result.response == {
        "name": "f",
        "version": "3",
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
        "memory": "256",
        "group": "/aws/lambda/f",
        "client": None,
        "tenant": None,
        "identity": [None, None],
        "id": result.request_id,
    }
    assert deployed.printed == ["logged"]
    assert deployed.log[0].endswith("Version: 3")


def test_the_environment_is_lambdas_and_not_the_callers(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    deployed = deploy(
        """
        import os, sys
        at_import = "_X_AMZN_TRACE_ID" in os.environ
        def handler(event, context):
            return {"env": dict(os.environ), "cwd": os.getcwd(), "path": sys.path, "at_import": at_import,
                    "stdin": sys.stdin.read()}
        """,
        variables={"TABLE_NAME": "messages"},
    )
    found = deployed.invoke().response
    assert (found["env"]["TABLE_NAME"], found["env"]["AWS_ACCESS_KEY_ID"]) == ("messages", "local")
    assert not {"AWS_PROFILE", "GITHUB_TOKEN"} & found["env"].keys()
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};.*", found["env"]["_X_AMZN_TRACE_ID"])
    assert not found["at_import"]
    assert found["cwd"] == found["path"][0] == str(deploy.folder)
    assert "" not in found["path"]
    assert found["stdin"] == ""


def test_the_event_is_fresh_and_of_jsons_types(deploy: Deploy) -> None:
    deployed = deploy("""
        def handler(event, context):
            kinds = [type(value).__name__ for value in event["values"]]
            event["values"].clear()
            return kinds
    """)
    values = [1, 1.0, "é\u2028\U0001f600", None, True, [], {}]
    event: dict[str, Any] = {"values": values}
    kinds = ["int", "float", "str", "NoneType", "bool", "list", "dict"]
    assert [deployed.function.invoke(event).response for _ in range(2)] == [kinds, kinds]


@pytest.mark.parametrize(
    ("returned", "response"),
    [
        ("None", None),
        ("(1, 'é')", [1, "é"]),
        ("__import__('decimal').Decimal('1.50')", 1.5),
        ("{'batchItemFailures': [{'itemIdentifier': '1'}]}", {"batchItemFailures": [{"itemIdentifier": "1"}]}),
        ("b'{\"a\": 1}'", {"a": 1}),
        ("b'\\xff no json'", "\ufffd no json"),
        ("b'[' * 100_000", "[" * 100_000),
    ],
)
def test_results_go_through_json(deploy: Deploy, returned: str, response: object) -> None:
    assert deploy(f"def handler(event, context): return {returned}").invoke().response == response


def test_async_handlers_are_not_awaited(deploy: Deploy) -> None:
    error = deploy("async def handler(event, context): return 1").invoke().error
    assert error is not None
    assert error["errorType"] == "Runtime.MarshalError"
    assert "coroutine" in error["errorMessage"]


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        (
            "",
            "nowhere.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'nowhere': No module named 'nowh",
        ),
        ("import nothing_such", "app.handler", "Runtime.ImportModuleError", "No module named 'nothing_such'"),
        ("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("", "sys.handler", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys"),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_init_errors(deploy: Deploy, source: str, handler: str, kind: str, message: str) -> None:
    deployed = deploy(source, handler=handler)
    for _ in range(2):
        result = deployed.invoke()
        assert result.outcome == "function_error"
        assert result.error is not None
        assert (result.error["errorType"], result.error["requestId"]) == (kind, "")
        assert message in result.error["errorMessage"]
    # The init phase and the first invocation, then each later invocation.
    assert sum(line.startswith(f"[ERROR] {kind}") for line in deployed.log) == 3
    (init_report,) = [line for line in deployed.log if line.startswith("INIT_REPORT")]
    assert init_report.endswith(f"\tPhase: init\tStatus: error\tError Type: {kind}")
    assert all(line.endswith(f"Error Type: {kind}") for line in deployed.log if line.startswith("REPORT"))


def test_an_init_error_that_is_mended_is_gone(deploy: Deploy) -> None:
    deployed = deploy("import nothing_such")
    assert not deployed.invoke().ok
    (deploy.folder / "nothing_such.py").write_text("")
    (deploy.folder / "app.py").write_text("def handler(event, context): return 'well'")
    assert deployed.invoke().response == "well"


def test_a_wrong_signature_is_the_handlers_error(deploy: Deploy) -> None:
    error = deploy("def handler(event): pass").invoke().error
    assert error is not None
    assert error["errorType"] == "TypeError"
    assert "takes 1 positional argument but 2 were given" in error["errorMessage"]


def test_a_module_in_a_folder_and_its_neighbours_are_found_from_the_task_root(deploy: Deploy) -> None:
    package = deploy.folder / "functions"
    package.mkdir()
    (deploy.folder / "shared.py").write_text("WORD = 'shared'")
    (package / "my-stream.py").write_text("import shared\ndef handler(event, context): return shared.WORD")
    assert deploy("", handler="functions/my-stream.handler").invoke().response == "shared"


def test_a_function_may_have_modules_named_like_ours(deploy: Deploy) -> None:
    for name in ("clients", "harness", "network", "simplejson"):
        (deploy.folder / f"{name}.py").write_text(f"WHO = 'the {name} of the function'")
    deployed = deploy("""
        import clients, harness, network
        def handler(event, context): return [clients.WHO, harness.WHO, network.WHO]
    """)
    assert deployed.invoke().response == [f"the {name} of the function" for name in ("clients", "harness", "network")]


def test_botocore_is_only_imported_by_who_wants_it(deploy: Deploy) -> None:
    deployed = deploy("""
        import sys
        def handler(event, context): return sorted({name.partition(".")[0] for name in sys.modules})
    """)
    assert not {"boto3", "botocore", "psutil", "psycopg", "docker"} & set(deployed.invoke().response)


def test_json_logs(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import logging
        def handler(event, context):
            logging.getLogger("mine").info("x", extra={"order": 7})
            raise ValueError("no")
        """,
        log_format="JSON",
    )
    request_id = deployed.invoke().request_id
    start, line, error, report = [json.loads(line) for line in deployed.log]
    assert (start["type"], report["type"]) == ("platform.start", "platform.report")
    assert (line["level"], line["message"], line["logger"], line["order"]) == ("INFO", "x", "mine", 7)
    assert line["requestId"] == report["record"]["requestId"] == request_id
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no")


def test_the_log_level_is_the_root_loggers(deploy: Deploy) -> None:
    source = "import logging\ndef handler(event, context): return logging.getLogger().level"
    assert deploy(source).invoke().response == 30
    assert deploy(source, log_level="DEBUG").invoke().response == 10


def test_the_interpreter_is_the_harnesss(deploy: Deploy) -> None:
    deployed = deploy(
        "import sys, os\ndef handler(event, context): return [sys.executable, os.environ['AWS_EXECUTION_ENV']]"
    )
    minor = sys.version_info.minor
    assert deployed.invoke().response == [sys.executable, f"AWS_Lambda_python3.{minor}"]


def test_without_the_runtime_client_the_way_out_is_named(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_module, "find_spec", lambda _name: None)
    with pytest.raises(EnvironmentFailure, match="awslambdaric") as failure:
        deploy("")
    assert 'isolation = "none"' in failure.value.hint


def test_a_folder_that_is_not_there_is_the_users_error(tmp_path: Path) -> None:
    configuration = FunctionConfiguration(name="f", code=tmp_path / "nowhere", handler="app.handler")
    with pytest.raises(UsageError, match="nowhere"):
        function_module.LambdaFunction(configuration, log=print)


def test_the_log_stream_is_in_the_environment(deploy: Deploy) -> None:
    deployed = deploy(
        "import os\ndef handler(e, c): return [c.log_stream_name, os.environ['AWS_LAMBDA_LOG_STREAM_NAME']]"
    )
    shown, variable = deployed.invoke().response
    assert shown == variable
    assert os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME") is None
