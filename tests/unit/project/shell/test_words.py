from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.project.shell.words import Operator, Word, pieces

_SHELL = st.lists(
    st.sampled_from([*"'\"$`\\;|&(){}<>#=ab \n\t", "$(", "<<A\n", "\nA\n", "<<<", "&&", "${", "$(dirname $0)", "é"])
).map("".join)


def words(text: str) -> list[str]:
    return [each.value for each in pieces(text) if isinstance(each, Word)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("psql  -f\ta.sql", ["psql", "-f", "a.sql"]),
        ("echo 'a b'\"c d\"e\\ f", ["echo", "a bc de f"]),
        ('echo "a \\"b\\" \\n $X"', ["echo", 'a "b" \\n $X']),
        ("echo a#b # c", ["echo", "a#b"]),
        ("psql \\\n  -c x \\\r\n -t", ["psql", "-c", "x", "-t"]),
        ("a='x'\"$Y\"${Z:-w v}", ["a=x$Y${Z:-w v}"]),
        ('X="$(dirname "$0")/db"', ['X=$(dirname "$0")/db']),
        ('X=$(echo "it\'s") Y=b', ['X=$(echo "it\'s")', "Y=b"]),
        ("X=$(echo ')' \\) $(pwd)) Y", ["X=$(echo ')' \\) $(pwd))", "Y"]),
        ('X=$(echo "$(echo ")")") Y', ['X=$(echo "$(echo ")")")', "Y"]),
        ("echo $((1 + (2)))x y", ["echo", "$((1 + (2)))x", "y"]),
        ("psql 2>&1 2>/dev/null", ["psql", "1", "/dev/null"]),
        ("echo $'a' $", ["echo", "$a", "$"]),
        ("''", [""]),
        ("\ufeffecho", ["echo"]),
    ],
)
def test_words_lose_their_quotes_and_keep_what_is_expanded(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


@pytest.mark.parametrize(
    "text", ["echo 'open", 'echo "open', "echo $(open", "echo `open", "echo ${open", "cat <<A\nopen"]
)
def test_what_is_not_closed_goes_on_to_the_end(text: str) -> None:
    found = list(pieces(text))
    assert any("open" in (each.value if isinstance(each, Word) else each.body or "") for each in found)


def test_here_documents_are_passed_over() -> None:
    found = list(pieces("cat <<A > x <<-'B'\none; two\nA\n\tthree\n\tB\nend\n"))
    assert [each.body for each in found if isinstance(each, Operator) and each.body] == ["one; two\n", "\tthree\n"]
    assert isinstance(found[-2], Word)
    assert (found[-2].value, found[-2].line) == ("end", 6)


@given(_SHELL)
def test_anything_can_be_read_to_its_end(text: str) -> None:
    found = list(pieces(text))
    ends = [each.end for each in found if isinstance(each, Word)]
    assert ends == sorted(ends)
    assert all(1 <= each.line <= text.count("\n") + 1 for each in found)
