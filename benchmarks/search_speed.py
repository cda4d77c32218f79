"""Model queries a second of the depth-first search, with everything outside of it free: no model, no backend.

Seven tools, observations of 1 KB, width 2, 200 queries a tree. `policy` has a scripted policy; `chat` has the policy
for language models over a scripted model, so that requests are built and answers read. CPU time of one core.

    python -m benchmarks.search_speed
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from searchers.dfsdt import Dfsdt
from toolbench.agent.explore import Attempt, explore
from toolbench.agent.llm_policy import LlmPolicy
from toolbench.agent.policy import Policy, Proposal, View
from toolbench.model import (
    Call,
    ChatAnswer,
    ChatRequest,
    Observation,
    Provenance,
    PythonBinding,
    RawCall,
    Source,
    Step,
    Task,
    Tool,
    Turn,
    Usage,
)

DEPTHS = (12, 24, 48, 96)
QUERIES = 200
TREES = 10

BODY = {"items": [{"id": f"item-{place:04}", "name": "a plain item", "price": 12.5} for place in range(18)]}
PARAMETERS = {"type": "object", "properties": {"query": {"type": "string"}, "page": {"type": "integer"}}}
TOOLS = {
    name: Tool(
        name=name,
        api="bench",
        description="Searches for items and returns one page of them.",
        parameters=PARAMETERS,
        binding=PythonBinding(target=f"bench:{name}"),
        safety="read",
        source=Source(spec="bench", kind="python", sha256="0" * 64),
    )
    for name in (f"bench_search_{place}" for place in range(7))
}
TASK = Task(id="t0000000000000000", kind="lookup", turns=(Turn(text="Find it."),), apis=("bench",), world_seed=0)
PROVENANCE = Provenance(
    teacher="script", searcher="dfsdt", executor="mock", seed=0, config="", specs={}, code="", world=""
)


@dataclass(frozen=True)
class Clock:
    """A state that changes with every call."""

    digest: str = "0"


class Backend:
    async def start(self, task: Task) -> Clock:
        del task
        return Clock()

    async def call(self, call: Call, state: Clock) -> tuple[Observation, Clock]:
        return Observation(call=call.id, status="ok", http_status=200, body=BODY), Clock(f"{int(state.digest) + 1}")


class ScriptedPolicy:
    async def propose(self, view: View) -> Proposal:
        arguments = {"query": "it", "page": view.sample}
        step = Step(
            kind="call", reasoning="Look further.", calls=(Call(id="", tool="bench_search_0", arguments=arguments),)
        )
        return Proposal(step=step, usage=Usage(queries=1))


class ScriptedChat:
    name = "scripted"

    def __init__(self) -> None:
        self.asked = 0

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        del request
        self.asked += 1
        text = f'{{"query": "it", "page": {self.asked}}}'
        return ChatAnswer(content="Look further.", calls=(RawCall(id="x", name="bench_search_0", arguments=text),))


def rate(policy: Callable[[], Policy], depth: int) -> float:
    """Return the queries a CPU-second, the best of three rounds."""

    async def one() -> int:
        searcher = Dfsdt(width=2, max_depth=depth, max_queries=QUERIES)
        attempt = Attempt(
            task=TASK, tools=TOOLS, policy=policy(), searcher=searcher, executor=Backend(), provenance=PROVENANCE
        )
        return (await explore(attempt)).usage.queries

    async def several() -> float:
        start = time.process_time()
        queries = sum([await one() for _ in range(TREES)])
        return queries / (time.process_time() - start)

    return max(asyncio.run(several()) for _ in range(3))


def main() -> None:
    print(f"{'depth':>5} {'policy':>8} {'chat':>8}   queries per CPU-second")
    for depth in DEPTHS:
        print(f"{depth:>5} {rate(ScriptedPolicy, depth):>8.0f} {rate(lambda: LlmPolicy(ScriptedChat()), depth):>8.0f}")


if __name__ == "__main__":
    main()
