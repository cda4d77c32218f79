"""Steps as JSON objects in plain messages, for endpoints without tool calls: how they are asked for, and read."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from toolbench.agent.answers import ENDINGS, invalid_step, read_step
from toolbench.agent.conversation import compact, functions, system_prompt
from toolbench.agent.policy import View
from toolbench.agent.templates import render
from toolbench.model import Call, ChatAnswer, Json, JsonObject, RawCall, Step, Tool, is_array, is_object
from toolbench.model.shown import observation_text, terms

NAMES = ("tool", "name", "function")
ARGUMENTS = ("arguments", "parameters", "args")
"""Keys under which models write a call, the one asked for first."""

WRAPPING = re.compile(r"```(?:json)?|</?tool_call>", re.IGNORECASE)
"""What models put around JSON."""

KEPT = frozenset("type enum const required additionalProperties".split())
"""Keywords of a constraint that are kept as they are."""

DEFINITIONS = "#/$defs/"


def json_messages(view: View, finish: str, tools: Mapping[str, Tool]) -> list[JsonObject]:
    """Return the chat that leads to the end of a path, in messages that every chat template knows.

    Functions stand in the system prompt, calls in the assistant's messages, what they gave in the user's. No two
    messages of one role follow each other: some templates refuse that.
    """
    offered = [compact(function["function"]) for function in functions(tools, finish)]
    told = f"{system_prompt(view, finish)}\n\n{render('json_steps', functions=offered)}"
    wanted = terms(view.turns[0].text)
    chat = [("user", view.turns[0].text)]
    for node in view.path:
        if node.step:
            chat.extend(_said(node.step, finish, wanted))
    return [{"role": "system", "content": told}, *({"role": role, "content": text} for role, text in chat)]


def joined(messages: Iterable[JsonObject]) -> list[JsonObject]:
    """Return messages with those of one role that follow each other made one."""
    made: list[JsonObject] = []
    for message in messages:
        if made and made[-1]["role"] == message["role"]:
            made[-1] = {**message, "content": f"{made[-1]['content']}\n\n{message['content']}"}
        else:
            made.append(message)
    return made


def step_format(tools: Mapping[str, Tool], finish: str) -> JsonObject:
    """Return the constraint on an answer: one of the calls that are possible.

    It holds the arguments' shape only, in keywords that all servers know. Whoever runs the call judges the rest.
    """
    definitions: JsonObject = {}
    choices: list[JsonObject] = []
    for function in functions(tools, finish):
        name, parameters = function["function"]["name"], function["function"]["parameters"]
        shared: JsonObject = parameters.get("$defs", {})
        definitions |= {_defined(name, key): _shape(schema, name) for key, schema in shared.items()}
        choices.append(
            {
                "type": "object",
                "properties": {"tool": {"const": name}, "arguments": _shape(parameters, name)},
                "required": ["tool", "arguments"],
                "additionalProperties": False,
            }
        )
    schema = {"anyOf": choices, **({"$defs": definitions} if definitions else {})}
    return {"type": "json_schema", "json_schema": {"name": "step", "schema": schema}}


def read_json_step(answer: ChatAnswer, finish: str) -> Step:
    """Return the step that an answer in JSON stands for.

    The call may be wrapped in a fence or tags, have text around it, and use other names for its keys. Text without any
    JSON is the final answer; JSON that holds no call, or is broken, makes the step `invalid`.
    """
    for start, end, value in _objects(answer.content):
        call = _call(value)
        if call is not None:
            around = WRAPPING.sub("", f"{answer.content[:start]}{answer.content[end:]}").strip()
            return read_step(answer.model_copy(update={"content": around, "calls": (call,)}), finish)
    if "{" in answer.content and answer.finish_reason != "length":
        return invalid_step(answer, "the answer holds no JSON that is a call")
    return read_step(answer, finish)


def _said(step: Step, finish: str, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    if step.kind == "user":
        yield "user", step.text
    elif step.kind == "call":
        yield "assistant", "\n".join([*([step.text] if step.text else []), *map(_written, step.calls)])
        for call, seen in zip(step.calls, step.observations, strict=False):
            yield "user", render("observation", tool=call.tool, text=observation_text(seen, wanted))
    else:
        returned = next((name for name, kind in ENDINGS.items() if kind == step.kind), "give_up_and_restart")
        ended = {"return_type": returned, "final_answer": step.text}
        yield "assistant", _written(Call(id="", tool=finish, arguments=ended))


def _written(call: Call) -> str:
    return compact({"tool": call.tool, "arguments": call.arguments})


def _objects(text: str) -> Iterator[tuple[int, int, JsonObject]]:
    """Yield the JSON objects in a text that are not part of another, with where they start and end."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        yield at, end, value
        at = text.find("{", end)


def _call(value: JsonObject) -> RawCall | None:
    name = _first(value, NAMES)
    if is_object(name):
        return _call(name)
    if not isinstance(name, str):
        return None
    return RawCall(id="", name=name, arguments=_first(value, ARGUMENTS) or {})


def _first(value: JsonObject, names: Sequence[str]) -> Json:
    return next((value[name] for name in names if name in value), None)


def _defined(tool: str, name: str) -> str:
    return f"{tool}.{name}"


def _shape(schema: Json, tool: str) -> JsonObject:
    """Return what a schema says of a value's shape; its references lead to the tool's own definitions."""
    if not is_object(schema):
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(DEFINITIONS):
        return {"$ref": DEFINITIONS + _defined(tool, reference.removeprefix(DEFINITIONS))}
    made = {key: value for key, value in schema.items() if key in KEPT}
    if is_object(made.get("additionalProperties")):
        made["additionalProperties"] = _shape(made["additionalProperties"], tool)
    if is_object(schema.get("properties")):
        made["properties"] = {name: _shape(value, tool) for name, value in schema["properties"].items()}
    if is_object(schema.get("items")):
        made["items"] = _shape(schema["items"], tool)
    for key in ("anyOf", "oneOf"):
        if is_array(schema.get(key)):
            made["anyOf"] = [_shape(value, tool) for value in schema[key]]
    return made
