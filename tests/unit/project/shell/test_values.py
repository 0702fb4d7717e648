from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.project.shell.values import HOLE, ROOT, ShellValues


def possible(script: str, word: str, path: str = "bin/db/seed") -> tuple[str, ...]:
    return ShellValues(path, script).possible(word)


@pytest.mark.parametrize(
    ("script", "word", "wanted"),
    [
        ("", "db/seed.sql", "db/seed.sql"),
        ("X=db", "$X/seed.sql", "db/seed.sql"),
        ("X=db", "${X}/seed.sql", "db/seed.sql"),
        ("", "${X:-db}/seed.sql", "db/seed.sql"),
        ("", "$X/seed.sql", f"{HOLE}/seed.sql"),
        ("", "$1", HOLE),
        ("", "$(dirname $0)/../a.sql", f"{ROOT}/bin/db/../a.sql"),
        ('HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"', "$HERE/a.sql", f"{ROOT}/bin/db/a.sql"),
        ("HERE=`dirname $0`", "$HERE/a.sql", f"{ROOT}/bin/db/a.sql"),
        ("B=$(realpath $(dirname $0))\nC=$(dirname $B)\nD=$(dirname $C)", "$D/db/a.sql", f"{ROOT}/db/a.sql"),
        ("", "$(realpath .)/db/a.sql", "./db/a.sql"),
        ("", "$PWD/a.sql", "./a.sql"),
        ("", "$THEIA_WORKSPACE_ROOT/a.sql", f"{ROOT}/a.sql"),
        ("", "$(git rev-parse --show-toplevel)/a.sql", f"{ROOT}/a.sql"),
        ("", "${0%/*}/a.sql", f"{ROOT}/bin/db/a.sql"),
        ("X=a/b", "${X##*/}", HOLE),
        ("", "$(date +%F).sql", f"{HOLE}.sql"),
        ("", "$(basename db/a.sql)", "a.sql"),
    ],
)
def test_words_come_to(script: str, word: str, wanted: str) -> None:
    assert possible(script, word) == (wanted,)


def test_branches_make_several_values() -> None:
    assert possible("if x; then U=$PROD_URL; else U=$URL; fi; URL=a", "$U") == (HOLE, "a")


@pytest.mark.parametrize(
    "script",
    [
        'ARGS="$ARGS -x"\n' * 30,
        "A=$B$B$B\nB=$A$A$A\n",
        "".join(f"A{n}=$A{n + 1}$A{n + 1}$A{n + 1}$A{n + 1}\n" for n in range(30)),
        "A=$(dirname $(dirname $(dirname $A)))",
    ],
)
def test_circles_and_growing_values_end(script: str) -> None:
    assert possible(script, "$ARGS$A$A0")


def test_variables_behind_assignments_are_told() -> None:
    values = ShellValues("x", "URL=$CONNECTION_URL\nURL=${PROD_CONNECTION_URL:-x}\nPATH=$PATH:y")
    assert values.variables("$URL/$PATH") == ("PATH", "CONNECTION_URL", "PROD_CONNECTION_URL")


@given(st.text(alphabet="$(){}`'\"A=:-%/ 0\n", max_size=50), st.text(alphabet="$(){}`A:-%/*0", max_size=20))
def test_nothing_raises(script: str, word: str) -> None:
    values = ShellValues("bin/x", script)
    values.possible(word)
    values.variables(word)
