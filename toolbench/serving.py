"""An ASGI application on a port of its own."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from toolbench.errors import InputError

GRACE = 1
"""Seconds that open requests have to end when the server is stopped."""


class Server:
    """An application on a port, listening as soon as it is made.

    Args:
        application: what answers.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.

    Raises:
        InputError: the port cannot be had.
    """

    def __init__(self, application: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _listening(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url: str = f"http://{shown}:{self._socket.getsockname()[1]}"
        """Where it can be reached, without a slash at the end."""
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until stopped, in the main thread also until interrupted; then raises KeyboardInterrupt."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Make `run` return soon. May be called from any thread."""
        self._server.should_exit = True


@contextmanager
def in_thread(server: Server) -> Generator[str]:
    """Serve in a thread of its own while the block runs; gives the URL."""
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=512)
        # Connections inherit it. asyncio sets it itself only on sockets that it has made; without it, a response that
        # is written in two parts waits for the client's delayed acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot listen: {reason}", where=f"{host}:{port}", hint="Port 0 takes a free one.") from error
