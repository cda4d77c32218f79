"""Generated code runs in a process of its own, and what it should not do ends in an error there."""

import socket

import pytest

from toolbench.create._sandbox import run


@pytest.mark.parametrize(
    "program",
    [
        "assert sum(range(4)) == 6",
        "from dataclasses import dataclass\nimport json, re, math, random, collections, typing",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\nassert A(1).x == 1",
        "open('a.txt', 'w').write('x')\nassert open('a.txt').read() == 'x'",
        "if __name__ == '__main__':\n    print('ö' * 3)",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\nunittest.main()",
    ],
)
async def test_what_exercises_do_is_possible(program):
    outcome = await run(program)
    assert outcome.status == "passed", outcome.said


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("assert 1 == 2", "AssertionError"),
        ("def f(:", "SyntaxError"),
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail()\nunittest.main()",
            "before its end",
        ),
        ("import sys\nsys.exit()\nassert False", "before its end"),
        ("import os\nos._exit(0)\nassert False", ""),
        ("open('/etc/passwd').read()", "not to be opened"),
        ("import subprocess\nsubprocess.run(['true'])", "not allowed"),
        ("import os\nos.system('true')", "not allowed"),
        ("import os\nos.fork()", "not allowed"),
        ("import os\nos.remove('/tmp/anything')", "not allowed"),
        ("import ctypes\nctypes.CDLL(None)", "not allowed"),
        ("x = bytes(2 ** 30)", "MemoryError"),
        ("open('big', 'wb').write(bytes(2_000_000))", "Error"),
        ("import toolbench", "No module named"),
    ],
)
async def test_what_they_should_not_do_is_refused(program, said):
    outcome = await run(program)
    assert outcome.status == "failed"
    assert said in outcome.said


async def test_no_server_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcome = await run(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)")
    assert outcome.status == "failed"


async def test_what_does_not_end_is_ended():
    assert (await run("while True: pass", seconds=1)).status == "timed_out"
