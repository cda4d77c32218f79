"""A backend of httpcore2 by asyncio's own streams: the one it brings takes as long as HTTP itself."""

import asyncio
import socket
import ssl
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import httpcore2
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType] - addresses are of any form

NEXT_ADDRESS = 0.25
"""Seconds after which a host's next address is tried, too: one of them may lead nowhere (RFC 8305)."""


class AsyncioStream(httpcore2.AsyncNetworkStream):
    """A connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2's own
        """Return what came, at least a byte; nothing where the other side has closed."""
        with _named(httpcore2.ReadError, httpcore2.ReadTimeout):
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send bytes; those of one turn of the event loop may go together."""
        if not buffer:
            return
        with _named(httpcore2.WriteError, httpcore2.WriteTimeout):
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()

    async def aclose(self) -> None:
        """Close; what the other side makes of it is not waited for."""
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        """Go on in TLS."""
        with _named(httpcore2.ConnectError, httpcore2.ConnectTimeout):
            try:
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
            except BaseException:
                self._writer.close()
                raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore2 asks of a connection."""
        if info == "is_readable":
            # Nothing is due on an idle connection: so this is how it tells that the other side has closed.
            return self._reader.at_eof() or self._writer.is_closing()
        return self._writer.get_extra_info({"server_addr": "peername", "client_addr": "sockname"}.get(info, info))


class AsyncioBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections by TCP."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to a host."""
        del local_address, socket_options
        with _named(httpcore2.ConnectError, httpcore2.ConnectTimeout):
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
                connected = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS)
                return AsyncioStream(*await asyncio.open_connection(sock=connected))


@contextmanager
def _named(broken: type[httpcore2.NetworkError], late: type[httpcore2.TimeoutException]) -> Generator[None]:
    """Give errors the names that httpcore2 has for them."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
