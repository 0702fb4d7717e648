"""The environment variables that a function's process gets: Lambda's, ours, the user's, and few of the caller's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.runtime.configuration import FunctionConfiguration

#: What Python and the system need. Everything else of the caller stays outside: AWS_* above all.
_INHERITED = (
    "HOME",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "VIRTUAL_ENV",
)
#: SDKs name variables by service id (AWS SDKs and Tools reference, "Service-specific endpoints").
_SERVICE_IDS = {
    "cognito-idp": "COGNITO_IDENTITY_PROVIDER",
    "dynamodbstreams": "DYNAMODB_STREAMS",
    "events": "EVENTBRIDGE",
    "logs": "CLOUDWATCH_LOGS",
    "secretsmanager": "SECRETS_MANAGER",
    "stepfunctions": "SFN",
}


def variables(
    configuration: FunctionConfiguration, *, runtime_api: str, log_stream: str, caller: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return all variables. `runtime_api` is `host:port`."""
    inherited = {name: caller[name] for name in _INHERITED if name in caller}
    if "PYTHONPATH" in inherited:  # the function starts in another folder
        folders = inherited["PYTHONPATH"].split(os.pathsep)
        inherited["PYTHONPATH"] = os.pathsep.join(str(Path(folder).absolute()) for folder in folders)
    return {
        "LANG": "C.UTF-8",
        **inherited,
        **_elsewhere_nothing(configuration),
        **configuration.variables,
        **_of_lambda(configuration, runtime_api, log_stream),
    }


def _of_lambda(configuration: FunctionConfiguration, runtime_api: str, log_stream: str) -> dict[str, str]:
    credentials, root = configuration.credentials, str(configuration.code.absolute())
    found = {
        "_HANDLER": configuration.handler,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_DEFAULT_REGION": configuration.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration.memory),
        "AWS_LAMBDA_FUNCTION_NAME": configuration.name,
        "AWS_LAMBDA_FUNCTION_VERSION": configuration.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": configuration.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": configuration.region,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": root,
        "PYTHONUNBUFFERED": "1",
        # /var/task can't be written on Lambda; and an edit within a second would run the code from before it.
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": ":UTC",
    }
    if credentials.session_token:
        found["AWS_SESSION_TOKEN"] = credentials.session_token
    level = configuration.log_level or ("INFO" if configuration.log_format == "JSON" else None)
    if level:
        found["AWS_LAMBDA_LOG_LEVEL"] = level
    return found


def _elsewhere_nothing(configuration: FunctionConfiguration) -> dict[str, str]:
    """Lead SDKs to the local endpoints, and away from the machine's own profiles and metadata service."""
    urls = {
        f"AWS_ENDPOINT_URL_{_SERVICE_IDS.get(service, service.upper().replace('-', '_'))}": url
        for service, url in configuration.services.items()
    }
    return urls | {
        # Newer SDKs would put the account id into the host name.
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
