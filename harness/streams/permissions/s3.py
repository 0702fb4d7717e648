"""Calls of S3 and the actions that they need; many have an action of another name.

Source: the permissions that the Amazon S3 API reference names with each operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.streams.permissions.permission import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.streams.permissions.permission import Permission, Request

_ON_BUCKET = {"ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket"} | {
    "GetBucketLocation": "GetBucketLocation",
    "CreateBucket": "CreateBucket",
    "DeleteBucket": "DeleteBucket",
}
_ON_OBJECT = {
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "PutObject": "PutObject",
    "DeleteObject": "DeleteObject",
    "GetObjectTagging": "GetObjectTagging",
    "PutObjectTagging": "PutObjectTagging",
}
#: By the parts of the developer guide's page on multipart uploads; the API reference names no action with them.
_MULTIPART = {
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "ListParts": "ListMultipartUploadParts",
}
#: Actions that become another one when a call names a version.
_VERSIONED = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}


def s3_needs(request: Request) -> Iterator[Permission]:
    """Yield what a call of S3 needs."""
    operation, bucket = request.operation, request.text("Bucket")
    if operation == "ListBuckets":
        yield request.need("s3:ListAllMyBuckets", ANY)
    elif not bucket:
        yield request.need(f"s3:{operation}", ANY, verified=False)
    elif operation in _ON_BUCKET:
        yield request.need(f"s3:{_ON_BUCKET[operation]}", _bucket(request, bucket))
    elif operation in {"CopyObject", "UploadPartCopy"}:
        yield from _copy(request, bucket)
    elif operation == "DeleteObjects":
        yield from _delete(request, bucket)
    elif action := _ON_OBJECT.get(operation) or _MULTIPART.get(operation):
        version = _VERSIONED.get(action) if request.text("VersionId") else None
        yield _object(request, version or action, bucket, request.text("Key"), verified=operation in _ON_OBJECT)
    else:
        yield request.need(f"s3:{operation}", _bucket(request, bucket), verified=False)


def _bucket(request: Request, bucket: str) -> str:
    return bucket if bucket.startswith("arn:") else f"arn:{request.identity.partition}:s3:::{bucket}"


def _object(request: Request, action: str, bucket: str, key: str, *, verified: bool = True) -> Permission:
    """Keys are many and made from data, so a policy names the bucket's objects."""
    arn = _bucket(request, bucket)
    return request.need(f"s3:{action}", f"{arn}/{key}", grant=f"{arn}/*", verified=verified)


def _copy(request: Request, bucket: str) -> Iterator[Permission]:
    source: Any = request.parameters.get("CopySource")
    if isinstance(source, str):
        path, _, version = source.lstrip("/").partition("?versionId=")
        from_bucket, _, key = path.partition("/")
    else:
        described = source if isinstance(source, dict) else {}
        from_bucket, key, version = (str(described.get(name) or "") for name in ("Bucket", "Key", "VersionId"))
    verified = request.operation == "CopyObject"
    if from_bucket:
        yield _object(request, "GetObjectVersion" if version else "GetObject", from_bucket, key, verified=verified)
    yield _object(request, "PutObject", bucket, request.text("Key"), verified=verified)


def _delete(request: Request, bucket: str) -> Iterator[Permission]:
    described = request.parameters.get("Delete")
    entries = described.get("Objects") if isinstance(described, dict) else None
    for entry in entries or []:
        if isinstance(entry, dict):
            action = "DeleteObjectVersion" if entry.get("VersionId") else "DeleteObject"
            yield _object(request, action, bucket, str(entry.get("Key") or ""))
