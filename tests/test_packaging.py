"""What is shipped: the wheel's contents, the rules of import, the version."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from toolbench import plugins

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    packages = ("toolbench", "searchers", "evaluators", "api_specs")
    files = (path for package in packages for path in (ROOT / package).rglob("*") if path.is_file())
    wanted = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert inside == wanted
    assert any(name.endswith(".j2") for name in inside)
    assert sum(name.endswith(".yaml") for name in inside) >= 10


def test_rooms_import_downwards_only():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_searchers_need_the_standard_library_only():
    names = ", ".join(f"searchers.{name}" for name in plugins.names("searchers"))
    code = f"import sys, {names}; print({{'pydantic', 'toolbench'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
