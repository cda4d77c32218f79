"""Asks a language model for the user's words, and holds them against what is to be said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from toolbench.errors import EndpointError, UnreachableError
from toolbench.model import Chat, ChatAnswer, ChatModel, ChatRequest, Json, JsonObject, digest, is_object
from toolbench.model.calendar import spelled
from toolbench.model.wording import say
from toolbench.prompts import Prompts
from toolbench.user.rules import Brief, problems

PROMPTS = Prompts("toolbench.user")

ATTEMPTS = 3
"""Times a model is asked for one turn's words; from the second on it is told what was wrong."""

_LONGEST_ANSWER = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """What was said in a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """What a model made of the scripted words."""

    text: str
    """Its words; empty where none would do."""
    problem: str = ""
    """What was wrong with the last ones where none would do."""


class Rewording:
    """Puts scripted words into a model's own.

    What it writes must pass the rules (`user.rules`), and then the model itself must find, shown both texts, that they
    ask for the same.

    Args:
        model: the model.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    async def reword(self, of: Brief, persona: str, before: Sequence[Line], seed: int) -> Reworded:
        """Return what a persona says in place of the script.

        Args:
            of: what is to be said.
            persona: who says it.
            before: the conversation so far.
            seed: passed on to the endpoint.

        Raises:
            UnreachableError: the endpoint cannot be reached at all.
        """
        system = PROMPTS.render("system", persona=persona, today=spelled(of.today) if of.today else "")
        told = PROMPTS.render("brief", brief=of, wanted=[say(value) for value in of.wanted], before=before)
        chat: list[JsonObject] = [
            {"role": "system", "content": system},
            {"role": "user", "content": told},
        ]
        found = ["no usable answer came"]
        for _ in range(ATTEMPTS):
            answer = await self._ask(chat, seed)
            if answer is None:
                break
            text = _bare(answer.content)
            found = problems(text, of) or await self._differences(text, of, before, seed)
            if not found:
                return Reworded(text)
            again = PROMPTS.render("again", problems=found)
            chat += [{"role": "assistant", "content": text or "(nothing)"}, {"role": "user", "content": again}]
        return Reworded("", found[0])

    async def _differences(self, text: str, of: Brief, before: Sequence[Line], seed: int) -> list[str]:
        """Return what the model finds that the two texts do not share; nothing where they ask for the same."""
        told = PROMPTS.render("compare", brief=of, text=text, before=before)
        answer = await self._ask([{"role": "user", "content": told}], seed)
        verdict = _verdict(answer.content) if answer else None
        if verdict is None:
            return ["it could not be compared with the given words"]
        same, difference = verdict
        return [] if same else [f"it does not ask for the same: {difference or 'say no more and no less'}"]

    async def _ask(self, chat: Sequence[JsonObject], seed: int) -> ChatAnswer | None:
        try:
            return await self.model.chat(ChatRequest(chat=Chat(chat), seed=seed))
        except UnreachableError:
            raise
        except EndpointError:
            return None


def seed_for(*address: Json) -> int:
    """Return a seed for a request, from what it is about."""
    return int(digest(list(address))[:7], 16)


def _bare(content: str) -> str:
    """Return what was said without quotation marks around it."""
    text = content[:_LONGEST_ANSWER].encode("utf-8", "replace").decode().strip()
    quoted = len(text) > 1 and text[0] == text[-1] == '"' and text.count('"') == 2
    return text[1:-1].strip() if quoted else text


def _verdict(content: str) -> tuple[bool, str] | None:
    start, end = content.find("{"), content.rfind("}")
    try:
        value: Json = orjson.loads(content[start : end + 1])
    except ValueError:
        return None
    if not is_object(value) or not isinstance(same := value.get("same"), bool):
        return None
    return same, str(value.get("difference") or "")[:300]
