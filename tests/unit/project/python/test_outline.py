from __future__ import annotations

from harness.project.python.outline import outline
from tests.unit.project.written import source

CODE = """\
import boto3, os.path
from lib.db import db
from . import near
class Talks(Base):
    async def list_messages(self, client, /, group='a'):
        # client.scan()
        return client.query(KeyConditionExpression=f"MSG#{group}")
app = Flask(__name__)
"""


def test_what_a_file_calls_defines_imports_and_spells_out() -> None:
    found = outline(source("a.py", CODE))
    assert found.calls == {"query", "Flask"}
    assert found.functions == (("list_messages", ("self", "client", "group")),)
    assert found.classes == ("Talks",)
    assert found.imports == {"boto3", "os.path", "lib.db", "lib.db.db", ".", ".near"}
    assert found.mentions("MSG#")
    assert not found.mentions("scan")


def test_a_file_that_python_cannot_read_tells_nearly_the_same() -> None:
    found = outline(source("a.py", CODE + "print('x'\n"))
    assert {"query", "Flask", "print"} <= found.calls
    assert found.names == {"list_messages"}
    assert found.classes == ("Talks",)
    assert {"boto3", "lib.db"} <= found.imports
    assert found.mentions("MSG#")
