"""Files that scripts look for where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.environment.read_files import named_files_are_there
from tests.unit.diagnosis.checks.loaded_project import SCHEMA_PATH, facts, only, problems, project, source

if TYPE_CHECKING:
    from harness.project.source import Project

LOAD, CREATE = "bin/db/load", "bin/db/create"
SCRIPT = """\
#!/usr/bin/bash
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$here")
source "$here/create"
psql "$CONNECTION_URL" app < "$root/db/schema.sql"
"""


def where(script: str, caller: str = "", path: str = "bin/all") -> Project:
    return project(
        source(LOAD, script, "db-seed-tool"),
        source(CREATE, "#!/usr/bin/bash\n", "db-tool"),
        source(path, caller, "setup"),
    )


def test_one_folder_too_few() -> None:
    problem = only(named_files_are_there, facts(where(SCRIPT)))
    assert str(problem.place) == f"{LOAD}:5"
    assert problem.cause == f"{LOAD}:5 leads to bin/db/schema.sql, which is not there; {SCHEMA_PATH} is"


def test_a_script_in_another_folder() -> None:
    problem = only(named_files_are_there, facts(where(SCRIPT.replace('"$here/create"', '"$here/tools/create"'))))
    assert problem.cause == f"{LOAD}:4 leads to bin/db/tools/create, which is not there; {CREATE} is"
    assert [str(each.place) for each in problem.evidence] == [f"{LOAD}:4", f"{LOAD}:5"]


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT.replace('(dirname "$here")', '(dirname "$(dirname "$here")")'),
        SCRIPT.replace('root=$(dirname "$here")', 'root="$here/../.."'),
        SCRIPT.replace('root=$(dirname "$here")\n', ""),  # the environment's, for all that it tells
        SCRIPT.replace("schema.sql", "of_tomorrow.sql"),  # made by somebody else
        SCRIPT.replace("root=", "root=$(git rev-parse --show-toplevel)\n# root="),
    ],
)
def test_right_paths_and_those_that_can_not_be_told(script: str) -> None:
    assert problems(named_files_are_there, facts(where(script))) == []


def test_a_sourced_script_counts_from_its_caller() -> None:
    caller = '#!/usr/bin/bash\nsource "$(dirname "$(readlink -f "$0")")/db/load"\n'
    assert problems(named_files_are_there, facts(where(SCRIPT, caller))) == []
    beside = caller.replace("/db/load", "/load")
    assert len(problems(named_files_are_there, facts(where(SCRIPT, beside, "bin/db/all")))) == 1
