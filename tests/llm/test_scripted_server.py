import json
import random
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from toolbench.errors import InputError
from toolbench.llm.faults import fault
from toolbench.llm.script import Answer, ScriptedCall
from toolbench.llm.scripted import ScriptedModel, ScriptedServer, application, serve

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USER = {"role": "user", "content": "hello"}
ASSISTANT = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOOL = {"role": "tool", "tool_call_id": "c1", "content": "{}"}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
REQUEST = {"model": "scripted", "messages": [USER]}


def client(*script: Answer, **more: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(application(ScriptedModel(script, **more)))
    return httpx2.AsyncClient(transport=transport, base_url="http://scripted.test/v1/")


@pytest.fixture
async def server() -> AsyncIterator[httpx2.AsyncClient]:
    async with client() as server:
        yield server


async def test_lists_its_model(server: httpx2.AsyncClient) -> None:
    listed = (await server.get("models")).json()
    assert [model["id"] for model in listed["data"]] == ["scripted"]


async def test_answers_in_the_form_of_a_chat_completion() -> None:
    calls = (ScriptedCall(name="f", arguments={"a": 1}), ScriptedCall(name="g", arguments="not json", id="mine"))
    async with client(Answer(content="text", reasoning="thought", tool_calls=calls)) as server:
        body = (await server.post("chat/completions", json=REQUEST)).json()
    (choice,) = body["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "text"
    assert choice["message"]["reasoning_content"] == "thought"
    functions = [call["function"] for call in choice["message"]["tool_calls"]]
    assert functions == [{"name": "f", "arguments": '{"a":1}'}, {"name": "g", "arguments": "not json"}]
    assert choice["message"]["tool_calls"][1]["id"] == "mine"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 2


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (Answer(body="<html>"), 200, "<html>"),
        (Answer(body={"a": 1}, status=418), 418, '{"a":1}'),
        (Answer(body="", status=502), 502, ""),
    ],
)
async def test_a_body_is_sent_as_it_stands(answer: Answer, status: int, body: str) -> None:
    async with client(answer) as server:
        got = await server.post("chat/completions", json=REQUEST)
    assert (got.status_code, got.text) == (status, body)


async def test_a_status_comes_with_headers_and_an_error() -> None:
    async with client(Answer(status=429, headers={"Retry-After": "7"}), Answer(empty_choices=True)) as server:
        got = await server.post("chat/completions", json=REQUEST)
        empty = await server.post("chat/completions", json=REQUEST)
    assert (got.status_code, got.headers["retry-after"]) == (429, "7")
    assert got.json()["error"]["code"] == "rate_limit_exceeded"
    assert empty.json()["choices"] == []


async def test_a_well_formed_conversation_passes(server: httpx2.AsyncClient) -> None:
    parts = {"role": "user", "content": [{"type": "text", "text": "and?"}]}
    request = {**REQUEST, "messages": [USER, ASSISTANT, TOOL, parts], "tools": [FUNCTION]}
    assert (await server.post("chat/completions", json=request)).status_code == 200


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages[0].role"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "assistant", "content": None}]}, "messages[0].content"),
        ({"messages": [USER, TOOL]}, "messages[1].tool_call_id"),
        ({"messages": [USER, ASSISTANT]}, "messages[2]"),
        ({"messages": [USER, ASSISTANT, USER]}, "messages[2].role"),
        ({"messages": [USER, ASSISTANT, TOOL, TOOL]}, "messages[3].tool_call_id"),
        ({"messages": [{**ASSISTANT, "tool_calls": [{}]}]}, "messages[0].tool_calls[0]"),
        (
            {"messages": [{**ASSISTANT, "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"messages": [{**ASSISTANT, "tool_calls": [{**CALL, "function": {"name": "no good", "arguments": ""}}]}]},
            "messages[0].tool_calls[0].function.name",
        ),
        ({"tools": {"f": {}}}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {"name": "a" * 65}}]}, "tools[0].function.name"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"stream": True}, "stream"),
    ],
)
async def test_malformed_requests_are_refused(change: dict[str, Any], param: str, server: httpx2.AsyncClient) -> None:
    got = await server.post("chat/completions", json={**REQUEST, **change})
    assert got.status_code == 400
    error = got.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error["message"]


@pytest.mark.parametrize("body", ["", "{", "[]", "7"])
async def test_what_is_no_json_object_is_refused(body: str, server: httpx2.AsyncClient) -> None:
    got = await server.post("chat/completions", content=body)
    assert (got.status_code, got.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_another_model_is_not_found(server: httpx2.AsyncClient) -> None:
    got = await server.post("chat/completions", json={**REQUEST, "model": "other"})
    assert (got.status_code, got.json()["error"]["code"]) == (404, "model_not_found")


async def test_faults_are_the_same_each_time_and_pass() -> None:
    async def statuses() -> list[tuple[int, str]]:
        async with client(faults=0.5) as server:
            got = [await server.post("chat/completions", json={**REQUEST, "tools": [FUNCTION]}) for _ in range(40)]
            return [(answer.status_code, answer.text) for answer in got]

    first = await statuses()
    assert first == await statuses()
    good = [text for status, text in first if status == 200 and text.startswith('{"id":"chatcmpl-') and "usage" in text]
    assert 10 < len(good) < 38


async def test_no_faults_where_none_are_wanted() -> None:
    async with client(faults=0.0) as server:
        got = [await server.post("chat/completions", json={**REQUEST, "seed": n}) for n in range(20)]
    assert all(answer.status_code == 200 and answer.json()["choices"] for answer in got)


def test_every_kind_of_fault_comes() -> None:
    request = {**REQUEST, "tools": [FUNCTION]}
    kinds = {fault(request, random.Random(n)).model_dump_json() for n in range(200)}
    assert len(kinds) == 9
    without_tools = [fault(REQUEST, random.Random(n)) for n in range(200)]
    assert not any(answer.tool_calls for answer in without_tools)


async def test_serves_on_a_port_of_its_own() -> None:
    one, other = serve((Answer(content="a"),)), serve((Answer(content="b"),))
    async with one as here, other as there, httpx2.AsyncClient() as anyone:
        said = [(await anyone.post(f"{url}/chat/completions", json=REQUEST)).json() for url in (here, there)]
    assert [answer["choices"][0]["message"]["content"] for answer in said] == ["a", "b"]


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1:{port}: cannot listen: Address already in use"):
            ScriptedServer(ScriptedModel(), port=port)


async def test_the_same_request_gets_the_same_bytes(server: httpx2.AsyncClient) -> None:
    got = [(await server.post("chat/completions", content=json.dumps(REQUEST))).content for _ in range(2)]
    assert got[0] == got[1]
