"""A path as the messages of a chat, and the functions offered with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import orjson

from toolbench.agent.answers import ENDINGS
from toolbench.agent.policy import View, signature
from toolbench.agent.templates import render
from toolbench.model import Call, Chat, Json, JsonObject, Node, Step, Tool
from toolbench.model.calendar import spelled
from toolbench.model.discovery import SEARCH
from toolbench.model.shown import observation_text, terms
from toolbench.model.trace import NodeStatus

FINISH = "Finish"
"""Name of the function that ends the work."""

LESSONS = 3
"""Most reflections shown at once, the latest."""

OUTCOMES: Mapping[NodeStatus, str] = {
    "gave_up": "gave up",
    "failed": "an answer that could not be used",
    "answered": "finished with",
    "open": "said",
}
"""What became of a sibling without calls, in words."""


def chat(view: View, finish: str) -> Chat:
    """Return the chat that leads to the end of a path: system prompt, first user turn, then each step.

    The same path gives the same messages, whatever was tried beside it.

    Args:
        view: where the path stands; its `chats` know those that led to earlier nodes.
        finish: name of the function that ends the work.
    """
    system, first = system_prompt(view, finish), view.turns[0].text
    known, place = view.chats.setdefault(system, {}), len(view.path)
    while place and view.path[place - 1].id not in known:
        place -= 1
    if place:
        told = known[view.path[place - 1].id]
    else:
        told = Chat([{"role": "system", "content": system}, {"role": "user", "content": first}])
    for node in view.path[place:]:
        told = told.plus(_step(node.step, terms(first))) if node.step else told
        known[node.id] = told
    return told


def system_prompt(view: View, finish: str) -> str:
    """Return what the model is told before the user speaks."""
    today = spelled(view.today) if view.today else ""
    return _system_prompt(finish, today, SEARCH if SEARCH in view.tools else "", view.system)


@lru_cache
def _system_prompt(finish: str, today: str, search: str, system: str) -> str:
    return render("system", finish=finish, today=today, search=search, system=system)


@dataclass(frozen=True, slots=True)
class Hint:
    """What the search has to say to the model. It is part of a request, never of a path."""

    messages: tuple[JsonObject, ...] = ()
    """One message, or none where there is nothing to say."""
    siblings: tuple[int, ...] = ()
    """Ids of the siblings shown."""
    lessons: tuple[int, ...] = ()
    """Ids of the leaves whose reflections are shown."""


def hint(view: View) -> Hint:
    """Return what the search has to say at a place: what was learned elsewhere, then what was tried from here.

    Of the lessons the latest are told, of siblings that did the same the first is shown.
    """
    lessons = view.lessons[-LESSONS:]
    shown = _tried(view.siblings)
    parts = [render("lessons", lessons=[node.reflection for node in lessons])] if lessons else []
    parts += [render("siblings", actions=list(shown.values()))] if shown else []
    messages: tuple[JsonObject, ...] = ({"role": "user", "content": "\n\n".join(parts)},) if parts else ()
    return Hint(messages, tuple(shown), tuple(node.id for node in lessons))


def _tried(siblings: Sequence[Node]) -> Mapping[int, str]:
    """Return what siblings did, by id, each action once."""
    shown: dict[object, tuple[int, str]] = {}
    for node in siblings:
        if node.step:
            shown.setdefault(signature(node.step) or node.id, (node.id, _action(node.step, node.status)))
    return dict(shown.values())


def functions(tools: Mapping[str, Tool], finish: str) -> tuple[JsonObject, ...]:
    """Return the definitions of the tools, and of the function that ends the work."""
    offered = [_function(tool.name, tool.description, tool.parameters) for tool in tools.values()]
    return (*offered, _function(finish, _finish_description(), _FINISH_PARAMETERS))


@cache
def _finish_description() -> str:
    return render("finish")


def finish_name(tools: Mapping[str, Tool]) -> str:
    """Return a name for the function that ends the work which no tool has."""
    name = FINISH
    while name in tools:
        name += "_"
    return name


def _step(step: Step, wanted: frozenset[str]) -> list[JsonObject]:
    if step.kind == "user":
        return [{"role": "user", "content": step.text}]
    if step.kind != "call":
        return [{"role": "assistant", "content": step.text}]
    said = {"role": "assistant", "content": step.text or None, "tool_calls": [_call(call) for call in step.calls]}
    seen = [
        {"role": "tool", "tool_call_id": observation.call, "content": observation_text(observation, wanted)}
        for observation in step.observations
    ]
    return [said, *seen]


def _call(call: Call) -> JsonObject:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.tool, "arguments": compact(call.arguments)},
    }


def _action(step: Step, status: NodeStatus) -> str:
    if step.kind == "call":
        return "; ".join(f"{call.tool} {compact(call.arguments)}" for call in step.calls)
    became = OUTCOMES.get(status, status)
    return f"({became}) {step.problem or step.text}".rstrip()


def compact(value: Json) -> str:
    """Return a value as JSON without spaces, its keys in the order they came in."""
    return orjson.dumps(value).decode()


def _function(name: str, description: str, parameters: JsonObject) -> JsonObject:
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


_FINISH_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "return_type": {"type": "string", "enum": [*ENDINGS, "give_up_and_restart"]},
        "final_answer": {"type": "string", "description": "What the user is told or asked; needed unless you give up."},
    },
    "required": ["return_type"],
    "additionalProperties": False,
}
