"""A handler's code out of a template: used where it is there, refused with what stands in the way where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import UsageError
from harness.streams.mapping.files import read_mapping
from harness.streams.runtime.handler_code import HandlerCode

if TYPE_CHECKING:
    from pathlib import Path

HINT = "write it"
DEFAULTS = {"EventSourceArn": "arn", "FunctionName": "f"}
GLOBALS = "Globals: {Function: {Runtime: python3.12}}\n"


def code(folder: Path, *properties: str, before: str = "", kind: str = "Serverless") -> HandlerCode:
    """Write a template with one function and one mapping, and take its code."""
    own = "".join(f"      {line}\n" for line in properties)
    path = folder / "template.yaml"
    path.write_text(
        f"{before}Resources:\n  Fn:\n    Type: AWS::{kind}::Function\n    Properties:\n{own}      Timeout: 3\n"
        "  Trigger:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties: {FunctionName: !Ref Fn}\n",
        encoding="utf-8",
    )
    settings = read_mapping(path, defaults=DEFAULTS).function
    assert settings is not None
    return HandlerCode.of_template(settings, name="mover", hint=HINT)


@pytest.mark.parametrize(
    ("said", "handler", "file"),
    [
        ("CodeUri: src/", "app.handler", "src/app.py"),
        ("CodeUri: ./src", "pkg.mod.go", "src/pkg/mod.py"),
        ("CodeUri: src", "pkg/mod.go", "src/pkg/mod.py"),
        ("CodeUri: src", "whole.handler", "src/whole/__init__.py"),
        ("Description: none", "src/app.handler", "src/app.py"),
    ],
)
@pytest.mark.parametrize("runtime", ["Runtime: python3.12", "Runtime: !Ref Unknown", "MemorySize: 128"])
def test_sam_functions_file(tmp_path: Path, said: str, handler: str, file: str, runtime: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("")
    found = code(tmp_path, said, f"Handler: {handler}", runtime)
    assert (found.file, found.handler) == (tmp_path / file, handler)
    assert found.folder == (tmp_path / "src" if said.startswith("CodeUri") else tmp_path)
    assert found.reference == f"{tmp_path / file}:{handler.rpartition('.')[2]}"


def test_lambda_functions_local_code_and_what_globals_say(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    assert code(tmp_path, "Code: .", "Handler: app.handler", kind="Lambda").file == tmp_path / "app.py"
    shared = "Globals: {Function: {Runtime: python3.12, Handler: app.handler, CodeUri: .}}\n"
    assert code(tmp_path, before=shared).handler == "app.handler"


@pytest.mark.parametrize(
    ("properties", "kind", "words"),
    [
        (("Handler: app.handler", "Runtime: nodejs20.x"), "Serverless", "has the Runtime nodejs20.x, and only Python"),
        (("PackageType: Image", "ImageUri: x"), "Serverless", "is an image"),
        (("Runtime: python3.12",), "Serverless", "has no Handler"),
        (("Handler: !Ref H",), "Serverless", "has the Handler !Ref H, which is only known once the stack is deployed"),
        (("Handler: app",), "Serverless", "has the Handler 'app', which is no module.function"),
        (("Handler: app.handler", "InlineCode: pass"), "Serverless", "has its code in the template itself"),
        (("Handler: app.handler", "Code: {ZipFile: pass}"), "Lambda", "has its code in the template itself"),
        (("Handler: app.handler",), "Lambda", "has no Code"),
        (("Handler: app.handler", "CodeUri: s3://b/k"), "Serverless", "has the CodeUri s3://b/k, in a bucket"),
        (("Handler: a.h", "CodeUri: {Bucket: !Ref B, Key: k}"), "Serverless", "has the CodeUri !Ref B/k, in a bucket"),
        (("Handler: a.h", "Code: {S3Bucket: b, S3Key: k}"), "Lambda", "has the Code b/k, in a bucket"),
        (("Handler: a.h", "CodeUri: !Ref Where"), "Serverless", "has the CodeUri !Ref Where, which is only known once"),
    ],
)
def test_what_is_not_here_is_refused_with_what_was_said(
    tmp_path: Path, properties: tuple[str, ...], kind: str, words: str
) -> None:
    with pytest.raises(UsageError) as told:
        code(tmp_path, *properties, kind=kind)
    assert told.value.message.startswith(f"mover: Fn in {tmp_path / 'template.yaml'} {words}")
    assert told.value.hint == HINT


def test_a_file_that_is_not_there_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        code(tmp_path, "CodeUri: src", "Handler: pkg.app.handler", before=GLOBALS)
    assert "has the Handler pkg.app.handler, and no file for it. Looked for:" in told.value.message
    assert f"\n  - {tmp_path}/src/pkg/app.py\n  - {tmp_path}/src/pkg/app/__init__.py" in told.value.message
