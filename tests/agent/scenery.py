"""A small backend with an immutable state, tools for it, tasks on it, and policies that follow a script."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from searchers.base import Searcher
from searchers.dfsdt import Dfsdt
from toolbench.agent.attempt import Attempt
from toolbench.agent.policy import Policy, Proposal, Reflection, View
from toolbench.errors import EndpointError
from toolbench.model import (
    Call,
    Fact,
    Goal,
    GoldCall,
    Observation,
    Origin,
    Provenance,
    PythonBinding,
    Source,
    Step,
    Task,
    Tool,
    Trace,
    Turn,
    Usage,
    digest,
)

PROVENANCE = Provenance(
    teacher="script", searcher="dfsdt", executor="mock", seed=7, config="c0ffee", specs={}, code="0", world="0"
)


def tool(name, properties=(), required=None, safety="read"):
    schema = {key: {"type": kind} if isinstance(kind, str) else kind for key, kind in dict(properties).items()}
    return Tool(
        name=name,
        api="box",
        description=f"Does {name}.",
        parameters={
            "type": "object",
            "properties": schema,
            "required": list(schema) if required is None else required,
            "additionalProperties": False,
        },
        binding=PythonBinding(target=f"box:{name}"),
        safety=safety,
        source=Source(spec="box", kind="python", sha256="0" * 64),
    )


TOOLS: Mapping[str, Tool] = {
    made.name: made
    for made in (
        tool("create_box", {"label": "string", "size": "integer"}, safety="write"),
        tool("find_boxes", {"label": "string"}),
        tool("get_box", {"id": "string"}),
        tool("list_boxes"),
        tool("list_rooms"),
        tool("resize_box", {"id": "string", "size": "integer"}, safety="write"),
        tool("delete_box", {"id": "string"}, safety="destructive"),
    )
}


@dataclass(frozen=True)
class Boxes:
    """The state. The clock counts calls, so that no two calls leave the same state."""

    boxes: tuple[tuple[str, str, int], ...] = (("box-0101", "winter", 4), ("box-0102", "tools", 9))
    clock: int = 0

    @property
    def digest(self) -> str:
        return digest([self.boxes, self.clock])


@dataclass
class Backend:
    """The executor. Counts what it runs; otherwise without memory."""

    ran: list[Call] = field(default_factory=list)
    trouble: Callable[[Call, Boxes], str] = lambda call, state: "ok"

    async def start(self, task: Task) -> Boxes:
        return Boxes()

    async def call(self, call: Call, state: Boxes) -> tuple[Observation, Boxes]:
        self.ran.append(call)
        after = replace(state, clock=state.clock + 1)
        trouble = self.trouble(call, state)
        if trouble != "ok":
            return Observation(call=call.id, status=trouble, time=float(after.clock)), after
        known = TOOLS.get(call.tool)
        if known is None:
            return Observation(call=call.id, status="unknown_tool", time=float(after.clock)), after
        if problem := wrong(known, call.arguments):
            return Observation(call=call.id, status="invalid_arguments", body={"error": problem}), after
        status, body, boxes = getattr(self, f"_{call.tool}")(dict(call.arguments), after)
        said = "ok" if status < 400 else "http_error"
        seen = Observation(call=call.id, status=said, http_status=status, body=body, time=float(after.clock))
        return seen, replace(after, boxes=boxes)

    def _create_box(self, given, state):
        made = (f"box-{state.clock:04}", given["label"], given["size"])
        return 201, shown(made), (*state.boxes, made)

    def _find_boxes(self, given, state):
        return 200, {"items": [shown(box) for box in state.boxes if box[1] == given["label"]]}, state.boxes

    def _list_boxes(self, given, state):
        return 200, {"items": [shown(box) for box in state.boxes]}, state.boxes

    def _list_rooms(self, given, state):
        return 200, {"items": ["attic"]}, state.boxes

    def _get_box(self, given, state):
        box = next((box for box in state.boxes if box[0] == given["id"]), None)
        return (200, shown(box), state.boxes) if box else (404, {"error": "no such box"}, state.boxes)

    def _resize_box(self, given, state):
        if all(box[0] != given["id"] for box in state.boxes):
            return 404, {"error": "no such box"}, state.boxes
        boxes = tuple((*box[:2], given["size"]) if box[0] == given["id"] else box for box in state.boxes)
        return 200, {"id": given["id"], "size": given["size"]}, boxes

    def _delete_box(self, given, state):
        return 204, None, tuple(box for box in state.boxes if box[0] != given["id"])


def shown(box):
    return dict(zip(("id", "label", "size"), box, strict=True))


def wrong(known: Tool, given) -> str:
    names = known.parameters["properties"]
    types = {"string": str, "integer": int}
    for name in known.parameters["required"]:
        if name not in given:
            return f"{name} is missing"
    for name, value in given.items():
        if name not in names or not isinstance(value, types[names[name]["type"]]):
            return f"{name} is wrong"
    return ""


def user(*pointers):
    return tuple(Origin(pointer=pointer, kind="user") for pointer in pointers)


def observed(pointer, call, source):
    return Origin(pointer=pointer, kind="observed", call=call, source=source)


def gold(id_, tool_, arguments, origins=(), needs=(), turn=0):
    return GoldCall(call=Call(id=id_, tool=tool_, arguments=arguments), origins=origins, needs=needs, turn=turn)


RESIZE = Task(
    id="t0000000000000001",
    kind="change",
    turns=(Turn(text="Make the winter box 6 large and say its old size.", tools=tuple(TOOLS)),),
    apis=("box",),
    gold=(
        gold("g1", "find_boxes", {"label": "winter"}, user("/label")),
        gold("g2", "get_box", {"id": "box-0101"}, (observed("/id", "g1", "/items/0/id"),), ("g1",)),
        gold(
            "g3",
            "resize_box",
            {"id": "box-0101", "size": 6},
            (observed("/id", "g1", "/items/0/id"), *user("/size")),
            ("g1", "g2"),
        ),
    ),
    answer="It was 4 large before; now it is 6.",
    goal=Goal(facts=(Fact(label="old size", value=4, call="g2", source="/size"),)),
    world_seed=1,
)

CREATE = Task(
    id="t0000000000000002",
    kind="change",
    turns=(Turn(text="Make a box for shoes, size 3, then make it 5. And list the rooms.", tools=tuple(TOOLS)),),
    apis=("box",),
    gold=(
        gold("g1", "create_box", {"label": "shoes", "size": 3}, user("/label", "/size")),
        gold(
            "g2", "resize_box", {"id": "box-0001", "size": 5}, (observed("/id", "g1", "/id"), *user("/size")), ("g1",)
        ),
        gold("g3", "list_rooms", {}),
    ),
    answer="The new box is box-0001.",
    goal=Goal(facts=(Fact(label="id", value="box-0001", call="g1", source="/id"),)),
    world_seed=1,
)

TALK = Task(
    id="t0000000000000003",
    kind="change",
    decision="ask",
    turns=(
        Turn(text="Make me a new box of size 12.", tools=("create_box", "list_boxes"), reply="With which label?"),
        Turn(text="Label it books.", tools=(), decision="call", reply="There it is."),
        Turn(text="And throw it away again.", tools=("delete_box",), decision="call"),
    ),
    apis=("box",),
    gold=(
        gold("g1", "create_box", {"label": "books", "size": 12}, user("/label", "/size"), turn=1),
        gold("g2", "delete_box", {"id": "box-0001"}, (observed("/id", "g1", "/id"),), ("g1",), turn=2),
    ),
    answer="It is gone.",
    world_seed=1,
)


@dataclass
class Scripted:
    """A policy that proposes what a function says."""

    step: Callable[[View], Step | EndpointError]
    views: list[View] = field(default_factory=list)

    async def propose(self, view: View) -> Proposal:
        self.views.append(view)
        step = self.step(view)
        if isinstance(step, EndpointError):
            raise step
        errors = (("malformed_answer", step.problem),) if step.kind == "invalid" else ()
        usage = Usage(queries=1, prompt_tokens=10, completion_tokens=2, cost=0.25)
        return Proposal(
            step=step,
            usage=usage,
            errors=errors,
            siblings_shown=tuple(n.id for n in view.siblings),
            lessons_shown=tuple(n.id for n in view.lessons),
        )

    async def reflect(self, view: View) -> Reflection:
        usage = Usage(queries=1, prompt_tokens=5, completion_tokens=1, cost=0.125)
        return Reflection(text=f"Avoid node {view.path[-1].id}.", usage=usage)


def call(*wanted, **said):
    """A step of calls, each a tool's name and its arguments."""
    return Step(kind="call", calls=tuple(Call(id="", tool=name, arguments=given) for name, given in wanted), **said)


def spread(seed: int, ends: float = 0.25, sorts: int = 7) -> Scripted:
    """A policy that writes, reads, errs, gives up and ends at random, from the path and the sample alone."""

    def step(view: View) -> Step:
        trail = [[c.tool, c.arguments] for node in view.path if node.step for c in node.step.calls]
        luck = random.Random(digest([seed, view.sample, len(view.path), trail]))
        if luck.random() < ends:
            kind = luck.choice(["finish", "give_up", "give_up", "invalid", "invalid"])
            return Step(kind=kind, text=f"{kind} {luck.randrange(3)}", problem="bad" if kind == "invalid" else "")
        return call(*(some_call(luck, sorts) for _ in range(luck.choice([1, 1, 1, 2, 3]))))

    return Scripted(step)


def some_call(luck: random.Random, sorts: int):
    id_ = luck.choice(["box-0101", "box-0102", "box-0001", "box-0002"])
    made = [
        ("list_boxes", {}),
        ("create_box", {"size": "large"}),
        ("create_box", {"label": luck.choice(["a", "b"]), "size": luck.randrange(3)}),
        ("resize_box", {"id": id_, "size": luck.randrange(4)}),
        ("delete_box", {"id": id_}),
        ("get_box", {"id": id_}),
        ("no_such_tool", {"size": 1}),
    ]
    return luck.choice(made[:sorts])


def attempt(policy: Policy, *, task=RESIZE, searcher: Searcher | None = None, executor=None, **others) -> Attempt:
    return Attempt(
        task=task,
        tools=TOOLS,
        policy=policy,
        searcher=searcher or Dfsdt(),
        executor=executor or Backend(),
        provenance=others.pop("provenance", PROVENANCE),
        **others,
    )


def calls_of(trace: Trace, leaf: int):
    steps = [node.step for node in trace.path(leaf) if node.step]
    return [pair for step in steps for pair in zip(step.calls, step.observations, strict=True)]
