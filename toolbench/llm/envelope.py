"""Reading of answers: the envelope is checked, what the model said is passed on as it came."""

import math
import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from toolbench.llm.retry import TransientError
from toolbench.model import ChatAnswer, Json, RawCall, Usage, is_array, is_object

THOUGHTS = re.compile(r"\s*(?:<think>)?((?:(?!<think>).)*?)</think>\s*", re.DOTALL)
"""Thoughts before what is said. Some chat templates put the opening tag in the prompt, so that it is missing here."""

EXCERPT = 120
"""Characters quoted of an answer that could not be read."""


class MalformedAnswerError(TransientError):
    """An answer that is not in the form of a chat completion: a proxy's page, half of a body, an empty list."""


class _Lenient(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True)


class _Function(_Lenient):
    name: str
    arguments: Json = None


class _ToolCall(_Lenient):
    id: str | None = None
    function: _Function


class _Message(_Lenient):
    content: str | list[Json] | None = None
    refusal: str | None = None
    reasoning_content: Json = None
    reasoning: Json = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(_Lenient):
    message: _Message
    finish_reason: str | None = None


class _Completion(_Lenient):
    error: Json = None
    choices: list[_Choice] | None = None
    usage: Json = None


def read_answer(body: bytes) -> ChatAnswer:
    """Return what the body of a chat completion says.

    Content may be text or a list of parts; reasoning may stand in a field of its own, in parts, or between think tags.
    Names and arguments of calls are not looked at.

    Raises:
        MalformedAnswerError: the body is not a chat completion, or holds no choice.
    """
    completion = _parse(body)
    if completion.error:
        raise MalformedAnswerError(f"an error instead of an answer: {excerpt(completion.error)}")
    if not completion.choices:
        raise MalformedAnswerError("the answer holds no choices")
    choice = completion.choices[0]
    content, reasoning = _speech(choice.message)
    return ChatAnswer(
        content=content,
        reasoning=reasoning,
        calls=tuple(_call(call) for call in choice.message.tool_calls or ()),
        finish_reason=choice.finish_reason or "",
        usage=_usage(completion.usage),
    )


def excerpt(value: Json) -> str:
    """Return the start of a value as one line of text, for messages."""
    line = " ".join(str(value).split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT]}…"


def _parse(body: bytes) -> _Completion:
    try:
        return _Completion.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        problem = f"{at}: {first['msg']}" if at else first["msg"]
        raise MalformedAnswerError(
            f"not a chat completion ({problem}): {excerpt(body.decode(errors='replace'))}"
        ) from error


def _call(call: _ToolCall) -> RawCall:
    return RawCall(id=call.id or "", name=call.function.name, arguments=call.function.arguments)


def _speech(message: _Message) -> tuple[str, str]:
    """Return what was said and what was thought."""
    if isinstance(message.content, list):
        content, thought = _parts(message.content)
    else:
        content, thought = message.content or message.refusal or "", ""
    content, tagged = split_thoughts(content)
    told = (message.reasoning_content, message.reasoning, thought, tagged)
    return content, next((text for text in told if isinstance(text, str) and text), "")


def split_thoughts(content: str) -> tuple[str, str]:
    """Return a text without the thoughts that lead it, and the thoughts, their tags taken off.

    Thoughts cut off before their closing tag are all there is: nothing was said.
    """
    found = THOUGHTS.match(content)
    if found:
        return content[found.end() :], found[1].strip()
    if content.lstrip().startswith("<think>"):
        return "", content.lstrip().removeprefix("<think>").strip()
    return content, ""


def _parts(parts: list[Json]) -> tuple[str, str]:
    said: list[str] = []
    thought: list[str] = []
    for part in parts:
        if not is_object(part):
            said.append(str(part))
        elif is_array(part.get("thinking")):
            thought.append(_parts(part["thinking"])[0])
        elif isinstance(part.get("text"), str):
            said.append(part["text"])
    return "".join(said), "".join(thought)


def _usage(usage: Json) -> Usage:
    """Return the tokens counted; what an endpoint leaves out, or garbles, is 0."""
    if not is_object(usage):
        return Usage()
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cost=float(_number(usage.get("cost"))),
    )


def _count(value: Json) -> int:
    return int(_number(value))


def _number(value: Json) -> int | float:
    return value if isinstance(value, int | float) and math.isfinite(value) else 0
