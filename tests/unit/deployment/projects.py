"""Small projects that a template is made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cfnlint.api import ManualArgs, lint

from harness.config import load_config
from harness.deployment.plan import plan_deployment
from harness.deployment.template import written

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config import Config
    from harness.deployment.functions import Format

#: cfn-lint's word for code that `aws cloudformation package` still has to upload.
TO_BE_PACKAGED = "W3002"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead-letters"


def keys(hash_key: str, range_key: str | None = None) -> list[dict[str, str]]:
    found = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*found, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else found


def table(name: str = "messages", stream: str | None = "NEW_IMAGE", **more: Any) -> dict[str, Any]:
    """A definition in CreateTable's shape; attributes are those of its keys, all of type S."""
    made: dict[str, Any] = {"TableName": name, "KeySchema": keys("pk", "sk"), "BillingMode": "PAY_PER_REQUEST", **more}
    indexes = [*made.get("GlobalSecondaryIndexes", ()), *made.get("LocalSecondaryIndexes", ())]
    used = {key["AttributeName"] for each in (made, *indexes) for key in each["KeySchema"]}
    made["AttributeDefinitions"] = [{"AttributeName": each, "AttributeType": "S"} for each in sorted(used)]
    if stream:
        made["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream}
    return made


def index(name: str, hash_key: str, range_key: str | None = None, **more: Any) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": keys(hash_key, range_key), "Projection": {"ProjectionType": "ALL"}, **more}


def project(
    folder: Path, *tables: dict[str, Any], handlers: str = "", mappings: dict[str, dict[str, Any]] | None = None
) -> Config:
    """Write a project whose table is the first of these; mappings are files that the handlers may name."""
    (folder / "schema").mkdir(parents=True, exist_ok=True)
    for each in tables:
        (folder / "schema" / f"of-{each['TableName']}.json").write_text(json.dumps(each))
    for name, request in (mappings or {}).items():
        (folder / name).write_text(json.dumps(request))
    (folder / "functions").mkdir(exist_ok=True)
    (folder / "functions" / "rows.py").write_text("def handler(event, context): ...\n")
    (folder / "harness.toml").write_text(
        f'table = "{tables[0]["TableName"]}"\n[schema]\ndynamodb = "schema/*.json"\n[handlers]\n{handlers}\n'
    )
    return load_config(folder, {}, {})


def template_of(config: Config, format: Format = "sam") -> str:  # noqa: A002 - the flag's name
    return written(plan_deployment(config), format=format, beside=config.project)


def faults(text: str) -> list[str]:
    """What cfn-lint says of a template."""
    found = lint(text, config=ManualArgs(regions=["us-east-1"]))
    return [str(match) for match in found if match.rule.id != TO_BE_PACKAGED]
