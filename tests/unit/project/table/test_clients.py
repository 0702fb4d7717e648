from __future__ import annotations

import pytest

from harness.project.table.clients import TableClient, table_clients
from tests.unit.project.written import source


def client(code: str) -> TableClient:
    [found] = table_clients(source("bin/ddb/seed.py", f"import boto3\n{code}"))
    return found


@pytest.mark.parametrize(
    ("code", "endpoint", "region"),
    [
        ("boto3.client('dynamodb', endpoint_url='http://localhost:8000', region_name='ca')", "http://localhost:8000", "ca"),
        ("URL = 'http://localhost:8000'\nboto3.resource('dynamodb', endpoint_url=URL)", "http://localhost:8000", None),
        ("attrs = {'endpoint_url': 'http://localhost:8000'}\nboto3.client('dynamodb', **attrs)", "http://localhost:8000", None),
        ("attrs = {}\nattrs['endpoint_url'] = 'http://a:8000'\nboto3.client('dynamodb', **attrs)", "http://a:8000", None),
        ("boto3.Session(profile_name='me').client(service_name='dynamodb')", None, None),
        ("import os\nboto3.client('dynamodb', endpoint_url=os.getenv('X'))", None, None),
        ("boto3.client('dynamodb', endpoint_url=f'http://{host}:8000')", None, None),
    ],
)  # fmt: skip
def test_endpoint_and_region_as_they_are_written(code: str, endpoint: str | None, region: str | None) -> None:
    found = client(code)
    assert (found.endpoint, found.region) == (endpoint, region)


def test_profile_and_port() -> None:
    assert client("boto3.Session(profile_name='me').client('dynamodb')").profile == "me"
    assert client("boto3.client('dynamodb', endpoint_url='http://localhost:8001/')").local_port == 8001
    assert client("boto3.client('dynamodb', endpoint_url='http://dynamodb-local')").local_port == 80
    assert (
        client("boto3.client('dynamodb', endpoint_url='https://dynamodb.eu-west-1.amazonaws.com')").local_port is None
    )
    assert client("boto3.client('dynamodb')").has_endpoint is False


def test_other_clients_are_none() -> None:
    assert table_clients(source("a.py", "boto3.client('s3')  # not dynamodb")) == ()
    assert table_clients(source("a.sh", "aws dynamodb")) == ()
    assert table_clients(source("a.py", "boto3.client('dynamodb'")) == ()


def test_a_profile_of_the_default_session() -> None:
    assert client("boto3.setup_default_session(profile_name='me')\nboto3.client('dynamodb')").profile == "me"
    assert client("boto3.setup_default_session()\nboto3.client('dynamodb')").profile is None
