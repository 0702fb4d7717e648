from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.project.settings.variable_reads import reads_of
from tests.unit.project.written import source

if TYPE_CHECKING:
    from harness.project.roles import Role


@pytest.mark.parametrize(
    ("path", "text", "reads"),
    [
        ("a.py", "import os\nx = os.getenv('A')\n", [("A", 2, None, False)]),
        ("a.py", "import os\nx = os.environ['A']\ny = os.environ.get('B', 'b')\n", [("A", 2, None, True), ("B", 3, "b", False)]),
        ("a.py", "from os import environ, getenv\nx = environ.get('A', default=5) or getenv('B', None)\n",
         [("A", 2, "5", False), ("B", 2, None, False)]),
        ("a.py", "import os\nos.environ['A'] = 'x'\nprint(os.getenv(name))\n", []),
        ("a.py", "import os\nx = os.environ.get('A', f'{b}')\n", [("A", 2, "f'{b}'", False)]),
        ("a.py", "import os\nx = (os.getenv('A')  # os.getenv('B')\n", [("A", 2, None, False)]),
        ("a.sh", "psql $A ${B:-b} ${C:?} ${D-d}\n# $E\n", [("A", 1, None, False), ("B", 1, "b", False), ("C", 1, None, True), ("D", 1, "d", False)]),
        ("a.sh", "X=$A\necho $X $HOME $1 $@ \\$B\n", [("A", 1, None, False)]),
        ("a.sh", "echo ${A##*/} ${B[0]}\n", [("A", 1, None, False), ("B", 1, None, False)]),
        ("compose.yml", "services:\n  a:\n    image: x:${TAG:-1}\n    command: $$HOME $B\n", [("TAG", 3, "1", False), ("B", 4, None, False)]),
        ("App.jsx", "fetch(`${process.env.REACT_APP_URL}/x`, process.env['B'])\n", [("REACT_APP_URL", 1, None, False), ("B", 1, None, False)]),
        ("notes.txt", "$A process.env.B\n", []),
    ],
)  # fmt: skip
def test_reads_of_any_language(path: str, text: str, reads: list[tuple[str, int, str | None, bool]]) -> None:
    roles: tuple[Role, ...] = ("compose",) if path == "compose.yml" else ()
    found = reads_of(source(path, text, *roles))
    assert [(each.name, each.place.line, each.default, each.required) for each in found] == reads
