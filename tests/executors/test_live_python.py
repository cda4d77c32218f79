"""Python tools through the live executor: real functions, in a process of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from executors.live_calls import Live, message
from executors.live_server import TASK, demo

from toolbench.executors.live import Access, Limits, LiveExecutor
from toolbench.executors.replay import ReplayExecutor
from toolbench.model import Call, Observation
from toolbench.specs import read_api

SECRET = "secret-of-tools"


@pytest.fixture(scope="module")
def api():
    return read_api("python_tools", kind="python", api_id="py")


@pytest.fixture
async def live(api, tmp_path: Path) -> AsyncIterator[Live]:
    live = Live(api, tmp_path / "cassette.jsonl")
    async with live.executor:
        yield live


async def test_arguments_are_bound_by_name_and_become_what_hints_say(live):
    seen = await live("get_due", start="2026-01-30")
    assert seen == Observation(call="c", status="ok", body="2026-02-06", source="live")
    items = [{"name": "a"}, {"name": "b", "price": 2}]
    assert (await live("get_names", upper=True, first=1, items=items)).body == {"B": 2.0}
    assert (await live("fetch_later", text="ü")).body == "ü"
    assert (await live("store", point={"x": -3})).body == {"x": 3, "y": 0}


async def test_what_functions_print_and_read_goes_nowhere(live):
    assert (await live("get_noise", text="a")).body == "a"
    assert (await live("get_noise", text="b")).body == "b"


async def test_wrong_arguments_go_no_further(live):
    seen = await live("get_due", start=3)
    assert (seen.status, seen.body["error"]["details"][0]["pointer"]) == ("invalid_arguments", "/start")


async def test_what_goes_wrong_is_an_observation(live):
    seen = await live("get_error", text="no such thing")
    assert (seen.status, seen.http_status, message(seen)) == ("http_error", None, "ValueError: no such thing")
    assert message(await live("get_exit")) == "SystemExit: 4"
    assert "exit status 7" in message(await live("get_crash"))
    assert (await live("get_count")).body == 1


async def test_one_process_serves_all_calls(live):
    assert [(await live("get_count")).body for _ in range(3)] == [1, 2, 3]


async def test_a_hung_function_is_ended_and_the_next_one_runs(api, tmp_path):
    live = Live(api, tmp_path / "c.jsonl", seconds=1.0)
    async with live.executor:
        await live("get_count")
        seen = await live("get_hung", seconds=3600)
        assert (seen.status, message(seen)) == ("timeout", "No result within 1 seconds")
        assert (await live("get_hung", seconds=0)).body == "woke"


async def test_memory_is_limited(api, tmp_path):
    live = Live(api, tmp_path / "c.jsonl", memory=1 << 30)
    async with live.executor:
        assert message(await live("get_memory", size=1 << 31)).startswith("MemoryError")
        assert (await live("get_memory", size=1000)).body == 1000


async def test_long_results_are_cut(api, tmp_path):
    live = Live(api, tmp_path / "c.jsonl", size=100)
    async with live.executor:
        seen = await live("get_text", size=10_000_000)
        assert (seen.status, seen.truncated, len(seen.body)) == ("ok", True, 100)
        assert seen.body == "x" * 100
        assert not (await live("get_text", size=90)).truncated


@pytest.mark.parametrize(
    ("kind", "value"),
    [("big", float(2**80)), ("nan", None), ("set", [1]), ("bytes", "a"), ("point", {"x": 1, "y": 0})],
)
async def test_results_become_json(live, kind, value):
    assert (await live("get_value", kind=kind)).body == value


async def test_our_own_variables_are_not_handed_on(live, monkeypatch):
    # The environment is read when the process starts, with the first call.
    monkeypatch.setenv("TOOLBENCH_CRM_BEARER", SECRET)
    monkeypatch.setenv("OTHER", "seen")
    assert (await live("get_environment", name="TOOLBENCH_CRM_BEARER")).body is None
    assert (await live("get_environment", name="OTHER")).body == "seen"


@pytest.mark.parametrize("before", [0, 79, 88, 95])
async def test_secrets_are_taken_out(api, tmp_path, before):
    access = Access(frozenset(), programs=frozenset({"python_tools"}))
    environ = {"TOOLBENCH_DEMO_BEARER": SECRET}
    executor = LiveExecutor([api, demo()], access, tmp_path / "c", limits=Limits(size=100), environ=environ)
    async with executor:
        state = await executor.start(TASK)
        for name in ("get_echo", "get_error"):
            arguments = {"text": SECRET, **({"before": before} if name == "get_echo" else {})}
            seen, state = await executor.call(Call(id="c", tool=f"py_{name}", arguments=arguments), state)
            assert SECRET[:8] not in seen.model_dump_json()
    assert SECRET[:8] not in (tmp_path / "c").read_text("utf-8")


async def test_only_what_is_allowed_runs(api, tmp_path):
    async def seen(name: str, **access):
        allowed = Access(frozenset(), **access)
        async with LiveExecutor([api], allowed, tmp_path / "c.jsonl", environ={}) as executor:
            call = Call(id="c", tool=f"py_{name}", arguments={"name": "a"})
            return (await executor.call(call, await executor.start(TASK)))[0]

    allowed = frozenset({"python_tools"})
    assert "not among the allowed programs" in message(await seen("get_environment"))
    assert "not allowed" in message(await seen("delete_item", programs=allowed, writes=True))
    done = await seen("delete_item", programs=allowed, writes=True, destructive=True)
    assert (done.status, done.body) == ("ok", True)


async def test_calls_are_recorded_and_replayed(api, live, tmp_path):
    seen = [await live("get_count"), await live("get_count"), await live("store", point={"x": 1})]
    lines = (tmp_path / "cassette.jsonl").read_text("utf-8").splitlines()
    assert [line.count('"intent"') for line in lines] == [0, 0, 1, 0]
    replay = ReplayExecutor([api], tmp_path / "cassette.jsonl")
    state = await replay.start(TASK)
    for name, arguments, live_one in zip(
        ("get_count", "get_count", "store"), ({}, {}, {"point": {"x": 1}}), seen, strict=True
    ):
        again, state = await replay.call(Call(id="c", tool=f"py_{name}", arguments=arguments), state)
        assert again == live_one.model_copy(update={"source": "replay"})


async def test_a_call_that_is_given_up_leaves_no_answer_behind(live):
    await live("get_count")
    task = asyncio.create_task(live("get_hung", seconds=3600))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await live("fetch_later", text="mine")).body == "mine"
