from __future__ import annotations

import pytest

from harness.project.python.module_paths import (
    added_paths,
    dashed_folders,
    folders_of_module,
    own_modules,
    relative_parts,
)
from tests.unit.project.written import project, source

HEAD = "import os, sys\nfrom pathlib import Path\n"


@pytest.mark.parametrize(
    ("code", "folder"),
    [
        (("here = os.path.dirname(os.path.abspath(__file__))\nparent = os.path.abspath(os.path.join(here, '..', '..', '..'))\n"
         "sys.path.append(parent)"), "back"),
        ("sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../../lib'))", "back/lib"),
        ("sys.path.append(str(Path(__file__).resolve().parent.parent / '..' / '..'))", "back"),
        ("sys.path.append(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))", "back/bin/ddb"),
        ("sys.path.append(os.path.join(os.path.dirname(__file__), '..', '..', '..', '..', '..'))", ".."),
        ("here = Path(__file__)\nsys.path.append(str(here.parents[3] / 'lib'))", "back/lib"),
        ("sys.path.append(str(Path(__file__).resolve().parents[5]))", ".."),
        ("sys.path.append('/workspace/x')", None),
        ("sys.path.append(os.getcwd())", None),
        ("sys.path.append(os.path.join('..', 'lib'))", None),
        ("a = b\nb = a\nsys.path.append(os.path.dirname(a))", None),
        ("other.path.append(os.path.dirname(__file__))", None),
    ],
)  # fmt: skip
def test_folders_that_a_script_adds(code: str, folder: str | None) -> None:
    found = added_paths(source("back/bin/ddb/patterns/list", HEAD + code))
    assert [each.folder for each in found] == ([folder] if folder is not None else [])


def test_where_a_module_is() -> None:
    some = project(*(source(path, "") for path in ("back/lib/db.py", "lib.py", "other/lib/x/y.py", "back/library.py")))
    assert folders_of_module(some, "lib") == ("", "back", "other")
    assert relative_parts(source("bin/ddb/seed", ""), "back") == ("..", "..", "back")
    assert relative_parts(source("seed", ""), "") == (".",)


BACK = "my-repo/back-end-api/lib/db.py"


def test_folders_that_a_name_is_meant_for() -> None:
    some = project(source(BACK, ""), source("front-end/app.js", ""))
    assert dashed_folders(some, "back_end_api") == ("my-repo/back-end-api",)
    assert [dashed_folders(some, each) for each in ("front_end", "backendapi", "lib", "boto3")] == [()] * 4
    assert own_modules(some) == {"lib", "db", "back_end_api", "my_repo"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("back_end_api/__init__.py", ""),
        ("back_end_api.py", ""),
        ("requirements.txt", "flask\nBack-End-API==2.0\n"),
        ("my-repo/setup.py", "setup(package_dir={'back_end_api': 'back-end-api'})"),
    ],
)
def test_a_name_that_something_else_has(path: str, text: str) -> None:
    some = project(source(BACK, ""), source(path, text))
    assert dashed_folders(some, "back_end_api") == ()
    assert ("back_end_api" in own_modules(some)) == path.startswith("back_end_api")


def test_packages_of_nearly_that_name() -> None:
    some = project(source(BACK, ""), source("requirements.txt", "my-back-end-api\nback-end-api-client\n"))
    assert dashed_folders(some, "back_end_api") == ("my-repo/back-end-api",)
