"""How a model is offered tools and tells its calls: by the endpoint's own tool calls, or by JSON in plain messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from toolbench.agent.answers import read_step
from toolbench.agent.conversation import chat, finish_name, functions
from toolbench.agent.json_steps import joined, json_messages, read_json_step, step_format
from toolbench.agent.policy import View
from toolbench.agent.templates import render
from toolbench.errors import ConfigError, EndpointError, UnreachableError
from toolbench.model import (
    Chat,
    ChatAnswer,
    ChatModel,
    ChatRequest,
    JsonObject,
    NoBinding,
    Node,
    Source,
    Step,
    Tool,
    Turn,
)

RouteName: TypeAlias = Literal["native", "json_schema", "json_prompt"]

TRIES = 3
"""Times that a route is tried before it counts as closed."""

PROBE_TOKENS = 256
"""Upper bound on the tokens of an answer to a probe."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What of a request depends on the route."""

    chat: Chat
    """The messages."""
    tools: tuple[JsonObject, ...] = ()
    """Function definitions."""
    response_format: JsonObject | None = None
    """Constraint on the answer."""


class Route(Protocol):
    """A way to offer tools and to read calls."""

    def offer(self, view: View, finish: str, tools: Mapping[str, Tool], notes: Sequence[JsonObject]) -> Offer:
        """Return a request's parts.

        Args:
            view: where the path stands.
            finish: name of the function that ends the work.
            tools: those that are offered.
            notes: messages that come last and are no part of the path.
        """
        ...

    def read(self, answer: ChatAnswer, finish: str) -> Step:
        """Return the step that an answer stands for; see `answers.read_step`."""
        ...


class NativeRoute:
    """The endpoint's own tool calls."""

    def offer(self, view: View, finish: str, tools: Mapping[str, Tool], notes: Sequence[JsonObject]) -> Offer:
        """Return a request's parts; see `Route`."""
        return Offer(chat(view, finish).plus(notes), functions(tools, finish))

    def read(self, answer: ChatAnswer, finish: str) -> Step:
        """Return the step that an answer stands for."""
        return read_step(answer, finish)


@dataclass(frozen=True, slots=True)
class JsonRoute:
    """JSON in plain messages."""

    constrained: bool = field(kw_only=True)
    """Whether the endpoint is told the answer's schema, rather than only the model."""

    def offer(self, view: View, finish: str, tools: Mapping[str, Tool], notes: Sequence[JsonObject]) -> Offer:
        """Return a request's parts; see `Route`."""
        told = joined([*json_messages(view, finish, tools), *notes])
        return Offer(Chat(told), response_format=step_format(tools, finish) if self.constrained else None)

    def read(self, answer: ChatAnswer, finish: str) -> Step:
        """Return the step that an answer stands for; text without JSON is the final answer."""
        return read_json_step(answer, finish)


ROUTES: Mapping[RouteName, Route] = {
    "native": NativeRoute(),
    "json_schema": JsonRoute(constrained=True),
    "json_prompt": JsonRoute(constrained=False),
}
"""The routes, the best first."""

_WEATHER = Tool(
    name="get_weather",
    api="",
    category="",
    description="Tells the weather in a city as it is now.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    binding=NoBinding(),
    safety="read",
    source=Source(spec="", kind="builtin", sha256="0" * 64),
)


async def open_route(model: ChatModel, among: Sequence[RouteName]) -> RouteName:
    """Return the first of some routes by which a model calls a tool when asked something that needs one.

    Raises:
        UnreachableError: the endpoint cannot be reached at all.
        ConfigError: all of them are closed.
    """
    problems: list[str] = []
    for name in among:
        problem = await _problem(model, ROUTES[name])
        if not problem:
            return name
        problems.append(f"{name}: {problem}")
    hint = "Serve it so that it calls tools, choose another model, or see `--tool-calls`."
    raise ConfigError(f"{model.name} calls no tools ({'; '.join(problems)})", hint=hint)


async def _problem(model: ChatModel, route: Route) -> str:
    """Return why a route is closed; empty where it is open."""
    tools = {_WEATHER.name: _WEATHER}
    root = Node(id=0, parent=None, step=None, status="open", state="")
    view = View(turns=(Turn(text=render("probe")),), path=(root,), tools=tools, seed=0)
    finish = finish_name(tools)
    offer = route.offer(view, finish, tools, ())
    for sample in range(TRIES):
        request = ChatRequest(
            chat=offer.chat,
            tools=offer.tools,
            response_format=offer.response_format,
            max_tokens=PROBE_TOKENS,
            seed=sample,
            sample=sample,
        )
        try:
            step = route.read(await model.chat(request), finish)
        except UnreachableError:
            raise
        except EndpointError as error:
            return str(error)
        if step.kind == "call":
            return ""
    return "it answered without a call"
