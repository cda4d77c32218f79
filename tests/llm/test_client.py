import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpcore2
import httpx
import pytest
import respx
from mocked import URL, Naps, ask, completion

from toolbench.errors import EndpointError, InputError, UnreachableError
from toolbench.llm.client import EndpointModel, Price
from toolbench.llm.retry import Retry
from toolbench.llm.script import Answer
from toolbench.llm.scripted import ScriptedModel, serve, serving

CHAT = "/chat/completions"
GOOD = httpx.Response(200, json=completion())


def broken(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "t", "param": None, "code": None, **more}}


async def test_sends_the_request_whole_and_nothing_else(model: EndpointModel, wire: respx.MockRouter) -> None:
    route = wire.post(CHAT).mock(return_value=GOOD)
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
    await model.chat(ask(tools=(tool,), temperature=0.5, max_tokens=7, seed=3, response_format=form, sample=2))
    sent = route.calls.last.request
    assert json.loads(sent.content) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "tools": [tool],
        "temperature": 0.5,
        "max_tokens": 7,
        "seed": 3,
        "response_format": form,
    }
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer none"
    assert sent.headers["accept"] == "application/json"
    assert "gzip" in sent.headers["accept-encoding"]
    names = [name.lower() for name, _ in sent.headers.raw]
    assert len(names) == len(set(names)), "a server may refuse what is said twice"


async def test_sends_only_what_is_set(model: EndpointModel, wire: respx.MockRouter) -> None:
    route = wire.post(CHAT).mock(return_value=GOOD)
    assert (await model.chat(ask())).content == "fine"
    assert set(json.loads(route.calls.last.request.content)) == {"model", "messages"}


async def test_a_proxy_of_the_environment_is_used_but_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(await reader.readline())
        body = json.dumps(completion()).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        writer.write(b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        async with EndpointModel("m", base_url="http://endpoint.example/v1") as model:
            assert (await model.chat(ask())).content == "fine"
        async with serve([Answer(content="here")]) as url, EndpointModel("scripted", base_url=url) as model:
            assert (await model.chat(ask())).content == "here"
    assert met == [b"POST http://endpoint.example/v1/chat/completions HTTP/1.1\r\n"]


USAGE = {"prompt_tokens": 2_000_000, "completion_tokens": 500_000}


@pytest.mark.parametrize(("said", "cost"), [(USAGE, 2 * 0.5 + 0.5 * 3), ({**USAGE, "cost": 9.5}, 9.5)])
async def test_prices_count_where_the_endpoint_tells_no_cost(wire: respx.MockRouter, said: Any, cost: float) -> None:
    wire.post(CHAT).mock(return_value=httpx.Response(200, json=completion(usage=said)))
    async with EndpointModel("m", base_url=URL, price=Price(0.5, 3), needs_cost=True) as model:
        assert (await model.chat(ask())).usage.cost == cost


async def test_a_cost_that_is_needed_and_unknown_ends_the_work(wire: respx.MockRouter) -> None:
    wire.post(CHAT).mock(return_value=httpx.Response(200, json=completion(usage=USAGE)))
    async with EndpointModel("m", base_url=URL, needs_cost=True) as model:
        with pytest.raises(UnreachableError, match="does not say what its answers cost") as caught:
            await model.chat(ask())
    assert "--price" in str(caught.value.hint)


async def test_key_and_url_come_from_the_environment(wire: respx.MockRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_BASE_URL", URL)
    route = wire.post(CHAT).mock(return_value=GOOD)
    async with EndpointModel("m") as model:
        assert model.url == URL
        await model.chat(ask())
    assert route.calls.last.request.headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(408),
        httpx.Response(409),
        httpx.Response(429, json=broken("slow down")),
        httpx.Response(500, text="<html>oops</html>"),
        httpx.Response(503, json={"error": "loading"}),
        httpcore2.ConnectError("refused"),
        httpcore2.ReadTimeout("slow"),
        httpcore2.RemoteProtocolError("cut off"),
        httpx.Response(200, text="<html>502</html>", headers={"content-type": "text/html"}),
        httpx.Response(200, text='{"id": "x", "choices": [{"ind'),
        httpx.Response(200, json={"choices": None}),
        httpx.Response(200, json={"choices": []}),
        httpx.Response(200, text=""),
    ],
    ids=repr,
)
async def test_passing_trouble_is_tried_again(
    trouble: httpx.Response | Exception, model: EndpointModel, wire: respx.MockRouter, naps: Naps
) -> None:
    route = wire.post(CHAT).mock(side_effect=[trouble, trouble, GOOD])
    assert (await model.chat(ask())).content == "fine"
    assert route.call_count == 3
    assert len(naps) == 2
    assert 0.25 <= naps[0] <= 0.5 <= naps[1] <= 1


@pytest.mark.parametrize("status", [400, 403, 413, 422])
async def test_a_refused_request_is_not_tried_again(status: int, model: EndpointModel, wire: respx.MockRouter) -> None:
    route = wire.post(CHAT).respond(status, json=broken("too long"))
    with pytest.raises(EndpointError, match=rf"m at {URL} refuses a request: HTTP {status}: too long") as caught:
        await model.chat(ask())
    assert not isinstance(caught.value, InputError)
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("status", "code", "way_out"),
    [
        (401, None, "OPENAI_API_KEY"),
        (402, None, "Top up"),
        (404, "model_not_found", "model's name"),
        (429, "insufficient_quota", "Top up"),
    ],
)
async def test_a_refused_user_is_told_the_way_out(
    status: int, code: str | None, way_out: str, model: EndpointModel, wire: respx.MockRouter
) -> None:
    route = wire.post(CHAT).respond(status, json=broken("no", code=code))
    with pytest.raises(UnreachableError, match=way_out) as caught:
        await model.chat(ask())
    assert str(caught.value).startswith(f"{URL}: HTTP {status}: no. ")
    assert caught.value.exit_code == 2
    assert route.call_count == 1


async def test_gives_up_in_the_end_and_says_why(model: EndpointModel, wire: respx.MockRouter, naps: Naps) -> None:
    route = wire.post(CHAT).respond(500, json=broken("out of memory"))
    with pytest.raises(EndpointError, match="no usable answer, the last time: HTTP 500: out of memory") as caught:
        await model.chat(ask())
    assert not isinstance(caught.value, UnreachableError)
    assert (route.call_count, len(naps)) == (4, 3)


async def test_a_server_that_is_gone_for_good_ends_the_work(model: EndpointModel, wire: respx.MockRouter) -> None:
    wire.post(CHAT).mock(side_effect=httpcore2.ConnectError("connection refused"))
    with pytest.raises(UnreachableError, match="nothing answers there: connection refused"):
        await model.chat(ask())


async def test_waits_as_long_as_the_server_says_up_to_the_cap(wire: respx.MockRouter, naps: Naps) -> None:
    answers = [httpx.Response(429, headers={"Retry-After": after}) for after in ("3", "9999", "soon")]
    wire.post(CHAT).mock(side_effect=[*answers, GOOD])
    async with EndpointModel("m", base_url=URL, retry=Retry(cap=20.0), sleep=naps) as model:
        await model.chat(ask())
    assert 3 <= naps[0] <= 3.5
    assert naps[1] == 20
    assert 1 <= naps[2] <= 2


async def test_the_same_seed_waits_the_same(wire: respx.MockRouter) -> None:
    wire.post(CHAT).respond(500)

    async def waits(seed: int) -> list[float]:
        naps = Naps()
        async with EndpointModel("m", base_url=URL, retry=Retry(seed=seed), sleep=naps) as model:
            with pytest.raises(EndpointError):
                await model.chat(ask())
        return naps

    assert await waits(1) == await waits(1) != await waits(2)


async def test_changes_to_the_newer_limit_where_asked(model: EndpointModel, wire: respx.MockRouter) -> None:
    refusal = httpx.Response(400, json=broken("use 'max_completion_tokens'", param="max_tokens"))
    route = wire.post(CHAT).mock(side_effect=[refusal, GOOD, GOOD])
    await model.chat(ask(max_tokens=9))
    await model.chat(ask(max_tokens=9))
    assert [json.loads(call.request.content).get("max_completion_tokens") for call in route.calls] == [None, 9, 9]


async def test_keeps_to_its_bound_of_requests_in_flight(wire: respx.MockRouter) -> None:
    running = peak = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.005)
        running -= 1
        return httpx.Response(200, json=completion())

    wire.post(CHAT).mock(side_effect=answer)
    async with EndpointModel("m", base_url=URL, in_flight=3) as model:
        await asyncio.gather(*(model.chat(ask(str(n))) for n in range(12)))
    assert peak == 3


async def test_probe_is_content_with_the_list(model: EndpointModel, wire: respx.MockRouter) -> None:
    wire.get("/models").respond(json={"data": [{"id": "other"}, {"id": "m"}]})
    chat = wire.post(CHAT)
    await model.probe()
    assert not chat.called


@pytest.mark.parametrize(
    "listed",
    [
        httpx.Response(404),
        httpx.Response(403),
        httpx.Response(200, json={"data": [{"id": "other"}]}),
        httpx.Response(200, json={"models": []}),
        httpx.Response(200, text="<html>"),
    ],
    ids=repr,
)
async def test_probe_asks_the_model_where_the_list_does_not_help(
    listed: httpx.Response, model: EndpointModel, wire: respx.MockRouter
) -> None:
    wire.get("/models").mock(return_value=listed)
    chat = wire.post(CHAT).mock(return_value=GOOD)
    await model.probe()
    assert chat.call_count == 1


def refused(wire: respx.MockRouter) -> None:
    wire.get("/models").mock(side_effect=httpcore2.ConnectError("connection refused"))


def unauthorised(wire: respx.MockRouter) -> None:
    wire.get("/models").respond(401)
    wire.post(CHAT).respond(401, json=broken("bad key"))


def forbidden(wire: respx.MockRouter) -> None:
    wire.get("/models").respond(403)
    wire.post(CHAT).respond(403, json=broken("not from here"))


def unknown(wire: respx.MockRouter) -> None:
    wire.get("/models").respond(json={"data": [{"id": "a"}, {"id": "b"}]})
    wire.post(CHAT).respond(404, json=broken("no such model", code="model_not_found"))


def a_website(wire: respx.MockRouter) -> None:
    wire.get("/models").respond(text="<html>Welcome</html>")
    wire.post(CHAT).respond(text="<html>Welcome</html>")


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (refused, "connection refused. Start the server"),
        (unauthorised, "HTTP 401: bad key. Set OPENAI_API_KEY"),
        (forbidden, "HTTP 403: not from here. Check the endpoint"),
        (unknown, "There is no 'm' there; it has: a, b"),
        (a_website, "not a chat completion .*<html>Welcome</html>. Check the endpoint"),
    ],
)
async def test_probe_names_the_url_and_the_way_out(
    world: Callable[[respx.MockRouter], None], said: str, model: EndpointModel, wire: respx.MockRouter
) -> None:
    world(wire)
    with pytest.raises(UnreachableError, match=said) as caught:
        await model.probe()
    assert URL in str(caught.value)
    assert caught.value.exit_code == 2


async def test_probe_does_not_wait_for_a_server_that_is_not_there(wire: respx.MockRouter, naps: Naps) -> None:
    refused(wire)
    async with EndpointModel("m", base_url=URL, sleep=naps) as model:
        with pytest.raises(UnreachableError):
            await model.probe()
    assert naps == []


def test_an_empty_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "")
    with pytest.raises(UnreachableError, match="OPENAI_BASE_URL is empty: not a base URL"):
        EndpointModel("m")


@pytest.mark.parametrize("url", ["localhost:8000/v1", "api.test", "ftp://x/v1", "http://"])
def test_refuses_what_is_no_url(url: str) -> None:
    with pytest.raises(UnreachableError, match="not a base URL"):
        EndpointModel("m", base_url=url)


async def test_talks_to_a_real_server() -> None:
    async with serve((Answer(content="over the wire"),)) as url, EndpointModel("scripted", base_url=url) as model:
        await model.probe()
        answer = await model.chat(ask())
    assert answer.content == "over the wire"
    assert answer.finish_reason == "stop"
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.queries == 0


async def test_a_server_on_this_machine_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serve((Answer(content="near"),)) as url, EndpointModel("scripted", base_url=url) as model:
        assert (await model.chat(ask())).content == "near"


async def test_survives_a_server_with_faults() -> None:
    backend = ScriptedModel((), faults=0.4)
    with serving(backend) as url:
        async with EndpointModel("scripted", base_url=url, in_flight=8, sleep=Naps()) as model:
            answers = await asyncio.gather(*(model.chat(ask(f"number {n}")) for n in range(30)))
    assert all(f"number {n}" in answer.content for n, answer in enumerate(answers))
    assert backend.asked > 30


async def test_finds_a_server_gone() -> None:
    async with serve() as url:
        pass
    async with EndpointModel("scripted", base_url=url) as model:
        with pytest.raises(UnreachableError, match="nothing answers there"):
            await model.probe()
