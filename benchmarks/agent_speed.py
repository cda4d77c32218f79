"""How fast the agent searches where the model takes no time: model queries per CPU-second of ours, by depth.

    python benchmarks/agent_speed.py [ATTEMPTS] [--profile]

A scripted model in this process answers every request at once, with a call that was not made before: pre-order DFSDT
(width 2, 200 queries) goes down to its depth bound and branches there for as long as its budget lasts. Seven tools,
observations of 1 KB, 64 attempts in flight. All that a run does is counted but the model itself: requests are made,
answers read and journalled, calls run, states kept, traces made and written.

`canned`: every call is answered with the same 1 KB, which leaves the framework alone. `library`: the bundled API of
that name, simulated. `http`: as `canned`, over HTTP; the server is a process of its own, whose CPU is not ours.
`openai`: what the OpenAI SDK takes for such requests by itself, with one client for all and 64 in flight. `langgraph`:
what LangGraph takes for supersteps that do nothing, 64 graphs at once: a query needs one of them, and it tells one
machine from another.
"""

import asyncio
import cProfile
import multiprocessing
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypedDict

import openai
import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from searchers.dfsdt import Dfsdt
from toolbench.agent.attempt import Attempt
from toolbench.agent.conversation import functions
from toolbench.agent.explore import explore
from toolbench.agent.llm_policy import LlmPolicy
from toolbench.engine.local import run_loop, run_ordered
from toolbench.executors.base import Executor
from toolbench.executors.mock import MockExecutor
from toolbench.llm.client import EndpointModel
from toolbench.llm.journal import Journal, JournaledModel
from toolbench.model import (
    Call,
    ChatAnswer,
    ChatModel,
    ChatRequest,
    Goal,
    Observation,
    Provenance,
    RawCall,
    Task,
    Tool,
    Turn,
    Usage,
)
from toolbench.serving import Server
from toolbench.specs import open_catalogue
from toolbench.store import Run
from toolbench.world.world import Landscape

DEPTHS = (12, 24, 48, 96)
QUERIES = 200
IN_FLIGHT = 64
TOOLS = 7
ATTEMPTS = 64
ROUNDS = 3
SEEN = {"items": [{"id": f"item-{place}", "title": "A title of some length"} for place in range(20)]}
"""What every call is answered with: 1 KB."""
ANSWERED = Usage(prompt_tokens=1_000, completion_tokens=20)
PROVENANCE = Provenance(
    teacher="scripted", searcher="dfsdt", executor="mock", seed=0, config="speed", specs={}, code="", world=""
)


@dataclass(frozen=True)
class Nowhere:
    """A state that nothing changes but the number of calls."""

    calls: int = 0

    @property
    def digest(self) -> str:
        return str(self.calls)


class Canned:
    """Answers every call with the same 1 KB."""

    async def start(self, task: Task) -> Nowhere:
        del task
        return Nowhere()

    async def call(self, call: Call, state: Nowhere) -> tuple[Observation, Nowhere]:
        return Observation(call=call.id, status="ok", http_status=200, body=SEEN), Nowhere(state.calls + 1)


class Instant:
    """A model that answers at once, each time with a call that nobody made before."""

    name = "scripted"

    def __init__(self) -> None:
        self._places = count()

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        tool = request.tools[0]["function"]["name"]
        call = RawCall(id="", name=tool, arguments=f'{{"offset":{next(self._places)}}}')
        return ChatAnswer(content="Let me look.", calls=(call,), finish_reason="tool_calls", usage=ANSWERED)


# -- the same over HTTP ------------------------------------------------------------------------------------------------


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application of the endpoint: as `Instant`, and as little work as can be."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    tool = orjson.loads(body)["tools"][0]["function"]["name"]
    function = {"name": tool, "arguments": f'{{"offset":{next(PLACES)}}}'}
    message = {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "a", "function": function}]}
    message["tool_calls"][0]["type"] = "function"
    usage = {"prompt_tokens": 1_000, "completion_tokens": 20, "total_tokens": 1_020}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    content = orjson.dumps({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


PLACES = count()


def serve(connection: Connection) -> None:
    server = Server(answer)
    connection.send(server.url)
    server.run()


@contextmanager
def endpoint() -> Generator[str]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


# -- attempts ----------------------------------------------------------------------------------------------------------


def library() -> Landscape:
    return Landscape([open_catalogue().api("library")])


def readers(landscape: Landscape) -> Mapping[str, Tool]:
    """Return tools of the library that take an `offset`, then others, seven in all."""
    names = sorted(landscape.operations)
    paged = [name for name in names if "offset" in landscape.tool(name).parameters.get("properties", {})]
    others = [name for name in names if name not in paged]
    return {name: landscape.tool(name) for name in (*paged, *others)[:TOOLS]}


def make_task(place: int) -> Task:
    return Task(
        id=f"t{place}",
        kind="lookup",
        turns=(Turn(text=f"Find out what there is to know about matter {place}."),),
        apis=("library",),
        goal=Goal(),
        world_seed=place,
    )


@dataclass(frozen=True)
class Setting:
    """What a measurement is of."""

    name: str
    make_executor: Callable[[Task], Executor]
    tools: Mapping[str, Tool]
    url: str = ""


async def search(setting: Setting, depth: int, attempts: int, folder: Path) -> tuple[int, float]:
    """Return the model queries made and the CPU-seconds they took."""
    run = Run(folder / f"{setting.name}-{depth}")
    run.make()
    searcher = Dfsdt(width=2, max_depth=depth, max_queries=QUERIES, solutions=None)
    queries = 0
    started = time.process_time()
    with Journal(run.journal_path) as journal, run.traces.writer() as traces:
        async with model_of(setting) as model:
            policy = LlmPolicy(JournaledModel(model, journal))

            async def work(place: int) -> Any:
                task = make_task(place)
                executor = setting.make_executor(task)
                parts = {"policy": policy, "searcher": searcher, "executor": executor, "provenance": PROVENANCE}
                return await explore(Attempt(task=task, tools=setting.tools, **parts))

            async for trace in run_ordered(range(attempts), work, concurrency=IN_FLIGHT):
                traces.add(trace)
                queries += trace.usage.queries
    return queries, time.process_time() - started


async def ask_alone(url: str, depth: int, tools: Mapping[str, Tool], calls: int) -> float:
    """Return the CPU-seconds of the SDK's own typed calls, with as many messages as at half of a depth."""
    function = {"name": "f", "arguments": '{"offset":1}'}
    said = {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "c", "type": "function"}]}
    said["tool_calls"][0]["function"] = function
    seen = {"role": "tool", "tool_call_id": "c", "content": orjson.dumps(SEEN).decode()}
    messages: Any = [{"role": "user", "content": "Find out."}, *(depth // 2 * [said, seen])]
    async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:

        async def ask(_: int) -> object:
            offered: Any = functions(tools, "Finish")
            return await client.chat.completions.create(model="scripted", messages=messages, tools=offered)

        started = time.process_time()
        async for _ in run_ordered(range(calls), ask, concurrency=IN_FLIGHT):
            pass
        return time.process_time() - started


class Counted(TypedDict):
    """The state of a graph that counts."""

    steps: int


async def count_one(state: Counted) -> Command[str]:
    steps = state["steps"] + 1
    return Command(update={"steps": steps}, goto="count" if steps < QUERIES else END)


async def supersteps() -> float:
    """Return how many supersteps LangGraph makes in a CPU-second."""
    builder = StateGraph(Counted)
    builder.add_node("count", count_one, destinations=("count", END))
    builder.add_edge(START, "count")
    graph = builder.compile()
    config: RunnableConfig = {"recursion_limit": 2 * QUERIES}
    started = time.process_time()
    await asyncio.gather(*(graph.ainvoke({"steps": 0}, config) for _ in range(IN_FLIGHT)))
    return IN_FLIGHT * QUERIES / (time.process_time() - started)


@asynccontextmanager
async def model_of(setting: Setting) -> AsyncGenerator[ChatModel]:
    if not setting.url:
        yield Instant()
        return
    async with EndpointModel("scripted", base_url=setting.url, in_flight=IN_FLIGHT) as model:
        yield model


def measure(setting: Setting, depths: Sequence[int], attempts: int) -> None:
    """Measure each depth in several rounds: a machine that is shared runs slower for seconds or minutes at a time."""
    taken: dict[int, list[float]] = {depth: [] for depth in depths}
    for _ in range(ROUNDS):
        for depth in depths:
            with tempfile.TemporaryDirectory() as folder:
                queries, seconds = run_loop(search(setting, depth, attempts, Path(folder)))
            taken[depth].append(seconds / queries)
    for depth, each in taken.items():
        best, middle = 1_000 * min(each), 1_000 * statistics.median(each)
        rate = f"{1_000 / best:7,.0f} queries per CPU-second"
        print(
            f"{setting.name:8} depth {depth:3}: {rate}, {best:.2f} ms each at best, {middle:.2f} in the middle",
            flush=True,
        )
    fastest = [min(each) for each in taken.values()]
    print(f"{setting.name:8} slowest against fastest, at best: {min(fastest) / max(fastest):.2f}", flush=True)


def main() -> None:
    given = [word for word in sys.argv[1:] if word != "--profile"]
    attempts = int(given[0]) if given else ATTEMPTS
    landscape = library()
    tools = readers(landscape)
    canned = Setting("canned", lambda _: Canned(), tools)
    if "--profile" in sys.argv:
        with cProfile.Profile() as profile:
            measure(canned, DEPTHS[-1:], attempts)
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        return
    alone = run_loop(supersteps())
    print(f"langgraph          : {alone:7,.0f} supersteps per CPU-second, {1_000 / alone:.2f} ms each", flush=True)
    measure(canned, DEPTHS, attempts)
    measure(Setting("library", lambda task: MockExecutor(landscape, task), tools), DEPTHS, attempts)
    with endpoint() as url:
        measure(replace(canned, name="http", url=url), DEPTHS, attempts)
        for depth in DEPTHS:
            seconds = run_loop(ask_alone(url, depth, tools, 2_000))
            print(f"openai   depth {depth:3}: {seconds / 2:.2f} ms each", flush=True)


if __name__ == "__main__":
    main()
