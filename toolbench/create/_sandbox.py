"""Generated Python, executed in a process of its own within limits: only where a user asks for it."""

import asyncio
import os
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CELL = Path(__file__).with_name("_cell.py")
FILE = "exercise.py"
"""Name of the program's file."""

DONE = 86
"""Exit status of a program that was run to its end; one that leaves early may well say 0."""

SECONDS = 5
"""CPU seconds of a program; it has twice as many by the clock."""

MEMORY = 512 * 2**20
"""Bytes of its address space."""

LONGEST = 2000
"""Characters of what it says that are kept."""

_AT_ONCE = 2
_SLOTS: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program."""

    status: Literal["passed", "failed", "timed_out"]
    """`passed`: it came to its end, its tests included, without an error."""
    said: str = ""
    """The end of what it wrote to its standard error."""


async def run(program: str, *, seconds: int = SECONDS, memory: int = MEMORY) -> Outcome:
    """Execute a Python program.

    It runs isolated from the installed packages and the environment, in an empty folder that is removed afterwards,
    within limits of time, memory and size of files. It is refused sockets, processes, and files outside its folder,
    as far as Python and, on Linux, the system can. This keeps mistakes in check; it is no wall against a determined
    attacker.

    Args:
        program: the source text.
        seconds: CPU seconds.
        memory: bytes of address space.
    """
    slots = _SLOTS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    async with slots:
        with tempfile.TemporaryDirectory(prefix="toolbench-") as folder:
            (Path(folder) / FILE).write_bytes(program.encode("utf-8", "replace"))
            return await _run(folder, seconds, memory)


async def _run(folder: str, seconds: int, memory: int) -> Outcome:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-B", str(CELL), FILE, str(seconds), str(memory), str(DONE)),
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONHASHSEED": "0"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(2 * seconds):
            _, heard = await process.communicate()
    except TimeoutError:
        return Outcome("timed_out", f"no end within {2 * seconds} seconds")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    said = heard.decode("utf-8", "replace").strip()[-LONGEST:]
    if process.returncode == DONE:
        return Outcome("passed", said)
    if process.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Outcome("timed_out", f"no end within {seconds} seconds of the CPU")
    return Outcome("failed", said)
