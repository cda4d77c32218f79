"""Reading a model's answer as a step. Whatever it holds, it becomes a step: a bad one is kept, with its problem."""

import re
from collections.abc import Mapping

import orjson

from toolbench.model import Call, ChatAnswer, Json, JsonObject, RawCall, Step, is_object
from toolbench.model.trace import StepKind

MAX_CALLS = 16
"""Most calls of one step; a model that writes more is going round in circles."""

LEGAL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Names of functions that endpoints accept in a conversation."""

ENDINGS: Mapping[str, StepKind] = {
    "give_answer": "finish",
    "ask_user": "ask",
    "ask_to_confirm": "confirm",
    "decline": "decline",
}
"""What the function that ends the work may return with words for the user, and the step it makes."""


class _MalformedError(Exception):
    """The answer cannot be used; the message says why."""


def read_step(answer: ChatAnswer, finish: str) -> Step:
    """Return the step a model's answer stands for.

    Calls become one step; the function named `finish`, alone, ends the work; text without calls is the final answer.
    What was said beside calls is kept as the step's text, what was thought as its reasoning. Unknown tools are left to
    the executor, but not names that no tool can have: endpoints refuse a conversation that holds one. An answer that
    cannot be used becomes a step of the kind `invalid`, with all that was in it.
    """
    try:
        return _read(answer, finish)
    except _MalformedError as error:
        return invalid_step(answer, str(error))


def invalid_step(answer: ChatAnswer, problem: str) -> Step:
    """Return the step of an answer that cannot be used: all that was in it, and why."""
    return Step(kind="invalid", reasoning=clean(answer.reasoning), text=clean(_whole(answer)), problem=problem)


def _read(answer: ChatAnswer, finish: str) -> Step:
    if len(answer.calls) > MAX_CALLS:
        raise _MalformedError(f"{len(answer.calls)} calls in one answer, more than {MAX_CALLS}")
    if not answer.calls:
        return _said(answer)
    if any(call.name == finish for call in answer.calls):
        return _finished(answer, finish)
    calls = tuple(_call(call) for call in answer.calls)
    return Step(kind="call", reasoning=clean(answer.reasoning), text=clean(answer.content), calls=calls)


def _call(call: RawCall) -> Call:
    if not LEGAL_NAME.fullmatch(call.name):
        raise _MalformedError(f"{call.name!r} is no name of a function")
    return Call(id="", tool=call.name, arguments=_arguments(call))


def _said(answer: ChatAnswer) -> Step:
    if answer.finish_reason == "length":
        raise _MalformedError("the answer was cut off at the limit of its length")
    if not answer.content.strip():
        raise _MalformedError("the answer is empty")
    return Step(kind="finish", reasoning=clean(answer.reasoning), text=clean(answer.content))


def _finished(answer: ChatAnswer, finish: str) -> Step:
    call, *others = answer.calls
    if others:
        raise _MalformedError(f"{finish} beside other calls: it must stand alone")
    arguments = _arguments(call)
    given: Json = arguments.get("final_answer")
    said = given if isinstance(given, str) and given.strip() else answer.content
    thought = "\n".join(part for part in (answer.reasoning, answer.content) if part and part != said)
    match arguments.get("return_type"):
        case "give_up_and_restart":
            return Step(kind="give_up", reasoning=clean(thought), text=clean(said))
        case str() as returned if returned in ENDINGS:
            if not said.strip():
                raise _MalformedError(f"{finish} without a final_answer")
            return Step(kind=ENDINGS[returned], reasoning=clean(thought), text=clean(said))
        case other:
            raise _MalformedError(f"{finish} with the unknown return_type {other!r}")


def _arguments(call: RawCall) -> JsonObject:
    """Return a call's arguments as a JSON object that can be written again."""
    given = call.arguments
    try:
        value: Json = orjson.loads(given if isinstance(given, str) else orjson.dumps(given))
    except (ValueError, TypeError) as error:
        raise _MalformedError(f"the arguments of {call.name!r} are not JSON: {error}") from error
    if not is_object(value):
        raise _MalformedError(f"the arguments of {call.name!r} are no JSON object")
    return value


def _whole(answer: ChatAnswer) -> str:
    """Return all an answer holds but its reasoning, as text."""
    calls = (f"{call.name}({call.arguments})" for call in answer.calls)
    return "\n".join(part for part in (answer.content, *calls) if part)


def clean(text: str) -> str:
    """Return a text that can be written: lone surrogates, which no encoding knows, become question marks."""
    return text.encode("utf-8", "replace").decode()
