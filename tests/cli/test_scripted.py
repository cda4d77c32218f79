import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import typer
from typer.testing import CliRunner

from toolbench.cli.scripted import command

START = "import typer; from toolbench.cli.scripted import command; typer.run(command)"


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    line = [sys.executable, "-c", START, *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def refused(*options: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, options)
    return result.exit_code, result.stderr


def test_serves_a_script_until_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- content: as scripted\n")
    with started("--script", str(script), "--model", "tiny") as (process, url):
        request = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}
        body = httpx2.post(f"{url}/chat/completions", json=request).json()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert body["choices"][0]["message"]["content"] == "as scripted"
    assert (process.returncode, out, err) == (0, "", "")


def test_a_bad_script_ends_it_with_one_line(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- conten: x\n")
    code, err = refused("--script", str(script))
    assert code == 2
    assert err.count("\n") == 1
    assert f"toolbench: {script}, item 1, conten" in err


def test_faults_are_a_share() -> None:
    code, err = refused("--faults", "1.5")
    assert code == 2
    assert "--faults" in err
