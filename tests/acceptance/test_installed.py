"""From a wheel, in a folder outside this repository: `harness init && harness run` passes at once."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*command: str | Path, cwd: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HARNESS_", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone; what it depends on is lent by this environment."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    call(sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps", wheel, cwd=folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (lent,) = (path for path in sys.path if path.endswith("site-packages"))
    # After its own, so that the harness is the installed one. A .pth inside a .pth folder is not read: no editable install.
    (packages / "lent.pth").write_text(lent + "\n", encoding="utf-8")
    return folder / "bin" / "harness"


def test_the_wheel_holds_the_whole_template_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    template = {name.removeprefix("harness/template/") for name in names if name.startswith("harness/template/")}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for part in ("seeds", "scenarios")
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert template == wanted | {"harness.toml", "compose.local.yml"}
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"harness"}
    assert {"harness/py.typed", "harness/render/report.css"} <= set(names)


@pytest.mark.embedded
def test_init_then_run_passes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = call(installed.with_name("python"), "-c", "import harness; print(harness.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parents[1])
    call(installed, "init", "app", cwd=tmp_path)
    shown = call(installed, "run", "--engine", "embedded", cwd=tmp_path / "app")
    assert shown.splitlines()[-1].startswith("A B C D E passed")


@pytest.mark.embedded
def test_beside_an_application_that_configures_in_pyproject(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\n\n[tool.harness]\nengine = "embedded"\n', encoding="utf-8"
    )
    (tmp_path / "app.py").write_text("print('mine')\n", encoding="utf-8")
    call(installed, "init", cwd=tmp_path)
    assert "B passed" in call(installed, "run", "B", cwd=tmp_path)
    assert (tmp_path / "app.py").read_text(encoding="utf-8") == "print('mine')\n"
