"""No way out: where AWS clients of a handler get to, and other connections don't."""

from __future__ import annotations

import json
import socket
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from textwrap import indent
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from harness.stores.clients import make_client
from harness.streams.invocation import AwsCall
from harness.streams.runtime.configuration import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import DynamoDBEndpoint
    from tests.integration.streams.runtime.conftest import Deploy, Deployed

#: More than a function has unless asked, since boto3 is in it.
ROOMY = {"timeout": 30, "memory": 256}
ITEM = {"pk": {"S": "a"}, "bytes": {"B": "Zm9vYmFy"}}


class FakeAws:
    """A DynamoDB that knows one answer and keeps what it was asked."""

    def __init__(self) -> None:
        asked: list[tuple[str, str]] = []
        answer: dict[str, Any] = {"ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.5}}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                asked.append((self.headers["X-Amz-Target"], self.headers["Authorization"]))
                body = json.dumps(answer).encode()
                self.send_response(400 if "__type" in answer else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.asked, self.answer = asked, answer
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    with closing(FakeAws()) as fake:
        yield fake


def calling(deploy: Deploy, statements: str, **changes: Any) -> Deployed:
    source = f"import os, boto3, botocore.session\ndef handler(event, context):\n{indent(statements, '    ')}\n"
    return deploy(source, **ROOMY | changes)


HARD_CODED = "http://dynamodb.ca-central-1.amazonaws.com"
KEYS = "aws_access_key_id='AKIAREAL', aws_secret_access_key='real', aws_session_token='real'"
CONFIG = "region_name='eu-west-2', use_fips_endpoint=True, proxies={'http': 'http://192.0.2.1:3128'}"


@pytest.mark.parametrize(
    ("client", "region", "endpoint"),
    [
        ("boto3.client('dynamodb')", "us-east-1", None),
        (
            f"boto3.client('dynamodb', region_name='ca-central-1', endpoint_url='{HARD_CODED}')",
            "ca-central-1",
            HARD_CODED,
        ),
        (f"boto3.resource('dynamodb', region_name='eu-west-1', {KEYS}).meta.client", "eu-west-1", None),
        ("boto3.Session(profile_name='prod').client('dynamodb')", "us-east-1", None),
        ("botocore.session.Session().create_client('dynamodb', region_name='eu-west-3')", "eu-west-3", None),
        ("boto3.client('dynamodb', endpoint_url='http://127.0.0.1:1')", "us-east-1", "http://127.0.0.1:1"),
        (f"boto3.client('dynamodb', config=botocore.config.Config({CONFIG}))", "eu-west-2", None),
    ],
)
def test_every_client_gets_to_the_local_endpoint(
    deploy: Deploy, aws: FakeAws, client: str, region: str, endpoint: str | None
) -> None:
    (deploy.folder / "config").write_text(
        "[profile prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = real\n"
    )
    deployed = calling(
        deploy,
        f"return {client}.put_item(TableName='t', Item={{'pk': {{'S': 'a'}}}})['ResponseMetadata']['HTTPStatusCode']",
        endpoints={"dynamodb": aws.url},
        credentials=Credentials(access_key_id="localkey"),
        variables={"AWS_CONFIG_FILE": "config"},
    )
    result = deployed.invoke()
    assert result.response == 200, result
    ((target, signature),) = aws.asked
    assert target == "DynamoDB_20120810.PutItem"
    assert "Credential=localkey/" in signature
    assert "/us-east-1/dynamodb/" in signature
    (call,) = result.calls
    assert (call.service, call.operation, call.region, call.endpoint) == ("dynamodb", "PutItem", region, endpoint)


def test_a_call_is_told_with_what_it_took(deploy: Deploy, aws: FakeAws) -> None:
    deployed = calling(
        deploy,
        "table = boto3.resource('dynamodb').Table('t')\ntable.put_item(Item={'pk': 'a', 'bytes': b'foobar'})",
        endpoints={"dynamodb": aws.url},
    )
    result = deployed.invoke()
    assert result.calls == (
        AwsCall(
            service="dynamodb",
            operation="PutItem",
            parameters={"TableName": "t", "Item": ITEM, "ReturnConsumedCapacity": "INDEXES"},
            region="us-east-1",
            capacity=1.5,
        ),
    )
    assert result.ok


def test_a_refusal_is_told_by_its_code_and_raised(deploy: Deploy, aws: FakeAws) -> None:
    aws.answer.clear()
    aws.answer["__type"] = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"
    client = "boto3.client('dynamodb')"
    deployed = calling(
        deploy, f"{client}.get_item(TableName='t', Key={{'pk': {{'S': 'a'}}}})", endpoints={"dynamodb": aws.url}
    )
    result = deployed.invoke()
    assert [(call.operation, call.error, call.capacity) for call in result.calls] == [
        ("GetItem", "ResourceNotFoundException", None)
    ]
    assert result.error is not None
    assert result.error["errorType"] == "ResourceNotFoundException"


def test_nobody_there_is_told_by_the_exceptions_name(deploy: Deploy) -> None:
    deployed = calling(
        deploy,
        "from botocore.config import Config\n"
        "boto3.client('dynamodb', config=Config(retries={'total_max_attempts': 1})).list_tables()",
        endpoints={"dynamodb": f"http://127.0.0.1:{closed_port()}"},
    )
    assert [call.error for call in deployed.invoke().calls] == ["EndpointConnectionError"]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_calls_of_the_import_belong_to_the_first_invocation(deploy: Deploy, aws: FakeAws) -> None:
    deployed = deploy(
        """
        import boto3
        boto3.client("dynamodb").list_tables()
        def handler(event, context): boto3.client("dynamodb").describe_table(TableName="t")
        """,
        endpoints={"dynamodb": aws.url},
        **ROOMY,
    )
    operations = [[call.operation for call in deployed.invoke().calls] for _ in range(2)]
    assert operations == [["ListTables", "DescribeTable"], ["DescribeTable"]]


def test_calls_of_threads_and_of_an_invocation_that_fails_are_told(deploy: Deploy, aws: FakeAws) -> None:
    deployed = calling(
        deploy,
        "import concurrent.futures as futures\n"
        "client = boto3.client('dynamodb')\n"
        "with futures.ThreadPoolExecutor(8) as pool:\n"
        "    list(pool.map(lambda n: client.delete_item(TableName='t', Key={'pk': {'S': str(n)}}), range(40)))\n"
        "os._exit(1)",
        endpoints={"dynamodb": aws.url},
    )
    result = deployed.invoke()
    assert not result.ok
    assert {call.parameters["Key"]["pk"]["S"] for call in result.calls} == {str(number) for number in range(40)}


def test_calls_of_forked_children_are_told(deploy: Deploy, aws: FakeAws) -> None:
    deployed = calling(
        deploy,
        "client = boto3.client('dynamodb')\n"
        "client.list_tables()\n"
        "if os.fork() == 0:\n"
        "    client.describe_table(TableName='t')\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "client.describe_limits()",
        endpoints={"dynamodb": aws.url},
    )
    operations = [call.operation for call in deployed.invoke().calls]
    assert operations == ["ListTables", "DescribeTable", "DescribeLimits"]


def test_a_service_without_local_endpoint_fails_by_name(deploy: Deploy, aws: FakeAws) -> None:
    deployed = deploy(
        """
        import boto3
        sns = boto3.client("sns", region_name="eu-west-1")
        def handler(event, context): sns.publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:t", Message="m")
        """,
        endpoints={"dynamodb": aws.url},
        **ROOMY,
    )
    result = deployed.invoke()
    assert result.error is not None
    assert result.error["errorType"] == "NoLocalEndpoint"
    assert result.error["errorMessage"].startswith(
        "sns.Publish has no local endpoint, and was on its way to https://sns.eu-west-1.amazonaws.com. Name one under"
    )
    (call,) = result.calls
    assert (call.service, call.operation, call.error, call.region) == ("sns", "Publish", "NoLocalEndpoint", "eu-west-1")
    assert call.parameters == {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": "m"}


def test_a_service_that_the_function_has_on_this_machine_may_be_called(deploy: Deploy, aws: FakeAws) -> None:
    deployed = calling(deploy, f"boto3.client('dynamodb', endpoint_url={aws.url!r}).list_tables()")
    assert deployed.invoke().ok
    deployed = calling(
        deploy, "boto3.client('dynamodb').list_tables()", variables={"AWS_ENDPOINT_URL_DYNAMODB": aws.url}
    )
    assert deployed.invoke().ok
    assert len(aws.asked) == 2


def test_what_other_services_are_sent_is_told_without_its_content(deploy: Deploy) -> None:
    deployed = calling(
        deploy,
        "boto3.client('s3').put_object(Bucket='b', Key='k', Body=b'12345')",
        variables={"AWS_MAX_ATTEMPTS": "1"},
        endpoints={"s3": f"http://127.0.0.1:{closed_port()}"},
    )
    (call,) = deployed.invoke().calls
    assert (call.service, call.operation) == ("s3", "PutObject")
    assert call.parameters == {"Bucket": "b", "Key": "k", "Body": "<5 bytes>"}


def test_a_botocore_that_the_function_brings_is_watched_too(deploy: Deploy) -> None:
    package = deploy.folder / "botocore"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "client.py").write_text(
        "class ClientCreator:\n    def create_client(self, service_name): return service_name\n"
    )
    deployed = deploy("""
        import botocore.client
        def handler(event, context): return hasattr(botocore.client.ClientCreator.create_client, "__wrapped__")
    """)
    assert deployed.invoke().response is True


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("socket.create_connection(('192.0.2.1', 80))", "connect to 192.0.2.1:80"),
        ("socket.socket().connect_ex(('192.0.2.1', 80))", "connect to 192.0.2.1:80"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "connect to 192.0.2.1:53"),
        ("socket.create_connection(('::ffff:192.0.2.1', 80))", "connect to ::ffff:192.0.2.1:80"),
        ("urllib.request.urlopen('https://example.com/')", "look up example.com:443"),
        ("urllib.request.urlopen('http://169.254.169.254/latest')", "connect to 169.254.169.254:80"),
        ("socket.gethostbyname('example.com')", "look up example.com"),
        ("requests.get('http://example.com:8080/')", "look up example.com:8080"),
        ("asyncio.run(asyncio.open_connection('example.com', 443))", "look up example.com:443"),
        ("threaded(socket.create_connection, ('192.0.2.1', 80))", "connect to 192.0.2.1:80"),
    ],
)
def test_other_ways_out_are_refused_at_once(deploy: Deploy, statement: str, where: str) -> None:
    deployed = deploy(
        f"""
        import asyncio, concurrent.futures, requests, socket, urllib.request
        def threaded(*arguments):
            with concurrent.futures.ThreadPoolExecutor(1) as pool: return pool.submit(*arguments).result()
        def handler(event, context): {statement}
        """,
        **ROOMY | {"timeout": 5},
    )
    error = deployed.invoke().error
    assert error is not None
    assert where in error["errorMessage"]
    assert "confined = false" in error["errorMessage"]


def test_this_machine_is_open(deploy: Deploy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        deployed = deploy(f"""
            import os, socket
            def handler(event, context):
                port = {server.getsockname()[1]}
                for host in ("127.0.0.1", "localhost"): socket.create_connection((host, port)).close()
                path = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "s")
                with socket.socket(socket.AF_UNIX) as local, socket.socket(socket.AF_UNIX) as client:
                    local.bind(path); local.listen(); client.connect(path)
                return "connected"
        """)
        assert deployed.invoke().response == "connected"


def test_unconfined_nothing_is_led_or_refused_but_told(deploy: Deploy, aws: FakeAws) -> None:
    """The client goes where it wants to: here to a port where nobody is."""
    elsewhere = f"http://127.0.0.1:{closed_port()}"
    deployed = calling(
        deploy,
        "from botocore.config import Config\n"
        "import socket\n"
        "once = Config(retries={'total_max_attempts': 1})\n"
        "boto3.client('dynamodb').list_tables()\n"
        "try:\n"
        f"    boto3.client('dynamodb', endpoint_url={elsewhere!r}, config=once).list_tables()\n"
        "except botocore.exceptions.EndpointConnectionError as error: print(error)\n"
        "try: boto3.client('sns', endpoint_url='http://name.invalid', config=once).list_topics()\n"
        "except botocore.exceptions.EndpointConnectionError as error: print(error)\n"
        "with socket.socket(type=socket.SOCK_DGRAM) as datagram: datagram.connect(('192.0.2.1', 9))\n",
        endpoints={"dynamodb": aws.url},
        confined=False,
    )
    result = deployed.invoke()
    assert result.ok, result
    assert len(aws.asked) == 1
    assert [(call.service, call.error, call.endpoint) for call in result.calls] == [
        ("dynamodb", None, None),
        ("dynamodb", "EndpointConnectionError", elsewhere),
        ("sns", "EndpointConnectionError", "http://name.invalid"),
    ]


@contextmanager
def table_of(endpoint: DynamoDBEndpoint) -> Iterator[Any]:
    with closing(make_client(endpoint)) as client:
        client.create_table(
            TableName="confined",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        try:
            yield client
        finally:
            client.delete_table(TableName="confined")


@pytest.mark.parametrize("engine", ["docker", "embedded"])
def test_a_handler_with_awss_endpoint_in_its_code_writes_to_the_local_table(
    deploy: Deploy, engine: str, request: pytest.FixtureRequest
) -> None:
    endpoint: DynamoDBEndpoint = request.getfixturevalue(f"{engine}_pair").dynamodb
    deployed = deploy(
        """
        import boto3
        dynamodb = boto3.resource(
            "dynamodb", region_name="ca-central-1", endpoint_url="http://dynamodb.ca-central-1.amazonaws.com"
        )
        def handler(event, context):
            dynamodb.Table("confined").put_item(Item={"pk": "a", "bytes": b"foobar"})
        """,
        endpoints={"dynamodb": endpoint.url},
        region=endpoint.region,
        credentials=Credentials(access_key_id=endpoint.access_key_id, secret_access_key=endpoint.secret_access_key),
        **ROOMY,
    )
    with table_of(endpoint) as client:
        result = deployed.invoke()
        assert result.ok, result
        found = client.get_item(TableName="confined", Key={"pk": {"S": "a"}}, ConsistentRead=True)
        assert found["Item"] == {"pk": {"S": "a"}, "bytes": {"B": b"foobar"}}
    (call,) = result.calls
    assert (call.operation, call.parameters["Item"], call.region) == ("PutItem", ITEM, "ca-central-1")
    assert call.endpoint == "http://dynamodb.ca-central-1.amazonaws.com"
    assert call.capacity == 1.0
