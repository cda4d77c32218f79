"""The live executor against a server that means ill: what is sent, what is refused, cut and hidden."""

import asyncio
import base64
import gzip
import json
import random
import socket
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from executors.live_server import TASK, Seen, Server, Write, call, demo, json_response, response, tool

from toolbench.errors import ConfigError
from toolbench.executors.live import Access, Limits, LiveExecutor
from toolbench.model import Call, NoBinding, Observation

SECRET = "sk-live/42+ü=abc"


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server({"/get": json_response('{"id": 1}')}) as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Live:
    """Makes executors for a server and runs single calls with them."""

    def __init__(self, server: Server, path: Path, clock: Clock) -> None:
        self.server, self.path, self.clock = server, path, clock

    async def __call__(self, call: Call, *more: Call, tools=(), hosts=(), environ=None, limits=None, **access):
        allowed = Access(hosts=frozenset((self.server.host, *hosts)), **access)
        executor = LiveExecutor(
            [demo(*tools, server=self.server.url)],
            allowed,
            self.path / f"{len(list(self.path.iterdir()))}.jsonl",
            limits=limits or Limits(per_second=1e9),
            environ=environ or {},
            clock=self.clock,
            sleep=self.clock.sleep,
        )
        async with executor:
            state = await executor.start(TASK)
            for each in (call, *more):
                observation, state = await executor.call(each, state)
                assert (observation.source, observation.time, state.digest) == ("live", 0, "")
        return observation

    @property
    def written(self) -> str:
        """All that was recorded."""
        return "".join(cassette.read_text("utf-8") for cassette in self.path.iterdir())


@pytest.fixture
def live(server: Server, tmp_path: Path, clock: Clock) -> Live:
    return Live(server, tmp_path, clock)


def message(observation: Observation) -> str:
    return observation.body["error"]["message"]


# ------------------------------------------------------------------------------------------------- calls


async def test_a_read_comes_back(live, server):
    seen = await live(call("get", q="a&b", x="ü"))
    assert seen == Observation(call="c", status="ok", http_status=200, body={"id": 1}, source="live")
    (request,) = server.seen
    assert (request.method, request.target) == ("GET", "/get?q=a%26b&x=%C3%BC")
    assert request.headers["host"] == server.host


async def test_wrong_calls_are_not_sent(live, server):
    assert (await live(call("nothing"))).status == "unknown_tool"
    wrong = await live(call("get", q=1))
    assert (wrong.status, wrong.http_status) == ("invalid_arguments", None)
    assert wrong.body["error"]["details"][0]["pointer"] == "/q"
    item = tool("item", "/items/{id}", arguments=(("id", "path"),))
    assert (await live(call("item", id=".."), tools=[item])).status == "invalid_arguments"
    assert server.seen == []
    assert [json.loads(line)["kind"] for line in live.written.splitlines()] == ["unsent"]


async def test_a_state_of_another_making_is_an_error(tmp_path):
    async with LiveExecutor([demo()], Access(frozenset()), tmp_path / "c", environ={}) as executor:
        with pytest.raises(TypeError):
            await executor.call(call("get"), object())


async def test_writes_need_a_switch_and_removals_a_second_one(live, server):
    server.answers |= {"/put": json_response("{}", 201), "/delete": response(b"", 204)}
    assert (await live(call("put", a="1"))).status == "refused"
    assert (await live(call("delete"), writes=True)).status == "refused"
    assert "not allowed" in message(await live(call("delete"), writes=True))
    assert (await live(call("delete"), destructive=True)).status == "refused"
    assert server.seen == []
    assert (await live(call("put", a="1"), writes=True)).http_status == 201
    assert (await live(call("delete"), writes=True, destructive=True)).body is None
    assert [(seen.method, seen.body) for seen in server.seen] == [("POST", b'{"a":"1"}'), ("DELETE", b"")]


async def test_a_tool_that_is_only_described_is_refused(live):
    other = tool("seen", "/").model_copy(update={"binding": NoBinding()})
    seen = await live(call("seen"), tools=[other])
    assert (seen.status, "nothing says how to call it" in message(seen)) == ("refused", True)


@pytest.mark.parametrize(("status", "expected"), [(200, "ok"), (304, "ok"), (404, "http_error"), (500, "http_error")])
async def test_statuses(live, server, status, expected):
    server.answers["/get"] = json_response('{"a": 1}' if status != 304 else "", status)
    seen = await live(call("get"))
    assert (seen.status, seen.http_status) == (expected, status)


async def test_no_server_at_all(live):
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    host = f"127.0.0.1:{free.getsockname()[1]}"
    seen = await live(call("get"), hosts=[host], base_urls={"demo": f"http://{host}"})
    free.close()
    assert (seen.status, seen.http_status) == ("http_error", None)
    assert message(seen).startswith("No answer")


# ------------------------------------------------------------------------------------------------- hosts


@pytest.mark.parametrize("base", ["http://example.com", "http://localhost:{}", "https://127.0.0.1", "http://127.0.0.1"])
async def test_only_allowed_hosts(live, server, base):
    seen = await live(call("get"), base_urls={"demo": base.format(server.port)})
    assert "not among the allowed hosts" in message(seen)
    assert server.seen == []


async def test_a_host_by_name_is_not_a_local_one(live, server):
    """A bare host stands for public addresses at the default ports."""
    for host in ("127.0.0.1", "localhost"):
        seen = await live(call("get"), hosts=[host], base_urls={"demo": f"http://{host}"})
        assert "not a public address" in message(seen)


async def test_an_api_without_a_server_needs_a_base_url(live, tmp_path, server):
    async with LiveExecutor([demo()], Access(frozenset(("h",))), tmp_path / "c", environ={}) as executor:
        seen, _ = await executor.call(call("get"), await executor.start(TASK))
    assert "base URL" in message(seen)
    seen = await live(call("get"), base_urls={"demo": f"{server.url}/deep/"})
    assert server.seen[0].target == "/deep/get"


async def test_of_several_servers_the_allowed_one_is_taken(live, server, tmp_path):
    api = demo().model_copy(update={"servers": ("/v1", "http://other.example.com", server.url)})
    async with LiveExecutor([api], Access(frozenset((server.host,))), tmp_path / "c", environ={}) as executor:
        seen, _ = await executor.call(call("get"), await executor.start(TASK))
    assert seen.status == "ok"


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "::1", "fe80::1%1", "::ffff:10.0.0.1"],
)
async def test_names_that_resolve_to_private_addresses_are_refused(live, monkeypatch, address):
    def getaddrinfo(host, port, *_, **__):
        assert host == "api.example.com"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("93.184.216.34", address)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    seen = await live(call("get"), hosts=["api.example.com"], base_urls={"demo": "https://api.example.com"})
    assert seen.status == "refused"
    assert "not a public address" in message(seen)


async def test_a_metadata_address_is_refused_even_by_exact_name(live, monkeypatch):
    base = {"demo": "http://169.254.169.254:80"}
    assert "not a public address" in message(await live(call("get"), hosts=["169.254.169.254:80"], base_urls=base))


async def test_a_name_without_address(live, monkeypatch):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(8, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    seen = await live(call("get"), hosts=["x.invalid"], base_urls={"demo": "http://x.invalid"})
    assert "no address is known" in message(seen)


async def test_the_name_is_looked_up_once(live, server, monkeypatch):
    """Where the second look-up would give another answer, nobody asks."""
    looked_up = []

    def getaddrinfo(host, port, *_, **__):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(looked_up) == 1 else "10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    host = f"rebinding.test:{server.port}"
    assert (await live(call("get"), hosts=[host], base_urls={"demo": f"http://{host}"})).status == "ok"
    assert looked_up == ["rebinding.test"]
    assert server.seen[0].headers["host"] == host


async def test_the_environments_proxy_is_not_used(live, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await live(call("get"))).status == "ok"


@pytest.mark.parametrize("host", ["http://example.com", "a b", "", "example.com/x", "u@example.com", "h:0", "h:70000"])
def test_hosts_that_are_none(host, tmp_path):
    with pytest.raises(ConfigError, match="is not a host"):
        LiveExecutor([], Access(frozenset((host,))), tmp_path / "c", environ={})


def test_a_base_url_that_is_none(tmp_path):
    with pytest.raises(ConfigError, match="is not a base URL"):
        LiveExecutor([], Access(frozenset(), base_urls={"demo": "/v1"}), tmp_path / "c", environ={})


# --------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://2130706433/",
        "//example.com/",
        "https:///x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "http://[::1",
        "http://x:y@127.0.0.1/",
    ],
)
async def test_redirects_elsewhere_are_refused(live, server, location):
    server.answers["/get"] = response(b"", 302, Location=location)
    seen = await live(call("get"))
    assert seen.status == "refused"
    assert len(server.seen) == 1


async def test_a_redirect_with_a_password_is_refused(live, server):
    server.answers["/get"] = response(b"", 302, Location=f"http://user:password@{server.host}/there")
    assert "user name" in message(await live(call("get")))


async def test_a_redirect_to_an_allowed_host_that_is_private_now(live, server, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1" if host[0] == "c" else host, *rest, **more)
    )
    server.answers["/get"] = response(b"", 302, Location="https://cdn.example.com/")
    assert "not a public address" in message(await live(call("get"), hosts=["cdn.example.com"]))


async def test_redirects_within_the_server_keep_credentials(live, server):
    server.answers |= {"/get": response(b"", 307, Location="there?b=2#part"), "/there": json_response("[]")}
    environ = {"TOOLBENCH_DEMO_QUERY": SECRET}
    assert (await live(call("by_query", q="1"), environ=environ)).body == []
    assert server.seen[1].target == "/there?b=2&api_key=sk-live%2F42%2B%C3%BC%3Dabc"


async def test_redirects_are_bounded(live, server):
    server.answers["/get"] = response(b"", 302, Location="/get")
    seen = await live(call("get"), limits=Limits(per_second=1e9, redirects=3))
    assert "more than 3 times" in message(seen)
    assert len(server.seen) == 4


@pytest.mark.parametrize("scheme", ["bearer", "basic", "header", "query", "cookie", "oauth"])
async def test_credentials_stay_with_their_server(live, server, scheme):
    async with Server({"/there": json_response("[]")}) as other:
        server.answers["/get"] = response(b"", 302, Location=f"{other.url}/there")
        environ = {f"TOOLBENCH_DEMO_{scheme.upper()}": f"user:{SECRET}"}
        assert (await live(call(f"by_{scheme}"), hosts=[other.host], environ=environ)).body == []
        (request,) = other.seen
        assert set(request.headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert request.target == "/there"


async def test_arguments_in_headers_stay_with_their_server_too(live, server):
    async with Server({"/there": json_response("[]")}) as other:
        server.answers["/get"] = response(b"", 302, Location=f"{other.url}/there")
        with_headers = tool("headers", "/get", arguments=(("X-Tenant", "header"), ("sid", "cookie")))
        await live(
            Call(id="c", tool="demo_headers", arguments={"X-Tenant": "t", "sid": "s"}),
            tools=[with_headers],
            hosts=[other.host],
        )
        assert server.seen[0].headers["x-tenant"] == "t"
        assert server.seen[0].headers["cookie"] == "sid=s"
        assert not {"x-tenant", "cookie"} & set(other.seen[0].headers)


async def test_a_credential_is_not_handed_on_in_an_address(live, server):
    async with Server() as other:
        handed = "".join(f"%{byte:02x}" for byte in SECRET.encode())
        server.answers["/get"] = response(b"", 302, Location=f"{other.url}/?key={handed}")
        seen = await live(call("by_bearer"), hosts=[other.host], environ={"TOOLBENCH_DEMO_BEARER": SECRET})
        assert "with a credential" in message(seen)
        assert other.seen == []


@pytest.mark.parametrize(
    ("status", "method", "body"), [(303, "GET", b""), (302, "GET", b""), (307, "POST", b'{"a":"1"}')]
)
async def test_redirected_writes(live, server, status, method, body):
    server.answers |= {"/put": response(b"", status, Location="/there"), "/there": json_response("[]")}
    assert (await live(call("put", a="1"), writes=True)).body == []
    assert (server.seen[1].method, server.seen[1].body) == (method, body)
    assert ("content-type" in server.seen[1].headers) is bool(body)


async def test_a_write_is_not_redirected_to_another_server(live, server):
    async with Server() as other:
        server.answers["/put"] = response(b"", 308, Location=f"{other.url}/there")
        seen = await live(call("put", a="1"), hosts=[other.host], writes=True)
        assert "may change something" in message(seen)
        assert other.seen == []


# ------------------------------------------------------------------------------------ size, time, content


async def endless(seen: Seen, write: Write, head: str = "Content-Length: 5368709120", piece: bytes = b"x" * 65536):
    """Send a body of 5 GB, made while it is sent."""
    await write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{head}\r\n\r\n".encode())
    for endless.sent in range(5 * 2**30 // len(piece)):
        await write(piece)


async def test_a_body_of_5_gb_is_cut(live, server):
    server.answers["/get"] = endless
    seen = await live(call("get"), limits=Limits(per_second=1e9, size=1000))
    assert (seen.status, seen.http_status, seen.truncated, seen.body) == ("ok", 200, True, "x" * 1000)
    assert endless.sent * 65536 < 2**27


@pytest.mark.parametrize("head", ["Content-Length: 5368709120", "Connection: close"])
async def test_memory_stays_bounded_whatever_comes(live, server, head):
    """With the default limit, and a body of 5 GB, announced or not."""

    async def flood(seen: Seen, write: Write) -> None:
        await endless(seen, write, head)

    server.answers["/get"] = flood
    tracemalloc.start()
    try:
        seen = await live(call("get"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (seen.status, seen.truncated, len(seen.body)) == ("ok", True, Limits().size)
    assert peak < 16 * Limits().size


async def test_a_body_that_never_ends_is_cut_by_time(live, server):
    async def dripping(seen: Seen, write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[1, ")
        await asyncio.Event().wait()

    server.answers["/get"] = dripping
    seen = await live(call("get"), limits=Limits(per_second=1e9, seconds=2))
    assert (seen.status, seen.truncated, seen.body) == ("ok", True, "[1, ")


async def test_a_server_that_says_nothing_is_a_timeout(live, server):
    async def silent(seen: Seen, write: Write) -> None:
        await asyncio.Event().wait()

    server.answers["/get"] = silent
    seen = await live(call("get"), limits=Limits(per_second=1e9, seconds=0.1))
    assert (seen.status, seen.http_status) == ("timeout", None)
    assert "0.1 seconds" in message(seen)


async def test_headers_that_never_end(live, server):
    async def headers(seen: Seen, write: Write) -> None:
        await write(b"HTTP/1.1 200 OK\r\n")
        while True:
            await write(b"X-More: " + b"x" * 1000 + b"\r\n")

    server.answers["/get"] = headers
    assert (await live(call("get"))).status == "http_error"


async def test_a_body_that_breaks_off_is_marked(live, server):
    server.answers["/get"] = response('{"a": 1, "b', Content_Type="application/json", Content_Length="100")
    seen = await live(call("get"))
    assert (seen.status, seen.truncated, seen.body) == ("ok", True, '{"a": 1, "b')


async def test_a_gzip_bomb_counts_by_what_it_blows_up_to(live, server):
    bomb = gzip.compress(gzip.compress(b" " * 2**27))
    assert len(bomb) < 2**12
    server.answers["/get"] = json_response("", Content_Encoding="gzip, gzip", Content_Length=str(len(bomb))) + bomb
    seen = await live(call("get"), limits=Limits(per_second=1e9, size=500))
    assert (seen.truncated, seen.body) == (True, " " * 500)


async def test_compression_is_undone(live, server):
    content = gzip.compress(b'{"a": 1}')
    server.answers["/get"] = json_response("", Content_Encoding="gzip", Content_Length=str(len(content))) + content
    assert (await live(call("get"))).body == {"a": 1}
    server.answers["/get"] = json_response("not gzip", Content_Encoding="gzip")
    seen = await live(call("get"))
    assert (seen.status, seen.truncated, seen.body) == ("ok", True, None)


@pytest.mark.parametrize(
    ("content_type", "content", "body"),
    [
        ("application/json", b"{bad", "{bad"),
        ("application/json", b"null", None),
        ("application/problem+json", b'{"a": 1}', {"a": 1}),
        ("application/json", b"[" * 200 + b"]" * 200, "[" * 200 + "]" * 200),
        ("application/json", b"[NaN]", "[NaN]"),
        ("", b"[1]", [1]),
        ("", b"hello", "hello"),
        ("text/html; charset=latin-1", "<p>ü".encode("latin-1"), "<p>ü"),
        ("text/plain; charset=punycode", b"a-b", "a-b"),
        ("text/plain; charset=gb-nonsense", b"a", "a"),
        ("text/plain", b"\xff!", "\ufffd!"),
        ("image/png", b"\x89PNG\0", {"binary": {"media_type": "image/png", "size": 5}}),
        ("application/octet-stream", b"text", {"binary": {"media_type": "application/octet-stream", "size": 4}}),
        ("", b"\x7fELF\0", {"binary": {"media_type": "", "size": 5}}),
    ],
)
async def test_bodies(live, server, content_type, content, body):
    server.answers["/get"] = response(content, Content_Type=content_type)
    seen = await live(call("get"))
    assert (seen.body, seen.truncated) == (body, False)


async def test_a_cut_leaves_no_half_a_character(live, server):
    server.answers["/get"] = response("üüü", Content_Type="text/plain")
    assert (await live(call("get"), limits=Limits(per_second=1e9, size=3))).body == "ü"


# ---------------------------------------------------------------------------------------- rate and retries


async def test_the_rate_is_kept(live, server, clock):
    await live(*[call("get")] * 4, limits=Limits(per_second=4))
    assert clock.slept == [0.25, 0.25, 0.25]


async def test_redirects_count_for_the_rate(live, server, clock):
    server.answers |= {"/get": response(b"", 302, Location="/there"), "/there": json_response("[]")}
    await live(call("get"), limits=Limits(per_second=2))
    assert clock.slept == [0.5]


async def test_a_read_waits_as_it_is_told(live, server, clock):
    server.answers["/get"] = [
        response(b"", 429, Retry_After="7"),
        response(b"", 503, Retry_After="3"),
        json_response("1"),
    ]
    assert (await live(call("get"))).body == 1
    assert clock.slept == [7, 3]


async def test_a_read_that_is_put_off_too_often_is_rate_limited(live, server, clock):
    server.answers["/get"] = json_response('{"error": "slow down"}', 429)
    seen = await live(call("get"))
    assert (seen.status, seen.http_status, seen.body) == ("rate_limited", 429, {"error": "slow down"})
    assert (len(server.seen), clock.slept) == (3, [1, 2])


async def test_a_wait_that_is_too_long_is_not_waited(live, server, clock):
    server.answers["/get"] = response(b"", 429, Retry_After="86400")
    assert (await live(call("get"))).status == "rate_limited"
    assert (len(server.seen), clock.slept) == (1, [])


async def test_a_failure_that_does_not_ask_for_it_is_not_tried_again(live, server):
    server.answers["/get"] = response(b"", 503)
    assert (await live(call("get"))).status == "http_error"
    assert len(server.seen) == 1


async def test_a_write_is_never_sent_twice(live, server, clock):
    server.answers["/put"] = response(b"", 429, Retry_After="1")
    assert (await live(call("put", a="1"), writes=True)).status == "rate_limited"
    assert (len(server.seen), clock.slept) == (1, [])


# -------------------------------------------------------------------------------------------- credentials

AUTHORIZED = {
    "bearer": ("authorization", "Bearer token-123"),
    "oauth": ("authorization", "Bearer token-123"),
    "basic": ("authorization", "Basic " + base64.b64encode(b"me:token-123").decode()),
    "header": ("x-api-key", "token-123"),
    "cookie": ("cookie", "session=token-123"),
}


@pytest.mark.parametrize("scheme", AUTHORIZED)
async def test_credentials_by_scheme(live, server, scheme):
    value = "me:token-123" if scheme == "basic" else "token-123"
    assert (await live(call(f"by_{scheme}"), environ={f"TOOLBENCH_DEMO_{scheme.upper()}": value})).status == "ok"
    name, text = AUTHORIZED[scheme]
    assert server.seen[0].headers[name] == text


async def test_a_key_in_the_query_wins_over_an_argument(live, server):
    both = tool("both", "/get", security=(("query",),), arguments=(("api_key", "query"), ("q", "query")))
    await live(call("both", api_key="forged", q="1"), tools=[both], environ={"TOOLBENCH_DEMO_QUERY": "token-123"})
    assert server.seen[0].target == "/get?q=1&api_key=token-123"


async def test_alternatives(live, server):
    either = tool("either", "/get", security=(("digest",), ("header", "cookie"), ("bearer",)))
    environ = {"TOOLBENCH_DEMO_HEADER": "header-key", "TOOLBENCH_DEMO_BEARER": "bearer-token"}
    await live(call("either"), tools=[either], environ=environ)
    assert server.seen[0].headers["authorization"] == "Bearer bearer-token"
    assert "x-api-key" not in server.seen[0].headers
    await live(
        call("either"), call("either"), tools=[either], environ={**environ, "TOOLBENCH_DEMO_COOKIE": "cookie-key"}
    )
    assert server.seen[-1].headers["x-api-key"] == "header-key"
    assert server.seen[-1].headers["cookie"] == "session=cookie-key"


async def test_missing_credentials_are_named(live, server):
    either = tool("either", "/get", security=(("digest",), ("header", "cookie"), ("bearer",)))
    text = message(await live(call("either"), tools=[either]))
    assert "set TOOLBENCH_DEMO_HEADER and TOOLBENCH_DEMO_COOKIE or TOOLBENCH_DEMO_BEARER in" in text
    assert "not supported" in message(await live(call("by_digest"), environ={"TOOLBENCH_DEMO_DIGEST": "x:secret"}))
    optional = tool("optional", "/get", security=(("bearer",), ()))
    assert (await live(call("optional"), tools=[optional])).status == "ok"


@pytest.mark.parametrize("value", ["short", "me:short", "line\nbreak-in-it", " spaced-out "])
def test_credentials_that_cannot_be_used(tmp_path, value):
    environ = {f"TOOLBENCH_DEMO_{'BASIC' if ':' in value else 'BEARER'}": value}
    with pytest.raises(ConfigError) as caught:
        LiveExecutor([demo()], Access(frozenset()), tmp_path / "c", environ=environ)
    assert value not in str(caught.value)


# ------------------------------------------------------------------------------------------------ secrets


def spellings(secret: str) -> dict[str, str]:
    """Return a secret as servers echo it, each by a way of its own."""
    content = secret.encode()
    percent = "".join(f"%{byte:02X}" for byte in content)
    return {
        "plain": secret,
        "upper": secret.upper(),
        "percent": percent,
        "percent_lower": percent.lower(),
        "twice": percent.replace("%", "%25"),
        "base64": base64.b64encode(content).decode(),
        "base64url": base64.urlsafe_b64encode(b"a:" + content).decode(),
        "inside_base64": base64.b64encode(b"{" + content + b"}").decode(),
        "hex": content.hex(),
        "json": json.dumps(secret).replace("/", "\\/"),
        "html": "".join(f"&#{ord(character)};" for character in secret),
    }


@pytest.mark.parametrize("way", spellings(SECRET))
@pytest.mark.parametrize("scheme", ["bearer", "query"])
async def test_an_echoed_secret_is_hidden(live, server, scheme, way):
    echoed = spellings(SECRET)[way]
    header = echoed.encode().decode("latin-1").replace("\x9c", "")
    server.answers["/get"] = json_response(json.dumps({"echo": f"it is {echoed}!", echoed: [echoed]}), X_Echo=header)
    environ = {f"TOOLBENCH_DEMO_{scheme.upper()}": SECRET}
    seen = await live(call(f"by_{scheme}", q=echoed), environ=environ)
    for text in (seen.model_dump_json(), live.written):
        assert "[redacted]" in text
        assert echoed not in text
        assert json.dumps(echoed)[1:-1] not in text


@pytest.mark.parametrize("way", spellings(SECRET))
async def test_a_secret_in_text_errors_and_names_of_types_is_hidden(live, server, way):
    echoed = spellings(SECRET)[way]
    environ = {"TOOLBENCH_DEMO_BEARER": SECRET}
    server.answers["/get"] = response(f"<p>{echoed}</p>", 401, Content_Type="text/html", Set_Cookie="sid=abcdef")
    assert "[redacted]" in (await live(call("by_bearer"), environ=environ)).body
    server.answers["/get"] = f"HTTP/1.1 {echoed} nonsense\r\n\r\n".encode()
    broken = await live(call("by_bearer", q="2"), environ=environ)
    assert broken.status == "http_error"
    for text in (broken.model_dump_json(), live.written):
        assert echoed not in text
        assert "sid=abcdef" not in text


async def test_a_secret_in_the_arguments_is_hidden_from_the_record(live, server):
    environ = {"TOOLBENCH_DEMO_BEARER": SECRET}
    await live(call("get", q=SECRET), environ=environ)
    await live(call("put", a=SECRET), environ=environ, writes=True)
    wrong = await live(Call(id="c", tool="demo_get", arguments={"q": [SECRET]}), environ=environ)
    assert (wrong.status, SECRET in wrong.model_dump_json()) == ("invalid_arguments", False)
    for spelled in spellings(SECRET).values():
        assert spelled not in live.written
    assert live.written.count("[redacted]") == 6  # arguments and request of a read, an intent and an exchange


async def test_a_number_that_is_a_secret_is_hidden(live, server):
    server.answers["/get"] = json_response('{"pin": 73519046, "n": 1}')
    assert (await live(call("by_bearer"), environ={"TOOLBENCH_DEMO_BEARER": "73519046"})).body == {
        "pin": "[redacted]",
        "n": 1,
    }


@pytest.mark.parametrize("size", range(18, 40))
async def test_a_cut_shows_no_part_of_a_secret(live, server, size):
    server.answers["/get"] = response("." * 20 + SECRET + "." * 2000, Content_Type="text/plain")
    limits = Limits(per_second=1e9, size=size)
    seen = await live(call("by_bearer"), environ={"TOOLBENCH_DEMO_BEARER": SECRET}, limits=limits)
    assert seen.truncated
    assert ("." * 20 + "[redacted]" + "." * 99).startswith(seen.body)


async def test_what_was_cut_by_time_shows_no_part_of_a_secret(live, server):
    async def dripping(seen: Seen, write: Write) -> None:
        text = "." * 2000 + SECRET[:9]
        await write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{text}".encode())
        await asyncio.Event().wait()

    server.answers["/get"] = dripping
    limits = Limits(per_second=1e9, seconds=0.2)
    seen = await live(call("by_bearer"), environ={"TOOLBENCH_DEMO_BEARER": SECRET}, limits=limits)
    assert (seen.truncated, set(seen.body)) == (True, {"."})


# --------------------------------------------------------------------------------------------- never raises

WHOLE = (
    json_response('{"a": [1, "\\u00fc"]}', Content_Encoding="identity"),
    response("<p>", 302, Location="http://example.com:99999/%zz"),
    b"HTTP/1.1 200 O\r\nTransfer-Encoding: chunked\r\nContent-Type: text/x;charset=utf-16\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 429 Wait\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n",
)


def broken(whole: bytes, dice: random.Random) -> bytes:
    """Return bytes with some of them changed, or their end missing."""
    broken = bytearray(whole)
    for _ in range(dice.randrange(4)):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken[: dice.randrange(len(broken))] if dice.random() < 0.3 else broken)


async def test_whatever_a_server_sends_an_observation_comes_back(live, server):
    dice = random.Random(0)
    server.answers["/get"] = [broken(dice.choice(WHOLE), dice) for _ in range(150)]
    calls = [call("get")] * 150
    await live(*calls, limits=Limits(per_second=1e9, seconds=1))


@pytest.mark.parametrize("value", ["\ud800", 2**70])
async def test_arguments_that_are_no_json(live, value):
    seen = await live(Call(id="c", tool="demo_get", arguments={"q": value}))
    assert (seen.status, "cannot be written" in message(seen)) == ("invalid_arguments", True)
