from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import Config
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint, is_loopback
from harness.engines.external import ExternalEngine, read_dsn, read_url, require_writable, with_credentials
from harness.errors import EnvironmentFailure, UsageError
from harness.service import Service

LOCAL_URL, LOCAL_DSN = "http://127.0.0.1:8000", "postgresql://u:p@127.0.0.1:5432/d"
REMOTE_DSN = "postgresql://u:s3cret@db.example.com/d"


def config(
    url: str | None = LOCAL_URL,
    dsn: str | None = LOCAL_DSN,
    *,
    allow_remote: bool = False,
    allow_remote_writes: bool = False,
) -> Config:
    project = Path("/project")
    return Config(
        project=project,
        engine="external",
        compose=project / "compose.yml",
        dynamodb_schema=(),
        postgres_schema=(),
        plan=project / "plan.toml",
        scenarios=(),
        target="",
        dynamodb_url=url,
        postgres_dsn=dsn,
        allow_remote=allow_remote,
        allow_remote_writes=allow_remote_writes,
    )


def postgres(**changes: object) -> PostgresEndpoint:
    fields = {"host": "127.0.0.1", "port": 5432, "user": "u", "password": "p", "database": "d"}
    return PostgresEndpoint(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dsn", "read_as"),
    [
        ("postgresql://u:p@127.0.0.1:5432/d", postgres()),
        ("postgres://u:p@localhost/d", postgres()),
        ("postgresql://u:p@[::1]:6000/d", postgres(host="::1", port=6000)),
        ("postgresql://u%40x:p%2F%3A@127.0.0.1/d%20e", postgres(user="u@x", password="p/:", database="d e")),
        ("postgresql://u:p@127.0.0.1/d?sslmode=require", postgres(parameters=(("sslmode", "require"),))),
        ("postgresql:///d?host=127.0.0.1&port=7&user=u&password=p", postgres(port=7)),
        ("postgresql://u@127.0.0.1", postgres(password="", database="u")),
        ("host=127.0.0.1 user=u password=p dbname=d", postgres()),
        ("host = localhost port = 7 user=u password='it\\'s \\\\ x' dbname=d", postgres(port=7, password="it's \\ x")),
        ("user=u password='' dbname=d", postgres(password="")),
        ("", postgres(user="postgres", password="", database="postgres")),
    ],
)
def test_dsn_is_read_as_libpq_does(dsn: str, read_as: PostgresEndpoint) -> None:
    assert read_dsn(dsn) == read_as


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(user=texts, password=texts, database=texts, port=st.integers(1, 65535), value=texts)
def test_dsn_of_an_endpoint_reads_back(user: str, password: str, database: str, port: int, value: str) -> None:
    endpoint = PostgresEndpoint(
        host="127.0.0.1",
        port=port,
        user=user,
        password=password,
        database=database,
        parameters=(("application_name", value),),
    )
    assert read_dsn(endpoint.dsn) == endpoint


@given(password=texts)
def test_pairs_quote_any_password(password: str) -> None:
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    assert read_dsn(f"host=127.0.0.1 user=u password='{quoted}' dbname=d").password == password


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p@a,b/d",
        "host=a,b user=u",
        "host=/var/run/postgresql user=u",
        "postgresql://u:p@127.0.0.1:x/d",
        "postgresql://u:p@127.0.0.1:99999/d",
        "host=127.0.0.1 port=x",
        "nonsense",
        "host='open",
        "host=127.0.0.1 hostaddr=192.0.2.1",
        "postgresql://u:p@127.0.0.1/d?hostaddr=192.0.2.1",
        "service=production",
    ],
)
def test_dsn_that_cannot_be_used_is_refused_without_its_password(dsn: str) -> None:
    with pytest.raises(UsageError) as failure:
        read_dsn(dsn)
    assert "u:p" not in failure.value.message
    assert "--postgres-dsn" in failure.value.hint


@pytest.mark.parametrize(
    ("url", "read_as"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://127.0.0.1:80"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
    ],
)
def test_url_of_this_machine_gets_made_up_credentials(url: str, read_as: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    assert read_url(url, "eu-west-1") == DynamoDBEndpoint(url=read_as, region="eu-west-1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:x",
        "http://u:s3cret@127.0.0.1",
        "http://127.0.0.1?x=1",
    ],
)
def test_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as failure:
        read_url(url, "us-east-1")
    assert "s3cret" not in failure.value.message
    assert "--dynamodb-url" in failure.value.hint


def test_url_of_another_machine_takes_credentials_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    found = with_credentials(read_url("https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"))
    assert (found.access_key_id, found.secret_access_key, found.session_token) == ("AKIAREAL", "real", "token")


def test_url_of_another_machine_without_credentials_says_where_they_were_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(EnvironmentFailure, match="AWS_ACCESS_KEY_ID"):
        with_credentials(read_url("https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"))


def test_remote_is_refused_before_credentials_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(UsageError, match="is not this machine"):
        ExternalEngine(config("https://dynamodb.eu-west-1.amazonaws.com", LOCAL_DSN)).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.9", "::1", "localhost"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com", "127.1", "2130706433", "::", ""]
)
def test_anything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("http://dynamodb.example.com:8000", LOCAL_DSN),
        (LOCAL_URL, REMOTE_DSN),
        ("http://127.0.0.1@192.0.2.1:8000", LOCAL_DSN),
        (LOCAL_URL, "postgresql://127.0.0.1:5432@db.example.com/d"),
        (LOCAL_URL, "postgresql://127.0.0.1/d?host=db.example.com"),
    ],
)
def test_remote_is_refused_without_leave(url: str, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    with pytest.raises(UsageError) as failure:
        ExternalEngine(config(url, dsn)).check()
    assert "s3cret" not in failure.value.message


def test_remote_is_used_with_leave() -> None:
    engine = ExternalEngine(config(dsn=REMOTE_DSN, allow_remote=True))
    assert engine.check() is None
    found = engine.start(Service(name="postgres", port=1))
    assert isinstance(found, PostgresEndpoint)
    assert found.host == "db.example.com"


@pytest.mark.parametrize(
    ("url", "dsn", "named"),
    [(None, LOCAL_DSN, "HARNESS_DYNAMODB_URL"), (LOCAL_URL, None, "HARNESS_POSTGRES_DSN"), ("", "", "and")],
)
def test_unnamed_service_is_the_reason(url: str | None, dsn: str | None, named: str) -> None:
    reason = ExternalEngine(config(url, dsn)).check()
    assert reason is not None
    assert named in reason


def remote() -> Endpoints:
    return Endpoints(
        dynamodb=DynamoDBEndpoint(url=LOCAL_URL), postgres=postgres(host="db.example.com", password="s3cret")
    )


def test_local_target_may_be_written_and_reset() -> None:
    local = Endpoints(dynamodb=DynamoDBEndpoint(url=LOCAL_URL), postgres=postgres())
    for verb in ("seed", "reset", "schema load --recreate", "down"):
        require_writable(config(), local, verb)


def test_remote_target_is_read_only_without_leave_to_write() -> None:
    with pytest.raises(UsageError, match="read-only") as failure:
        require_writable(config(allow_remote=True), remote(), "seed")
    assert "--allow-remote-writes" in failure.value.hint
    assert "s3cret" not in failure.value.message
    require_writable(config(allow_remote=True, allow_remote_writes=True), remote(), "seed")


@pytest.mark.parametrize("verb", ["reset", "schema load --recreate", "down"])
def test_remote_target_is_never_destroyed(verb: str) -> None:
    with pytest.raises(UsageError, match="never runs on a remote target"):
        require_writable(config(allow_remote=True, allow_remote_writes=True), remote(), verb)
