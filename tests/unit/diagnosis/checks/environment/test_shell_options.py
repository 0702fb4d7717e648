from __future__ import annotations

import pytest

from harness.diagnosis.checks.environment.shell_options import options_are_set
from tests.unit.diagnosis.checks.loaded_project import facts, mended, only, problems, project, source

SETUP = '#!/bin/bash\n{line}\n\nbin="$(dirname "$0")"\nbash "$bin/drop"\npsql -c "select 1" \\\n  -e\n'


@pytest.mark.parametrize("line", ["-e", "-e # stop if it fails", "  -eux", "-euo pipefail"])
def test_an_option_on_a_line_by_itself(line: str) -> None:
    text = SETUP.format(line=line)
    problem = only(options_are_set, facts(project(source("bin/db/setup", text, "setup"))))
    assert str(problem.place) == "bin/db/setup:2"
    assert "command not found" in problem.cause
    assert mended(problem, text) == SETUP.format(line=line.replace("-", "set -", 1))


@pytest.mark.parametrize("line", ["set -e", "set -euo pipefail", "# -e", "cat <<END\n-e\nEND", "echo -e hello", "-f"])
def test_options_elsewhere(line: str) -> None:
    where = project(source("bin/db/setup", SETUP.format(line=line), "setup"))
    assert problems(options_are_set, facts(where)) == []
