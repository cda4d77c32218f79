import json
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import typer
from typer.testing import CliRunner

from toolbench.cli.mock import command

START = "import typer; from toolbench.cli.mock import command; typer.run(command)"


@contextmanager
def started(*options: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    line = [sys.executable, "-c", START, "--port", "0", *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip()]
        try:
            while lines[-1] and not lines[-1].startswith("curl"):
                lines.append(process.stdout.readline().strip())
            yield process, lines
        finally:
            process.kill()


def refused(*options: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, options)
    return result.exit_code, result.stderr


def test_serves_until_interrupted(tmp_path: Path) -> None:
    shop = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/things": {"get": {"responses": {"200": {"description": "All of them"}}}}},
    }
    (tmp_path / "shop.json").write_text(json.dumps(shop))
    with started("library", str(tmp_path / "shop.json"), "--seed", "3") as (process, lines):
        urls = [line.split()[0] for line in lines[:2]]
        answers = [httpx2.get(f"{urls[0]}/books", headers={"x-api-key": "a"}), httpx2.get(f"{urls[1]}/things")]
        state = httpx2.get(lines[2].split()[0]).json()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert state["seed"] == 3
    assert lines[0].endswith("/library  Public Library Network API, 18 operations")
    assert lines[1].endswith("/shop  Shop, 1 operation")
    assert (process.returncode, out, err) == (0, "", "")


def test_the_line_for_curl_works() -> None:
    with started("library") as (_, lines):
        _, _, header, url = shlex.split(lines[-1])
        name, _, value = header.partition(": ")
        answer = httpx2.get(url, headers={name: value})
    assert answer.status_code == 200


def test_credentials_need_not_be_asked_for() -> None:
    with started("library", "--no-auth") as (_, lines):
        assert lines[-1].startswith("curl 'http://127.0.0.1:")
        assert httpx2.get(lines[-1].split("'")[1]).status_code == 200


@pytest.mark.parametrize(
    ("specs", "told"),
    [
        (["librari"], "library"),
        (["nowhere/api.yaml"], "nowhere/api.yaml: no such file"),
        (["library", "library"], "two APIs have the id 'library'"),
    ],
)
def test_what_cannot_be_served_is_told_in_a_line(specs: list[str], told: str) -> None:
    code, err = refused(*specs)
    assert code == 2
    assert err.count("\n") == 1
    assert told in err


def test_a_taken_port_is_told_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, err = refused("library", "--port", str(port))
    assert code == 2
    assert f"127.0.0.1:{port}: cannot listen" in err
