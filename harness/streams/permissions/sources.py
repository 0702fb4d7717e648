"""The policies to check, read from files: policy documents, a folder of them, or a template's role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.schema_files.documents import read_document
from harness.spelling import did_you_mean
from harness.streams.permissions.policy import Policy, parse_policy
from harness.streams.permissions.resolve import Template
from harness.streams.permissions.role import RoleReader

if TYPE_CHECKING:
    from pathlib import Path

    from harness.schema_files.documents import Document
    from harness.streams.permissions.permission import Identity

_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
#: How the AWS CLI wraps a document in its answers: get-role-policy, get-policy-version.
_WRAPPERS = (("PolicyDocument",), ("PolicyVersion", "Document"), ("Document",))


def read_policies(path: Path, *, identity: Identity, function: str | None = None) -> tuple[Policy, ...]:
    """Read what a role may do.

    `path` is a policy document (as IAM takes it, or as the AWS CLI shows it), a folder of such `.json` files that together
    make the role, or a CloudFormation/SAM template in JSON or YAML; `function` then says whose role, by logical id or name,
    where the template has more than one function.

    Raises:
        UsageError: what is there is not that, or the template has no such function.
        EnvironmentFailure: a file can't be read.

    """
    if path.is_dir():
        files = sorted(path.glob("*.json"))
        if not files:
            raise UsageError(f"{path}: no .json file in this folder", hint="name a policy document or a template")
        return tuple(_document_policy(read_document(file)) for file in files)
    document = read_document(path)
    if "Resources" in document.data:
        return _of_template(document, identity, function)
    return (_document_policy(document),)


def accounts_named(policies: tuple[Policy, ...]) -> tuple[str, ...]:
    """Return the accounts that the policies' ARNs name: with just one, it is most likely where the role lives."""
    named = {
        parts[4]
        for policy in policies
        for statement in policy.statements
        for parts in (resource.split(":", 5) for resource in statement.resources)
        if len(parts) == 6 and parts[4].isdigit()  # noqa: PLR2004 - arn:partition:service:region:account:resource
    }
    return tuple(sorted(named))


def _document_policy(document: Document) -> Policy:
    data: Any = document.data
    if "Statement" not in data:
        for wrapper in _WRAPPERS:
            inner: Any = data
            for key in wrapper:
                inner = inner.get(key) if isinstance(inner, dict) else None
            data = inner if isinstance(inner, dict) and "Statement" in inner else data
    if "AssumeRolePolicyDocument" in data or "Statement" not in data:
        raise document.wrong(
            f"neither a policy document (no Statement) nor a template (no Resources); found {', '.join(map(str, data))}",
            hint="aws iam get-role-policy --role-name ROLE --policy-name POLICY shows a role's policy",
        )
    return parse_policy(data, name=document.path.name, where=str(document.path))


def _of_template(document: Document, identity: Identity, function: str | None) -> tuple[Policy, ...]:
    template = Template(data=document.data, identity=identity)
    reader = RoleReader(template=template, file=str(document.path))
    resources = document.data["Resources"]
    if not isinstance(resources, dict):
        raise document.wrong("Resources is not an object", near="Resources", hint=f"correct {document.path.name}")
    functions = [name for name in resources if template.resource(name).get("Type") in _FUNCTIONS]
    roles = [name for name in resources if template.resource(name).get("Type") == "AWS::IAM::Role"]
    if function is None and not functions and len(roles) == 1:
        return tuple(reader.of_role(roles[0]))
    if function in roles:
        return tuple(reader.of_role(str(function)))
    chosen = [name for name in functions if function in {None, name, template.name(name)}]
    if len(chosen) == 1:
        return tuple(reader.of_function(chosen[0]))
    known = ", ".join(functions) or "none"
    if function is None:
        raise document.wrong(f"which function's role? The template has: {known}", hint="name one of them")
    raise document.wrong(
        f"no function {function!r}; the template has: {known}",
        hint=did_you_mean(function, functions, otherwise="name one that the template has, by its logical id or name"),
    )
