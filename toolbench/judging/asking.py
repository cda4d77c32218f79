"""Asking a judge one question: the reason first, then one of a few words. What cannot be read is no opinion."""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from toolbench.errors import EndpointError, UnreachableError
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject, is_object

Trouble = Literal["unparseable", "refused", "no_answer", "timed_out"]
"""Why there is no opinion: the answer holds none or several; the model would not answer; the endpoint gave nothing
usable; it took too long."""

TEMPERATURE = 0.2
"""Some, so that votes may differ."""

LONGEST = 400
"""Characters of a reason that are kept."""

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge said."""

    word: str
    """One of the words it could choose from."""
    reason: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a judge has no opinion. It counts apart, never as a zero."""

    kind: Trouble
    reason: str


class Judge:
    """A chat model that is asked for opinions.

    Args:
        model: the model.
        patience: seconds to wait for an answer; None for as long as the endpoint's client does.
    """

    def __init__(self, model: ChatModel, *, patience: float | None = None) -> None:
        self._model, self._patience = model, patience

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def ask(self, prompt: str, words: Sequence[str], sample: int) -> Opinion | Silence:
        """Return the opinion of a judge that was asked for one of some words.

        Args:
            prompt: the question.
            words: the words it may choose from.
            sample: which of several equal questions.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us: nothing would come of asking on.
        """
        chat = Chat([{"role": "user", "content": prompt}])
        request = ChatRequest(chat=chat, temperature=TEMPERATURE, sample=sample)
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._model.chat(request)
        except UnreachableError:
            raise
        except TimeoutError:
            return Silence("timed_out", f"no answer within {self._patience:g} seconds")
        except EndpointError as error:
            return Silence("no_answer", _short(str(error)))
        if answer.finish_reason == "content_filter" or not answer.content.strip():
            return Silence("refused", "the model would not answer")
        return read_opinion(answer.content, words)


def read_opinion(text: str, words: Sequence[str]) -> Opinion | Silence:
    """Return the opinion that a text holds: a JSON object with a `reason` and a `verdict`, which is one of some words.

    Thoughts in front of it, fences and words around it do not matter. Several that differ are none.
    """
    known = {word.casefold(): word for word in words}
    found = [one for one in _objects(_THOUGHT.sub("", text)) if "verdict" in one]
    verdicts = {known.get(str(one["verdict"]).strip().casefold()) for one in found}
    if not found or None in verdicts:
        return Silence("unparseable", f"no verdict in {_short(text)!r}")
    if len(verdicts) > 1:
        return Silence("unparseable", f"several verdicts in {_short(text)!r}")
    reason = found[-1].get("reason")
    if not isinstance(reason, str) or not reason.strip():
        return Silence("unparseable", f"a verdict without a reason in {_short(text)!r}")
    return Opinion(str(verdicts.pop()), _short(reason))


def _objects(text: str) -> Iterator[JsonObject]:
    """Yield the JSON objects that stand in a text, outermost only."""
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if is_object(value):
                yield value
        at = text.find("{", end)


def _short(text: str) -> str:
    bare = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    return bare if len(bare) <= LONGEST else f"{bare[: LONGEST - 1]}…"
