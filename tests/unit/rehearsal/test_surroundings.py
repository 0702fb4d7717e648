from __future__ import annotations

from harness.rehearsal.surroundings import DEFAULT_LOGIN, Login, surroundings
from tests.unit.rehearsal.sources import project, source

COMPOSE = """
services:
  backend-flask:
    environment:
      CONNECTION_URL: "${PROD_CONNECTION_URL}"
      DDB_MESSAGE_TABLE: crud-messages
      AWS_PROFILE: work
      AWS_COGNITO_USER_POOL_ID: us-east-1_abc
  dynamodb-local:
    image: amazon/dynamodb-local
    ports: ["8001:8001"]
  db:
    image: postgres:13
"""


def test_nothing_told_is_the_family() -> None:
    around = surroundings(project())
    assert around.logins == (DEFAULT_LOGIN,)
    assert (around.postgres_ports, around.dynamodb_ports) == (frozenset({5432}), frozenset({8000}))
    assert (around.names, around.variables, around.profiles) == (frozenset(), {}, ())


def test_hosts_of_compose_and_urls_are_names_for_here() -> None:
    around = surroundings(
        project(
            source("docker-compose.yml", COMPOSE, "compose"),
            source(
                ".env",
                "export PROD_CONNECTION_URL='postgresql://root:s%40cret@x.rds.amazonaws.com:5433/shop'\n",
                "environment",
            ),
            source("a.py", 'import boto3\nboto3.client("dynamodb", endpoint_url="http://localhost:8000")\n'),
        )
    )
    assert {"db", "dynamodb-local", "x.rds.amazonaws.com"} <= around.names
    assert "localhost" not in around.names
    assert (around.postgres_ports, around.dynamodb_ports) == (frozenset({5432, 5433}), frozenset({8000, 8001}))
    assert around.logins == (DEFAULT_LOGIN, Login(user="root", password="s@cret", database="shop"))
    assert around.url_variables == {"PROD_CONNECTION_URL"}
    assert around.variables == {"DDB_MESSAGE_TABLE": "crud-messages", "AWS_COGNITO_USER_POOL_ID": "us-east-1_abc"}


def test_a_variable_that_is_read_for_a_url_holds_one() -> None:
    around = surroundings(project(source("db.py", 'import os\nurl = os.environ["DATABASE_URL"]\nx = os.getenv("X")\n')))
    assert around.url_variables == {"DATABASE_URL"}


def test_the_local_login_goes_first() -> None:
    text = "A=postgresql://root:x@h/prod\nB=postgresql://postgres:password@db:5432/mine\n"
    around = surroundings(project(source(".env", text, "environment")))
    assert [login.database for login in around.logins] == ["mine", "prod", "cruddur"]


def test_a_table_that_is_read_from_the_environment_is_the_default_or_the_one_that_is_made() -> None:
    schema = source(
        "bin/ddb/schema-load",
        "import boto3\nclient = boto3.client('dynamodb')\nclient.create_table(TableName='mine', KeySchema=["
        "{'AttributeName': 'pk', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])\n",
        "table-schema",
    )
    code = source("s.py", 'import os\na = os.environ["DDB_TABLE"]\nb = os.getenv("OTHER_TABLE", "other")\n')
    assert surroundings(project(schema, code)).variables == {"DDB_TABLE": "mine", "OTHER_TABLE": "other"}
    assert surroundings(project(code)).variables["DDB_TABLE"] == "cruddur-messages"


def test_the_region_is_one_that_nobody_names() -> None:
    assert surroundings(project(source("a.py", 'x = ("us-east-1", "eu-west-1")\n'))).region == "us-west-2"


def test_profiles_that_are_asked_for() -> None:
    some = project(
        source("a.py", "import boto3\nboto3.Session(profile_name='dev')\n"), source("b.sh", "aws --profile x s3")
    )
    assert surroundings(some).profiles == ("dev", "x")


def test_variables_that_change_how_programs_start_are_not_taken() -> None:
    text = "PATH=/tmp\nPYTHONPATH=/x\nLD_PRELOAD=/x.so\nHARNESS_GUEST=x\nPGHOST=db\nAWS_PROFILE=p\nFINE=1 # yes\n"
    assert surroundings(project(source(".env", text, "environment"))).variables == {"FINE": "1"}
