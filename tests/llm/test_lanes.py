"""Connections to an endpoint: kept and used again, given up in time, and what goes wrong told by its kind."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
import trustme

from toolbench.llm.lanes import Lanes

Answer = Callable[["Served", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"


class Served:
    """A server that answers each request in a given way; it counts connections and requests."""

    def __init__(self, answer: Answer) -> None:
        self.connections = self.requests = 0
        self.bodies: list[bytes] = []
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                self.bodies.append(await reader.readexactly(size))
                self.requests += 1
                await self._answer(self, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def whole(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE)


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Served, str]]:
    served = Served(answer)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield served, f"http{'s' if tls else ''}://127.0.0.1:{port}/x"
    finally:
        server.close()


def client(patience: float = 30.0) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=Lanes(), timeout=httpx2.Timeout(30.0, read=patience))


async def test_a_connection_is_used_again() -> None:
    async with serving(whole) as (served, url), client() as http:
        for n in range(5):
            assert (await http.post(url, content=b"a" * n)).text == "fine"
        assert served.bodies == [b"a" * n for n in range(5)]
        assert (served.connections, served.requests) == (1, 5)


async def test_those_at_once_have_one_each_and_leave_them_to_the_next() -> None:
    arrived = asyncio.Event()

    async def together(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if served.requests >= 8:
            arrived.set()
        await arrived.wait()
        writer.write(WHOLE)

    async with serving(together) as (served, url), client() as http:
        for _ in range(3):
            answers = await asyncio.gather(*(http.post(url, content=b"x") for _ in range(8)))
            assert [answer.text for answer in answers] == ["fine"] * 8
        assert (served.connections, served.requests) == (8, 24)


@pytest.mark.parametrize("head", [b"", b"connection: close\r\n"])
async def test_one_that_was_closed_is_not_used_again(head: bytes) -> None:
    async def once(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WHOLE.replace(b"content-length", head + b"content-length"))
        writer.close()

    async with serving(once) as (served, url), client() as http:
        for _ in range(4):
            assert (await http.get(url)).text == "fine"
            await asyncio.sleep(0.02)
        assert served.connections == served.requests == 4


async def test_one_that_idled_too_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolbench.llm.lanes.IDLE_SECONDS", 0.0)
    async with serving(whole) as (served, url), client() as http:
        for _ in range(2):
            await http.get(url)
            await asyncio.sleep(0.01)
        assert served.connections == 2


async def test_chunks_and_compression_are_taken_apart() -> None:
    text = "naïve 日 " * 5_000
    packed = gzip.compress(text.encode())

    async def chunked(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: gzip\r\n\r\n")
        for at in range(0, len(packed), 100):
            part = packed[at : at + 100]
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    async with serving(chunked) as (served, url), client() as http:
        for _ in range(2):
            assert (await http.get(url)).content.decode() == text
        assert served.connections == 1


async def cut(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(WHOLE[:-2])
    writer.close()


async def nothing(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def nonsense(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"what?\r\n\r\n")


async def silence(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("answer", "patience", "kind"),
    [
        (cut, 30.0, httpx2.RemoteProtocolError),
        (nothing, 30.0, httpx2.RemoteProtocolError),
        (nonsense, 30.0, httpx2.RemoteProtocolError),
        (silence, 0.1, httpx2.ReadTimeout),
    ],
)
async def test_what_goes_wrong_has_its_kind(answer: Answer, patience: float, kind: type[httpx2.TransportError]) -> None:
    async with serving(answer) as (served, url), client(patience) as http:
        for n in range(2):
            with pytest.raises(kind) as caught:
                await http.get(url)
            assert str(caught.value.request.url) == url
            assert served.connections == n + 1


async def test_where_nobody_listens() -> None:
    async with serving(whole) as (_, url):
        pass
    async with client() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(url)


async def test_an_address_that_leads_nowhere_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(whole) as (served, url):
        port = httpx2.URL(url).port

        async def two(asked: str, *more: object, **named: object) -> object:
            if asked != "two.test":
                return await look_up(asked, *more, **named)
            # The first is for documentation only: nothing answers there, not even by a refusal.
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("192.0.2.1", "127.0.0.1")]

        def never(sock: socket.socket, address: tuple[str, int]) -> Awaitable[None]:
            return asyncio.sleep(60) if address[0] == "192.0.2.1" else connect(sock, address)

        loop = asyncio.get_running_loop()
        connect, look_up = loop.sock_connect, loop.getaddrinfo
        monkeypatch.setattr(loop, "getaddrinfo", two)
        monkeypatch.setattr(loop, "sock_connect", never)
        async with client() as http:
            assert (await http.get(url.replace("127.0.0.1", "two.test"))).text == "fine"
        assert served.connections == 1


async def test_one_who_stops_waiting_leaves_no_half_answer_to_the_next() -> None:
    asked = asyncio.Event()

    async def first_late(served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        writer.write(WHOLE[:-4])
        await asyncio.sleep(60 if served.requests == 1 else 0)
        writer.write(WHOLE[-4:])

    async with serving(first_late) as (served, url), client() as http:
        waiting = asyncio.create_task(http.get(url))
        await asked.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await http.get(url)).text == "fine"
        assert served.connections == 2


async def test_tls_is_spoken_with_those_who_are_trusted_only(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)
    async with serving(whole, theirs) as (served, url):
        async with client() as http:
            with pytest.raises(httpx2.ConnectError, match="certificate"):
                await http.get(url)
        ours = ssl.create_default_context()
        authority.configure_trust(ours)
        monkeypatch.setattr(httpx2, "create_ssl_context", lambda: ours)
        async with client() as http:
            for _ in range(3):
                assert (await http.post(url, content=b"x" * 100_000)).text == "fine"
        assert (served.connections, served.requests) == (1, 3)
