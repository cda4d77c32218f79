"""A tiny, deterministic key-value world, and hand-made tasks, trees and runs in it."""

import random
from pathlib import Path

from toolbench.model import (
    Assertion,
    Call,
    Change,
    Fact,
    Goal,
    GoldCall,
    HttpBinding,
    Node,
    Observation,
    Origin,
    Provenance,
    Replay,
    Source,
    Step,
    Task,
    Tool,
    Trace,
    Turn,
    Usage,
    digest,
)
from toolbench.store import Run

RESOURCE = "kv:/entries"
KEY = {"type": "string", "pattern": "^[a-z]+$"}


def _tool(name, safety, properties, required):
    return Tool(
        name=name,
        api="kv",
        description=f"{name.removeprefix('kv_').capitalize()} entries of the store.",
        parameters={
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        binding=HttpBinding(method="GET" if safety == "read" else "POST", path="/entries"),
        safety=safety,
        source=Source(spec="kv", kind="openapi", sha256="0" * 64),
    )


TOOLS = {
    tool.name: tool
    for tool in (
        _tool("kv_list", "read", {}, []),
        _tool("kv_get", "read", {"key": KEY}, ["key"]),
        _tool(
            "kv_put",
            "write",
            {"key": KEY, "amount": {"type": "integer"}, "due": {"type": "string", "format": "date"}},
            ["key", "amount"],
        ),
        _tool("kv_delete", "destructive", {"key": KEY}, ["key"]),
    )
}


class TinyWorld:
    """Entries `{"amount": …, "due": …}` by key, and a clock that every call moves."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        names = ("apple", "bread", "cheese", "dates", "eggs", "flour")
        self.start = {
            name: {"amount": rng.randrange(100, 1000), "due": f"2026-0{rng.randrange(1, 10)}-1{rng.randrange(10)}"}
            for name in names[: rng.randrange(3, 7)]
        }
        self.entries = {name: dict(entry) for name, entry in self.start.items()}
        self.clock = 0

    @property
    def digest(self):
        return digest([self.entries, self.clock])

    def call(self, call):
        self.clock += 1
        status, code, body = self._answer(call.tool, call.arguments)
        return Observation(call=call.id, status=status, http_status=code, body=body, time=float(self.clock))

    def _answer(self, tool, arguments):
        if tool not in TOOLS:
            return "unknown_tool", None, {"error": "no such tool"}
        key = arguments.get("key")
        if tool != "kv_list" and not isinstance(key, str):
            return "invalid_arguments", 422, {"error": "key is missing"}
        if tool == "kv_list":
            return "ok", 200, {"entries": [{"key": name, **entry} for name, entry in sorted(self.entries.items())]}
        if tool == "kv_put":
            self.entries[key] = {name: value for name, value in arguments.items() if name != "key"}
            return "ok", 200, {"key": key, **self.entries[key]}
        if key not in self.entries:
            return "http_error", 404, {"error": f"no entry {key}"}
        if tool == "kv_get":
            return "ok", 200, {"key": key, **self.entries[key]}
        del self.entries[key]
        return "ok", 204, None

    def changes(self):
        return tuple(
            Change(
                resource=RESOURCE,
                key=key,
                kind="created" if key not in self.start else "deleted" if key not in self.entries else "updated",
                before=self.start.get(key),
                after=self.entries.get(key),
            )
            for key in sorted(self.start.keys() | self.entries.keys())
            if self.start.get(key) != self.entries.get(key)
        )


class TinyReplayer:
    """Implements `Replayer` over the tiny world."""

    def replay(self, task, calls):
        world = TinyWorld(task.world_seed)
        states, observations = [world.digest], []
        for call in calls:
            observations.append(world.call(call))
            states.append(world.digest)
        return Replay(tuple(observations), tuple(states), world.changes())


class Tree:
    """Grows a trace by hand; every node's state is that of the calls on its path."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.nodes = [Node(id=0, parent=None, step=None, status="open", state=TinyWorld(task.world_seed).digest)]

    def _calls(self, at):
        calls = []
        while at is not None:
            node = self.nodes[at]
            calls[:0] = node.step.calls if node.step else ()
            at = node.parent
        return calls

    def _add(self, parent, step, status):
        done = [*self._calls(parent), *step.calls]
        state = TinyReplayer().replay(self.task, done).states[-1]
        node = Node(id=len(self.nodes), parent=parent, step=step, status=status, state=state, usage=Usage(queries=1))
        self.nodes.append(node)
        return node.id

    def call(self, parent, *wanted, text="", reasoning=""):
        """Add a step of calls, each a pair of tool and arguments; return its node."""
        done = self._calls(parent)
        calls = tuple(
            Call(id=f"n{len(self.nodes)}_{place}", tool=tool, arguments=arguments)
            for place, (tool, arguments) in enumerate(wanted)
        )
        seen = TinyReplayer().replay(self.task, [*done, *calls]).observations[len(done) :]
        step = Step(kind="call", calls=calls, observations=seen, text=text, reasoning=reasoning)
        return self._add(parent, step, "open")

    def say(self, parent, text, kind="finish"):
        """Add a step of words; return its node."""
        status = {"give_up": "gave_up", "invalid": "failed", "user": "open"}.get(kind, "answered")
        return self._add(parent, Step(kind=kind, text=text), status)

    def trace(self, best, outcome="answered", sample=0, teacher="planner"):
        """Return the trace."""
        nodes = tuple(self.nodes)
        return Trace(
            id="r" + digest([self.task.id, sample])[:16],
            content=digest([node.model_dump(mode="json") for node in nodes]),
            task=self.task.id,
            sample=sample,
            tools={name: digest(tool.model_dump(mode="json")) for name, tool in TOOLS.items()},
            nodes=nodes,
            outcome=outcome,
            best=best,
            usage=Usage(queries=len(nodes), calls=2, prompt_tokens=100, completion_tokens=20, cost=0.01),
            provenance=Provenance(
                teacher=teacher,
                searcher="dfsdt",
                executor="mock",
                seed=0,
                config="c",
                specs={"kv": "0" * 64},
                code="0",
                world="1",
            ),
        )


def make_task(seed: int) -> Task:
    """Return a task: read two entries, set one to their sum, delete another, say the sum and a date."""
    world = TinyWorld(seed)
    rng = random.Random(seed + 1)
    one, two, gone = rng.sample(sorted(world.start), 3)
    total = world.start[one]["amount"] + world.start[two]["amount"]
    due = world.start[one]["due"]
    wanted = [
        ("kv_get", {"key": one}),
        ("kv_get", {"key": two}),
        ("kv_put", {"key": "total", "amount": total, "due": due}),
        ("kv_delete", {"key": gone}),
    ]
    gold = tuple(
        GoldCall(
            call=Call(id=f"g{place}", tool=tool, arguments=arguments),
            origins=(Origin(pointer="/key", kind="user"),),
        )
        for place, (tool, arguments) in enumerate(wanted, 1)
    )
    text = f"Add up {one} and {two}, keep it as total due when {one} is, and remove {gone}. What is the sum?"
    return Task(
        id=f"t{seed:016x}",
        kind="change",
        turns=(Turn(text=text, tools=tuple(TOOLS)),),
        apis=("kv",),
        gold=gold,
        goal=Goal(
            changes=(
                Assertion(resource=RESOURCE, kind="created", fields={"/amount": total, "/due": due}),
                Assertion(resource=RESOURCE, kind="deleted", key=gone),
            ),
            facts=(
                Fact(label="the sum", value=total, call="g3", source="/amount"),
                Fact(label="the date", value=due, call="g1", source="/due"),
            ),
        ),
        world_seed=seed,
    )


def in_other_words(task: Task) -> Task:
    """Return a task that is no near-duplicate of the others, though it says the same."""
    values = dict.fromkeys(str(gold.call.arguments["key"]) for gold in task.gold)
    text = f"Kindly do the sums, would you, my friend, with what follows here: {'; '.join(values)}"
    return task.model_copy(update={"turns": (task.turns[0].model_copy(update={"text": text}),)})


def solve(task: Task, tree: Tree | None = None, parent: int = 0) -> tuple[Tree, int]:
    """Return a tree with the gold path, one call a step, and its leaf."""
    tree = tree or Tree(task)
    for gold in task.gold:
        parent = tree.call(parent, (gold.call.tool, gold.call.arguments))
    facts = {fact.label: fact.value for fact in task.goal.facts}
    answer = f"The sum is {facts['the sum']}, kept as total, due on {facts['the date']}."
    return tree, tree.say(parent, answer)


def make_run(path: Path, traces, tasks) -> Run:
    """Write a run."""
    run = Run(path)
    run.make()
    run.write_config({"seed": 0, "model": "planner"})
    for table, records in ((run.tools, TOOLS.values()), (run.tasks, tasks), (run.traces, traces)):
        with table.writer() as writer:
            for record in records:
                writer.add(record)
    return run
