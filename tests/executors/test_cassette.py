"""Cassettes: what was recorded live comes back without a network, call by call, branch by branch."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from executors.live_server import TASK, Seen, Server, Write, call, demo, json_response, tool

from toolbench.errors import RunError
from toolbench.executors.live import Access, Limits, LiveExecutor
from toolbench.executors.replay import ReplayExecutor
from toolbench.model import Call, Task

OTHER = TASK.model_copy(update={"id": "t1"})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    numbers = count(1)

    async def counted(seen: Seen, write: Write) -> None:
        await write(json_response(json.dumps({"n": next(numbers)})))

    async with Server({"/get": counted, "/put": counted}) as server:
        yield server


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassette.jsonl"


def executor(server: Server, cassette: Path) -> LiveExecutor:
    access = Access(frozenset((server.host,)), writes=True)
    return LiveExecutor([demo(server=server.url)], access, cassette, limits=Limits(per_second=1e9), environ={})


async def walk(executor, *calls: Call, task: Task = TASK, state=None):
    """Make calls one after the other; return what was seen of each, and the state after the last."""
    state = state or await executor.start(task)
    seen = []
    for each in calls:
        observation, state = await executor.call(each, state)
        seen.append(observation)
    return seen, state


async def numbers(executor, *calls: Call, **more) -> list[int | str]:
    """Return the server's count in each answer, or the status of a call that has none."""
    seen, _ = await walk(executor, *calls, **more)
    return [each.body["n"] if each.status == "ok" else each.status for each in seen]


async def test_a_replay_is_what_was_live(server, cassette, monkeypatch):
    calls = [
        call("get", q="1", x="2"),
        call("put", a="1"),
        call("get", x="2", q="1"),
        call("nothing"),
        call("get", y=""),
    ]
    async with executor(server, cassette) as live:
        recorded, _ = await walk(live, *calls)

    def no_socket(*_, **__):
        raise AssertionError("a replay opened a socket")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    replayed, state = await walk(ReplayExecutor([demo()], cassette), *calls)
    assert replayed == [each.model_copy(update={"source": "replay"}) for each in recorded]
    assert state.digest == ""
    assert [each.status for each in replayed] == ["ok", "ok", "ok", "unknown_tool", "invalid_arguments"]


async def test_a_replay_says_the_same_of_what_was_not_sent(server, cassette):
    item = tool("item", "/items/{id}", arguments=(("id", "path"),))
    apis = [demo(item, server=server.url)]
    calls = [call("delete"), call("delete"), call("item", id=".."), call("by_bearer"), call("get")]
    async with LiveExecutor(apis, Access(frozenset((server.host,))), cassette, environ={}) as live:
        recorded, _ = await walk(live, *calls)
    assert [each.status for each in recorded] == ["refused", "refused", "invalid_arguments", "refused", "ok"]
    replayed, _ = await walk(ReplayExecutor(apis, cassette), *calls, task=OTHER)
    assert replayed == [each.model_copy(update={"source": "replay"}) for each in recorded]


async def test_branches_that_begin_alike_get_their_own_answers(server, cassette):
    """Siblings in one tree may make the same call at the same place: a backend need not answer alike."""
    async with executor(server, cassette) as live:
        assert [await numbers(live, call("get")) for _ in range(3)] == [[1], [2], [3]]
    replay = ReplayExecutor([demo()], cassette)
    assert [await numbers(replay, call("get")) for _ in range(4)] == [[1], [2], [3], [3]]


async def test_the_order_of_arguments_does_not_matter(server, cassette):
    async with executor(server, cassette) as live:
        await walk(live, call("get", q="1", x="2"))
    assert await numbers(ReplayExecutor([demo()], cassette), call("get", x="2", q="1")) == [1]


async def test_what_was_not_recorded_is_refused(server, cassette):
    async with executor(server, cassette) as live:
        await walk(live, call("get"))
    replay = ReplayExecutor([demo()], cassette)
    assert await numbers(replay, call("get", q="1"), call("get"), call("get")) == ["refused", 1, "refused"]
    seen, _ = await walk(replay, call("get"), call("get"))
    assert "recorded to this call: 1" in seen[1].body["error"]["message"]


async def test_another_task_gets_equal_requests_in_their_order(server, cassette):
    async with executor(server, cassette) as live:
        await walk(live, call("get"), call("get"))
        await walk(live, call("get"))
    replay = ReplayExecutor([demo()], cassette)
    calls = [call("get")] * 4
    assert await numbers(replay, *calls, task=OTHER) == [1, 2, 3, "refused"]
    assert await numbers(replay, *calls, task=OTHER) == [1, 2, 3, "refused"]


async def test_each_branch_sees_the_first_answer_first(server, cassette):
    async with executor(server, cassette) as live:
        await walk(live, call("get"), call("get"))
    replay = ReplayExecutor([demo()], cassette)
    start = await replay.start(OTHER)
    (first, _), (again, after) = [await replay.call(call("get"), start) for _ in range(2)]
    (second, _) = await replay.call(call("get"), after)
    assert [first.body["n"], again.body["n"], second.body["n"]] == [1, 1, 2]


async def test_a_branch_gets_its_own_answers_back(server, cassette):
    """Reading after writing is not the same as reading, though the requests are equal."""
    branches = [[call("get")], [call("put", a="1"), call("get")], [call("put", a="2"), call("get")]]
    async with executor(server, cassette) as live:
        recorded = [await numbers(live, *branch) for branch in branches]
    replay = ReplayExecutor([demo()], cassette)
    assert [await numbers(replay, *branch) for branch in reversed(branches)] == recorded[::-1]
    assert recorded == [[1], [2, 3], [4, 5]]


async def test_a_write_is_announced_before_it_is_sent(server, cassette):
    written = []

    async def look(seen: Seen, write: Write) -> None:
        written.extend(json.loads(line)["kind"] for line in cassette.read_text().splitlines())
        await write(json_response("{}"))

    server.answers["/put"] = look
    async with executor(server, cassette) as live:
        await walk(live, call("put", a="1"))
    assert written == ["intent"]
    lines = [json.loads(line) for line in cassette.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["intent", "exchange"]
    assert lines[1]["request"]["body"] == '{"a":"1"}'
    assert lines[1]["request"]["url"] == f"{server.url}/put"


async def cut_off(executor: LiveExecutor, *calls: Call) -> None:
    """Make calls, the last of which gets no answer before the process ends."""
    task = asyncio.create_task(walk(executor, *calls))
    await asyncio.wait([task], timeout=0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await executor.aclose()


async def test_a_run_that_was_cut_off_goes_on(server, cassette):
    async with executor(server, cassette) as live:
        assert await numbers(live, call("get"), call("get"), call("put", a="1")) == [1, 2, 3]
    async with executor(server, cassette) as live:
        assert await numbers(live, *[call("get")] * 3) == [1, 2, 4]
        assert await numbers(live, call("get"), call("get"), call("put", a="1")) == [5, 6, 3]
        assert await numbers(live, call("get"), task=OTHER) == [7]


async def test_a_write_whose_outcome_is_unknown_is_not_sent_again(server, cassette):
    async def silent(seen: Seen, write: Write) -> None:
        await asyncio.Event().wait()

    answers = server.answers
    server.answers = {"/get": silent, "/put": silent}
    await cut_off(executor(server, cassette), call("put", a="1"))
    await cut_off(executor(server, cassette), call("get"))
    assert [seen.method for seen in server.seen] == ["POST", "GET"]
    server.answers = answers
    async with executor(server, cassette) as live:
        seen, after = await walk(live, call("put", a="1"))
        assert seen[0].status == "refused"
        assert after != await live.start(TASK), "it may have taken effect, so it counts as sent"
        assert await numbers(live, call("put", a="2"), call("get")) == [1, 2]
        assert await numbers(live, call("get")) == [3]


async def test_a_torn_line_is_passed_over(server, cassette):
    async with executor(server, cassette) as live:
        await walk(live, call("get"))
    with cassette.open("ab") as file:
        file.write(b'{"version":1,"kind":"exch')
    assert await numbers(ReplayExecutor([demo()], cassette), call("get")) == [1]
    async with executor(server, cassette) as live:
        await walk(live, call("put", a="1"))
    assert await numbers(ReplayExecutor([demo()], cassette), call("put", a="1")) == [2]


def test_what_is_no_cassette(cassette):
    with pytest.raises(RunError, match="no cassette is here"):
        ReplayExecutor([demo()], cassette)
    cassette.write_text('{"version": 1}\n')
    with pytest.raises(RunError, match="line 1: not a entry record"):
        ReplayExecutor([demo()], cassette)


async def test_a_state_of_another_making_is_an_error(cassette):
    cassette.write_text("")
    with pytest.raises(TypeError):
        await ReplayExecutor([demo()], cassette).call(call("get"), object())
