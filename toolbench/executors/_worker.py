"""A process of its own in which Python functions run: commands come in on standard input, answers go out, a line each.

Whatever the functions print, or read, goes nowhere: before the first of them runs, the two streams are moved away.
"""

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import sys
from collections.abc import Awaitable
from typing import IO

import orjson
import pydantic_core

from toolbench.model import Json, JsonObject
from toolbench.specs._signatures import signature_of
from toolbench.specs.base import parse_leniently


def run(target: str, arguments: JsonObject) -> Json:
    """Return the result of a function as a JSON value.

    Args:
        target: `module:function`.
        arguments: JSON values by name; each becomes what the type hint of its parameter says.

    Raises:
        Exception: the function raises it, or its module does.
    """
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    positional, named = signature_of(function).bind(arguments)
    value = function(*positional, **named)
    return _as_json(asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value)


async def _awaited(value: Awaitable[object]) -> object:
    return await value


def _as_json(value: object) -> Json:
    made = pydantic_core.to_jsonable_python(value, inf_nan_mode="null", serialize_unknown=True)
    try:
        return orjson.loads(orjson.dumps(made))
    except orjson.JSONEncodeError:
        read = parse_leniently(json.dumps(made))
        if read is None:
            raise
        return read


def answer(command: JsonObject, most: int) -> bytes:
    """Return what came of a command: `result`, or the first `most` bytes of it as `cut`; else `failure`."""
    try:
        value = run(command["target"], command["arguments"])
        written = orjson.dumps(value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a function raises is its answer
        return orjson.dumps({"failure": f"{type(error).__name__}: {_printable(error)}"[:most]})
    if len(written) <= most:
        return b'{"result":' + written + b"}"
    text = value.encode() if isinstance(value, str) else written
    return orjson.dumps({"cut": text[:most].decode(errors="ignore")})


def _printable(error: BaseException) -> str:
    return str(error).encode(errors="replace").decode()


def _limit_memory(most: int) -> None:
    # Not all systems can limit it.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _moved_away() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output under other numbers; the usual ones lead nowhere from now on."""
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return commands, answers


def main() -> None:
    """Answer commands until there are no more. The arguments: most characters of an answer, most bytes of memory."""
    most, memory = map(int, sys.argv[1:])
    commands, answers = _moved_away()
    _limit_memory(memory)
    answers.write(b"{}\n")
    for line in commands:
        answers.write(answer(orjson.loads(line), most) + b"\n")


if __name__ == "__main__":
    main()
