"""The README's examples run as they stand, in order, in one empty folder."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"```(sh|python)\n(.*?)```", re.DOTALL)
NEEDS_MORE = ("make ", "export ", "NAME", "HOST", "embedded")
"""Lines that set up, or need an endpoint of the reader's or what an extra installs."""


@pytest.mark.slow
def test_every_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "api_specs").symlink_to(ROOT / "api_specs")
    monkeypatch.delenv("TOOLBENCH_HOME", raising=False)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = 0
    for kind, text in BLOCK.findall(README):
        if kind == "python":
            commands = [[sys.executable, "-c", text]]
        else:
            lines = [line for line in text.splitlines() if line and not any(word in line for word in NEEDS_MORE)]
            commands = [shlex.split(line, comments=True) for line in lines]
        for command in commands:
            done = subprocess.run(
                command, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            ran += 1
    assert ran >= 12


def test_what_it_links_to_is_there():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_targets_it_names_are_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make (\w+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
