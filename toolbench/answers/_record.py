"""Others' records of an agent's work as answers that a judge can be shown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from toolbench.errors import AnswerFileError
from toolbench.judging.answer import ARGUMENTS, Answer, Line, compact
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.shown import LIMIT, shortened

FINISH = "Finish"
"""Name of the function that ends the work there."""

GIVEN_UP = "give_up_and_restart"

_NAME = re.compile(r"""['"]name['"]:\s*['"]([^'"]*)['"]""")


@dataclass(frozen=True, slots=True)
class Named:
    """An answer, and what it is counted with."""

    id: str
    category: str
    answer: Answer


def answer(identity: str, query: Json, tools: Json, lines: Sequence[Line], final: Json) -> Answer:
    """Return an answer as a judge is shown it.

    Args:
        identity: id of the question.
        query: what was asked.
        tools: the functions that were offered.
        lines: what was said and done; the call of `Finish` that ends it is none of it.
        final: the final answer as the source has it: a text, or the arguments of `Finish`.

    Raises:
        AnswerFileError: the query or the tools are missing.
    """
    if is_array(query):
        query = " ".join(str(part) for part in query)
    if not isinstance(query, str) or not query.strip():
        raise AnswerFileError("the row has no `query`")
    offered = tuple(
        {name: one.get(name) for name in ("name", "description", "parameters")}
        for one in (tools if is_array(tools) else ())
        if is_object(one) and one.get("name") != FINISH
    )
    ended = bool(lines) and lines[-1].name == FINISH
    said = final_text(final)
    told = [line for line in lines if line.name != FINISH]
    if said:
        told.append(Line("assistant", said))
    return Answer(identity, query.strip(), offered, tuple(told), said, finished=ended)


def final_text(final: Json) -> str:
    """Return the words of a final answer; empty where it gives up, or says nothing."""
    content: Json = _parsed(final) if isinstance(final, str) else final
    if is_object(content):
        if content.get("return_type") == GIVEN_UP:
            return ""
        content = content.get("final_answer", "")
    text = content if isinstance(content, str) else compact(content)
    return "" if GIVEN_UP in text or content is None else text.strip()


def call_line(name: Json, arguments: Json, response: Json) -> Line:
    """Return a call and its result."""
    sent: Json = _parsed(arguments) if isinstance(arguments, str) else arguments
    told: Json = _parsed(response) if isinstance(response, str) else response
    shown = shortened(told, limit=LIMIT)
    text = shown if isinstance(shown, str) else compact(shown)
    return Line("tool", text, str(name), compact(shortened(sent, limit=ARGUMENTS)))


def cut_line(message: str) -> Line:
    """Return a call as ToolEval's own converter writes it: the start of a program's text, often cut in the middle."""
    found = _NAME.search(message)
    return Line("tool", message, found[1] if found else "")


def branch(steps: Iterable[JsonObject], inner: str) -> Iterator[JsonObject]:
    """Yield the steps of a nested record along the way that went furthest on: the last of several at each place.

    Args:
        steps: the steps at one place.
        inner: name of the field that holds what follows a step.
    """
    at = list(steps)
    while at:
        step = at[-1]
        yield step
        following: Json = step.get(inner)
        at = [one for one in (following if is_array(following) else ()) if is_object(one)]


def _parsed(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
