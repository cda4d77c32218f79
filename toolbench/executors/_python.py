"""Carries calls to Python functions, which run in a process of their own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial

import orjson

from toolbench.executors._access import Access, Limits, program
from toolbench.executors._carriers import Errand, cut, result
from toolbench.executors._cassette import Answer, Sent
from toolbench.executors._desk import failure
from toolbench.executors._errors import RefusedError
from toolbench.executors._redaction import Redactor
from toolbench.model import Api, JsonObject, PythonBinding, Tool, canonical
from toolbench.specs._mcp import program_environment

START_SECONDS = 60.0
"""Longest time for the process to start."""

STOP_SECONDS = 2.0
"""Time that the process is given to end by itself."""

_LONGEST_ESCAPE = 6
"""Bytes that one byte may take up in a JSON string."""


class PythonCarrier:
    """Carries calls to functions of the modules that the user allows, one at a time.

    Args:
        access: what the user allows.
        redactor: takes out secrets.
        limits: how long a function may take, and how much memory and room for its result.
        environ: environment variables for the process; ours are not handed on.
    """

    def __init__(self, access: Access, redactor: Redactor, limits: Limits, environ: Mapping[str, str]) -> None:
        self._access, self._redactor, self._limits = access, redactor, limits
        # What lies beyond the limit is sent only to recognise a secret that the limit would cut in two.
        self._process = _Process(limits.size + redactor.longest, limits.memory, environ)
        self._turn = asyncio.Lock()

    async def aclose(self) -> None:
        """End the process."""
        async with self._turn:
            await self._process.stop(STOP_SECONDS)

    def prepare(self, api: Api, tool: Tool, arguments: JsonObject) -> Errand:
        """Return a call of a function, ready to go. See `Carrier.prepare`."""
        del api
        if not isinstance(tool.binding, PythonBinding):
            raise TypeError(f"{tool.name} is no Python function")
        target = tool.binding.target
        module = program(tool.binding)
        if module not in self._access.programs:
            raise RefusedError(f"the Python module {module} is not among the allowed programs; allow it by that name")
        body = self._redactor.text(canonical(arguments).decode())
        sent = Sent(method="call", url=f"python:{target}", body=body)
        return Errand(sent, partial(self._call, {"target": target, "arguments": arguments}))

    async def _call(self, command: JsonObject) -> Answer:
        async with self._turn:
            try:
                await self._process.start()
                async with asyncio.timeout(self._limits.seconds):
                    reply = await self._process.ask(command)
            except TimeoutError:
                await self._process.stop()
                return failure("timeout", f"No result within {self._limits.seconds:g} seconds")
            except ConnectionError:
                status = await self._process.stop()
                return failure("http_error", f"The function ended its process, with exit status {status}")
            except BaseException:
                # An answer that nobody waits for any more must not be taken for that of the next call.
                await self._process.stop()
                raise
        return self._answer(reply)

    def _answer(self, reply: JsonObject) -> Answer:
        if "failure" in reply:
            message = self._redactor.text(reply["failure"])
            return failure("http_error", message[: self._limits.size])
        if "cut" in reply:
            return cut(reply["cut"], "ok", self._redactor, self._limits.size)
        return result(reply["result"], "ok", self._redactor, self._limits.size)


class _Process:
    """The process that runs functions: started when needed, and again after it ended.

    Args:
        size: most characters of an answer.
        memory: most bytes of memory.
        environ: its environment variables.
    """

    def __init__(self, size: int, memory: int, environ: Mapping[str, str]) -> None:
        self._size, self._memory, self._environ = size, memory, environ
        self._running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process unless it runs.

        Raises:
            ConnectionError: it ends at once.
            TimeoutError: it does not begin to listen.
        """
        if self._running is not None and self._running.returncode is None:
            return
        await self.stop()
        self._running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "toolbench.executors._worker", str(self._size), str(self._memory)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # It finds the modules that we find, besides those of the working folder.
            env=program_environment(self._environ) | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            limit=_LONGEST_ESCAPE * self._size + 1024,
            start_new_session=True,
        )
        async with asyncio.timeout(START_SECONDS):
            await self._read()

    async def ask(self, command: JsonObject) -> JsonObject:
        """Return the answer to a command.

        Raises:
            ConnectionError: the process ended.
        """
        if self._running is None or self._running.stdin is None:
            raise ConnectionError
        self._running.stdin.write(orjson.dumps(command) + b"\n")
        await self._running.stdin.drain()
        return await self._read()

    async def _read(self) -> JsonObject:
        if self._running is None or self._running.stdout is None:
            raise ConnectionError
        line = await self._running.stdout.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError
        return orjson.loads(line)

    async def stop(self, grace: float = 0) -> int | None:
        """End the process, and those it started; return its exit status.

        Args:
            grace: seconds that it is given to end by itself.
        """
        running, self._running = self._running, None
        if running is None:
            return None
        if running.stdin is not None:
            running.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await running.wait()
        if running.returncode is None:
            _kill(running)
        if running.stdout is not None:
            await running.stdout.read()
        return await running.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
